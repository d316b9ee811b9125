using Sconce.Imaging;

namespace Sconce.Training;

/// <summary>A batch as a person looks at it before a long run.</summary>
/// <param name="Picture">What the networks see.</param>
/// <param name="Name">What it shows: <c>a batch and its mattes</c>.</param>
/// <param name="Question">What to look for, behind the picture's place: <c>look whether each matte fits its picture</c>.</param>
public sealed record BatchView(
    Image Picture, string Name = "a batch as the network sees it", string Question = "is it what you meant?");
