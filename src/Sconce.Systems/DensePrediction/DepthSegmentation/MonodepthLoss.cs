using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>A frame beside the one whose depth is told.</summary>
/// <param name="Picture"><c>(N, 3, H, W)</c> in [0, 1].</param>
/// <param name="Motion">From the told frame's points to this one's, <c>(N, 4, 4)</c>.</param>
public sealed record NeighbourFrame(Tensor Picture, Tensor Motion);

/// <summary>What the loss is, and what it was made of.</summary>
/// <param name="Loss">The mean of all scales, <c>()</c>.</param>
/// <param name="Scales">The loss of each scale, <c>()</c>.</param>
/// <param name="Depths">By scale, of full size, <c>(N, 1, H, W)</c>.</param>
/// <param name="Warps">By scale, then by neighbour: the told frame made of the neighbour's pixels.</param>
/// <param name="Selections">By scale <c>(N, H, W)</c>, 1 where a warp wins over standing still; empty without the auto-mask.</param>
public sealed record MonodepthLosses(
    Tensor Loss, IReadOnlyList<Tensor> Scales, IReadOnlyList<Tensor> Depths, IReadOnlyList<IReadOnlyList<Tensor>> Warps,
    IReadOnlyList<Tensor> Selections) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Loss, .. Scales, .. Depths, .. Warps.SelectMany(warps => warps), .. Selections];
}

/// <summary>
/// Depth without labels: a frame is made of its neighbours' pixels through depth and camera motion, and has to look like itself. 1806.01260
/// §3.2-3.3; lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 loss/monodepth_loss.py.
/// </summary>
public sealed class MonodepthLoss
{
    /// <summary>The depth of disparity 1.</summary>
    public double MinDepth { get; init; } = 0.1;

    /// <summary>The depth of disparity 0.</summary>
    public double MaxDepth { get; init; } = 100;

    /// <summary>Weight of the disparity's unevenness.</summary>
    public double Smoothness { get; init; } = 1e-3;

    /// <summary>Whether pixels do not count that look most alike where the camera stands still.</summary>
    public bool HasAutoMask { get; init; } = true;

    /// <summary>Whether neighbours are averaged, where otherwise the better one counts.</summary>
    public bool IsAveraged { get; init; }

    /// <summary>Whether structure is compared beside colours.</summary>
    public bool HasStructure { get; init; } = true;

    /// <summary>The deviation of the noise that breaks ties of the auto-mask.</summary>
    public double TieNoise { get; init; } = 1e-5;

    /// <summary>A network's answer in (0, 1) as disparity and depth: <c>(…) -> (…), (…)</c>.</summary>
    /// <param name="disparity">In (0, 1).</param>
    /// <param name="minDepth">The depth of disparity 1.</param>
    /// <param name="maxDepth">The depth of disparity 0.</param>
    public static (Tensor Disparity, Tensor Depth) ToDepth(Tensor disparity, double minDepth = 0.1, double maxDepth = 100)
    {
        using var scope = new TensorScope();
        var scaled = (disparity * ((1 / minDepth) - (1 / maxDepth))) + (1 / maxDepth);
        return scope.Keep((scaled, scaled.Reciprocal()));
    }

    /// <summary>The loss of a batch.</summary>
    /// <param name="disparities">By scale, <c>(N, 1, H/2ˢ, W/2ˢ)</c> in (0, 1).</param>
    /// <param name="pictures">The told frame by scale, <c>(N, 3, H/2ˢ, W/2ˢ)</c> in [0, 1].</param>
    /// <param name="neighbours">The frames beside it.</param>
    /// <param name="intrinsics">Of the camera, <c>(N, 4, 4)</c> in pixels of full size.</param>
    /// <param name="inverse">Its inverse.</param>
    /// <exception cref="ArgumentException">Fewer pictures than disparities, or no neighbours.</exception>
    public MonodepthLosses Compute(
        IReadOnlyList<Tensor> disparities, IReadOnlyList<Tensor> pictures, IReadOnlyList<NeighbourFrame> neighbours, Tensor intrinsics,
        Tensor inverse)
    {
        if (disparities.Count == 0 || pictures.Count < disparities.Count || neighbours.Count == 0)
        {
            throw new ArgumentException(
                $"monodepth loss: {disparities.Count} scales of disparity, {pictures.Count} of pictures, {neighbours.Count} neighbours: "
                + "there is a picture a scale, and a neighbour at least");
        }

        using var scope = new TensorScope();
        var target = pictures[0];
        List<Tensor> losses = [], depths = [], selections = [];
        var warps = new List<IReadOnlyList<Tensor>>();
        for (int scale = 0; scale < disparities.Count; scale++)
        {
            var whole = Functional.Interpolate(disparities[scale], [target.Size(2), target.Size(3)], Interpolation.Bilinear);
            var depth = ToDepth(whole, MinDepth, MaxDepth).Depth;
            Tensor[] made = [.. neighbours.Select(frame => Reprojection.Warp(frame.Picture, depth, frame.Motion, intrinsics, inverse))];
            var errors = Errors(made, target);
            var (least, selection) = Least(errors, HasAutoMask ? Errors([.. neighbours.Select(frame => frame.Picture)], target) : null);
            if (selection is not null) selections.Add(selection);
            var unevenness = PhotometricError.Unevenness(PhotometricError.Normalized(disparities[scale]), pictures[scale]);
            losses.Add(least.Mean() + (unevenness * (Smoothness / Math.Pow(2, scale))));
            depths.Add(depth);
            warps.Add(made);
        }

        return scope.Keep(new MonodepthLosses(Tensor.Stack([.. losses]).Mean(), losses, depths, warps, selections));
    }

