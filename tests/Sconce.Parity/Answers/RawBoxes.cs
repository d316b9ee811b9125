using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>The detectors' cases make boxes from raw numbers in [-1, 1) by one rule, which their notes state.</summary>
internal static class RawBoxes
{
    /// <summary>Corners in pixels: <c>(N, 4) -> (N, 4)</c>, on the tape.</summary>
    /// <param name="raw">Centre and size.</param>
    /// <param name="image">Height and width.</param>
    /// <param name="least">The least side, as a share of the picture.</param>
    /// <param name="span">What is added to it at most.</param>
    internal static Tensor Of(Tensor raw, int[] image, double least = 0.08, double span = 0.42)
    {
        var centre = (raw[.., ..2] * 0.3) + 0.5;
        var half = (((raw[.., 2..] * 0.5) + 0.5) * span + least) * 0.5;
        var corners = Tensor.Cat([centre - half, centre + half], 1).Clamp(0, 1);
        return corners * Tensor.From([(float)image[1], image[0], image[1], image[0]]).To(raw.DType);
    }
}
