using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>
/// A proposal network's maps as one row an anchor, in the order of <see cref="AnchorGrid"/>: cell by cell, then anchor by anchor.
/// </summary>
public static class AnchorRows
{
    /// <summary>One picture's: <c>(N, A·numbers, h, w) -> (h·w·A, numbers)</c>.</summary>
    /// <param name="map">Anchors outer, numbers inner.</param>
    /// <param name="numbers">That an anchor has: 1 for objectness, 4 for a box.</param>
    /// <param name="picture">Its place in the batch.</param>
    public static Tensor Of(Tensor map, int numbers, int picture) => map[picture].Permute([1, 2, 0]).Reshape([-1, numbers]);
}