    /// <summary>One error a neighbour, or their mean: <c>(N, frames or 1, H, W)</c>.</summary>
    private Tensor Errors(IReadOnlyList<Tensor> pictures, Tensor target)
    {
        var errors = Tensor.Cat([.. pictures.Select(picture => PhotometricError.Compute(picture, target, HasStructure))], 1);
        return IsAveraged ? errors.Mean([1], keepdim: true) : errors;
    }

    /// <summary>The least of the errors, standing still among them, and where a warp has it.</summary>
    private (Tensor Least, Tensor? Selection) Least(Tensor warped, Tensor? still)
    {
        if (still is null) return (warped.Min(1).Values, null);
        if (TieNoise > 0) still = still + (still.RandnLike() * TieNoise);
        var (least, place) = Tensor.Cat([still, warped], 1).Min(1);
        return (least, (place > still.Size(1) - 1).To(warped.DType));
    }
}

/// <summary>Pixels followed through depth and motion into another frame. 1806.01260 eq. 1.</summary>
public static class Reprojection
{
    /// <summary>The frame at hand, made of another frame's pixels: <c>(N, C, H, W)</c>.</summary>
    /// <param name="picture">The other frame, <c>(N, C, H, W)</c>.</param>
    /// <param name="depth">Of the frame at hand, <c>(N, 1, H, W)</c>.</param>
    /// <param name="motion">From its points to the other's, <c>(N, 4, 4)</c>.</param>
    /// <param name="intrinsics">Of the camera, <c>(N, 4, 4)</c> in pixels.</param>
    /// <param name="inverse">Its inverse.</param>
    public static Tensor Warp(Tensor picture, Tensor depth, Tensor motion, Tensor intrinsics, Tensor inverse)
    {
        using var scope = new TensorScope();
        long count = depth.Size(0), height = depth.Size(2), width = depth.Size(3);
        var points = inverse.Narrow(1, 0, 3).Narrow(2, 0, 3).Matmul(Pixels(depth)) * depth.Reshape([count, 1, -1]);
        points = Tensor.Cat([points, points.Narrow(1, 0, 1).OnesLike()], 1); // (N, 4, H·W)
        var seen = intrinsics.Matmul(motion).Narrow(1, 0, 3).Matmul(points);
        var places = seen.Narrow(1, 0, 2) / (seen.Narrow(1, 2, 1) + 1e-7);
        var sides = Tensor.From([width - 1f, height - 1f], [1, 2, 1]).To(depth.Device, depth.DType);
        var grid = (((places / sides) - 0.5) * 2).Reshape([count, 2, height, width]).Permute([0, 2, 3, 1]);
        return scope.Keep(Functional.GridSampler(picture, grid, 0, 1, true)); // bilinear, edges repeated
    }

    /// <summary>Homogeneous places of all pixels, x first: <c>(1, 3, H·W)</c>.</summary>
    private static Tensor Pixels(Tensor depth)
    {
        long height = depth.Size(2), width = depth.Size(3);
        Tensor x = Tensor.Arange(width).Expand([height, width]), y = Tensor.Arange(height).Unsqueeze(1).Expand([height, width]);
        return Tensor.Stack([x, y, x.OnesLike()]).Reshape([1, 3, -1]).To(depth.Device, depth.DType);
    }
}
