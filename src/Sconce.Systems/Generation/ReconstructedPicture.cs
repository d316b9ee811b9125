using Sconce.Abilities;

namespace Sconce.Systems.Generation;

/// <summary>A picture as its codes keep it.</summary>
/// <param name="Picture">From -1 to 1 as the decoder gives it, cut off.</param>
/// <param name="Codes">How many codes it is.</param>
/// <param name="Distinct">How many different ones.</param>
/// <param name="Difference">The mean absolute difference from what went in, or the share of wrong labels, in [0, 1].</param>
public sealed record ReconstructedPicture(MadePicture Picture, int Codes, int Distinct, double Difference) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
    [
        ("", Picture),
        ("codes", new Rows(["codes", "different ones", "mean difference"], [[(long)Codes, (long)Distinct, Difference]])),
    ];
}
