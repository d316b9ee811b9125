using Sconce.Imaging;

namespace Sconce.Abilities;

/// <summary>Takes pictures, <c>(N, 3, H, W)</c>, and says how they are prepared.</summary>
/// <param name="Preprocessing">How a picture becomes its input.</param>
public record TakesPictures(ImagePreprocessing Preprocessing) : Capability;

/// <summary>Classifies pictures: <c>(N, 3, H, W) -> (N, Classes)</c> logits.</summary>
/// <param name="Classes">Of its official weights.</param>
/// <param name="Head">The key of the layer that gives the logits; empty where it cannot be replaced.</param>
/// <param name="Preprocessing">How a picture becomes its input.</param>
public sealed record ImageClassifier(int Classes, string Head, ImagePreprocessing Preprocessing)
    : TakesPictures(Preprocessing), IHasClasses;

/// <summary>Gives features of pictures: <c>(N, 3, H, W) -> (N, width)</c>.</summary>
/// <param name="Preprocessing">How a picture becomes its input.</param>
public sealed record ImageEncoder(ImagePreprocessing Preprocessing) : TakesPictures(Preprocessing);
