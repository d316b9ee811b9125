using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>
/// Boxes as shifts and scalings of reference boxes (anchors, proposals): shifts of the centre as shares of the reference's size, sizes as
/// logarithms of ratios, each times a weight. 1506.01497 equation 2; torchvision 0.14.1 <c>detection/_utils.py BoxCoder</c>.
/// </summary>
/// <param name="X">Weight of the shift to the right.</param>
/// <param name="Y">Weight of the shift down.</param>
/// <param name="Width">Weight of the width's logarithm.</param>
/// <param name="Height">Weight of the height's logarithm.</param>
public sealed record BoxCoder(double X, double Y, double Width, double Height)
{
    /// <summary>Weights of 1, as region proposal networks have them.</summary>
    public static BoxCoder Proposals { get; } = new(1, 1, 1, 1);

    /// <summary>The weights (10, 10, 5, 5) of second stages.</summary>
    public static BoxCoder Regions { get; } = new(10, 10, 5, 5);

    /// <summary>The largest logarithm of a size's ratio that is decoded, so that no size overflows.</summary>
    public double Clip { get; init; } = Math.Log(1000.0 / 16);

    /// <summary>What makes the references into the boxes; corners, <c>(…, 4), (…, 4) -> (…, 4)</c>, on the tape.</summary>
    public Tensor Encode(Tensor boxes, Tensor references)
    {
        using var scope = new TensorScope();
        Tensor from = Boxes.ToCentres(references), to = Boxes.ToCentres(boxes);
        var size = from[TensorIndex.Ellipsis, 2..];
        var shift = (to[TensorIndex.Ellipsis, ..2] - from[TensorIndex.Ellipsis, ..2]) / size;
        var scaling = (to[TensorIndex.Ellipsis, 2..] / size).Log();
        return scope.Keep(Tensor.Cat([shift, scaling], -1) * Weights(boxes));
    }

    /// <summary>The boxes that deltas make of the references; corners, on the tape.</summary>
    /// <param name="deltas"><c>(R, 4·K)</c>: K boxes of each reference side by side.</param>
    /// <param name="references"><c>(R, 4)</c></param>
    /// <returns><c>(R, 4·K)</c></returns>
    /// <exception cref="TorchException">Other shapes.</exception>
    public Tensor Decode(Tensor deltas, Tensor references)
    {
        if (deltas.Dimensions != 2 || deltas.Size(1) % 4 != 0 || deltas.Size(0) != references.Size(0))
        {
            throw new TorchException(
                $"box deltas [{string.Join(", ", deltas.Shape.ToArray())}] for {references.Size(0)} boxes: (R, 4·K) is expected");
        }

        using var scope = new TensorScope();
        var steps = deltas.Unflatten(1, [-1, 4]) / Weights(deltas); // (R, K, 4)
        var from = Boxes.ToCentres(references).Unsqueeze(1); // (R, 1, 4)
        Tensor size = from[TensorIndex.Ellipsis, 2..], middle = from[TensorIndex.Ellipsis, ..2];
        var centre = middle + (steps[TensorIndex.Ellipsis, ..2] * size);
        var extent = size * steps[TensorIndex.Ellipsis, 2..].ClampMax(Clip).Exp();
        return scope.Keep(Boxes.ToCorners(Tensor.Cat([centre, extent], -1)).Flatten(1));
    }

    private Tensor Weights(Tensor like) => Tensor.From([X, Y, Width, Height]).To(like.Device, like.DType);
}
