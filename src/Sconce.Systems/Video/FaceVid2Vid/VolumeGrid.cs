using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>Keypoints in space, x, y and z from -1 to 1.</summary>
/// <param name="Value"><c>(N, K, 3)</c></param>
/// <param name="Jacobian">How the face is turned about each, <c>(N, K, 3, 3)</c>; null where that is not estimated.</param>
public sealed record Keypoints(Tensor Value, Tensor? Jacobian = null) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Jacobian is null ? [Value] : [Value, Jacobian];
}

/// <summary>
/// Places in a volume or map. The outermost cells lie at -1 and 1, while sampling takes the outermost edges for that: the released code
/// mixes both, and weights have learned it.
/// </summary>
internal static class VolumeGrid
{
    /// <summary><c>(D, H, W, 3)</c>, x first.</summary>
    internal static Tensor Of(long depth, long height, long width, Tensor like)
    {
        long[] shape = [depth, height, width];
        Tensor x = Line(width, like).Expand(shape), y = Line(height, like).Unsqueeze(1).Expand(shape);
        return Tensor.Stack([x, y, Line(depth, like).Unsqueeze(1).Unsqueeze(2).Expand(shape)], 3);
    }

    /// <summary><c>(H, W, 2)</c>, x first.</summary>
    internal static Tensor Flat(long height, long width, Tensor like) => Tensor.Stack(
        [Line(width, like).Expand([height, width]), Line(height, like).Unsqueeze(1).Expand([height, width])], 2);

    /// <summary>A volume sampled at places, zeros beyond it: <c>(N, C, D, H, W), (N, d, h, w, 3) -> (N, C, d, h, w)</c>.</summary>
    internal static Tensor Sample(Tensor volume, Tensor places) => Functional.GridSampler(volume, places, 0, 0, false);

    private static Tensor Line(long count, Tensor like) =>
        (Tensor.Arange(count).To(like.Device, like.DType) * (2.0 / Math.Max(1, count - 1))) - 1;
}
