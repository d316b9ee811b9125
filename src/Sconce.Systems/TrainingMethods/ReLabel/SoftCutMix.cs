using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>A box of CutMix along the pictures' two spatial dimensions; ends are just outside. 1905.04899;
/// naver-ai/relabel_imagenet@3d4824f utils/data_augment.py <c>rand_bbox</c>.</summary>
/// <param name="FirstStart">In the rows.</param>
/// <param name="SecondStart">In the columns.</param>
/// <param name="FirstEnd">In the rows.</param>
/// <param name="SecondEnd">In the columns.</param>
/// <param name="Kept">The share of the picture that is left outside the box.</param>
public sealed record CutMixBox(int FirstStart, int SecondStart, int FirstEnd, int SecondEnd, double Kept)
{
    /// <summary>The box of a draw: sides √(1 - λ) of the picture's, cut to whole pixels, about a centre, clipped.</summary>
    /// <param name="rows">Of the pictures.</param>
    /// <param name="columns">Of the pictures.</param>
    /// <param name="lambda">λ, in [0, 1]: what should be kept.</param>
    /// <param name="centreRow">0 to rows - 1.</param>
    /// <param name="centreColumn">0 to columns - 1.</param>
    public static CutMixBox Of(int rows, int columns, double lambda, int centreRow, int centreColumn)
    {
        if (rows < 1 || columns < 1 || !(lambda is >= 0 and <= 1))
            throw new ArgumentException($"CutMix: no box for {rows} x {columns} pixels and λ = {lambda}, which lies in [0, 1]");
        double side = Math.Sqrt(1 - lambda);
        int height = (int)(rows * side), width = (int)(columns * side);
        int top = Math.Clamp(centreRow - height / 2, 0, rows), bottom = Math.Clamp(centreRow + height / 2, 0, rows);
        int left = Math.Clamp(centreColumn - width / 2, 0, columns), right = Math.Clamp(centreColumn + width / 2, 0, columns);
        return new CutMixBox(top, left, bottom, right, 1 - (double)(bottom - top) * (right - left) / ((double)rows * columns));
    }
}

/// <summary>CutMix of pictures that have soft labels. In training from files, <see cref="Data.Augmentations.CutMix"/> does the same in the
/// loader.</summary>
public static class SoftCutMix
{
    /// <summary>Pastes the partners' boxes in and mixes the labels by area, each smoothed first. <c>(N, C, H, W), (N, K) -></c> the same,
    /// new</summary>
    /// <param name="images">Pictures.</param>
    /// <param name="targets">Soft labels.</param>
    /// <param name="partners">Of each picture: a permutation, <c>(N)</c>.</param>
    /// <param name="box">Where.</param>
    /// <param name="smoothing">The share of each label that is spread over all classes.</param>
    public static (Tensor Images, Tensor Targets) Apply(Tensor images, Tensor targets, Tensor partners, CutMixBox box, double smoothing = 0)
    {
        if (images.Dimensions != 4 || targets.Dimensions != 2 || images.Size(0) != targets.Size(0) || partners.Dimensions != 1
            || partners.Size(0) != images.Size(0))
        {
            throw new ArgumentException($"CutMix: pictures [{string.Join(", ", images.Shape.ToArray())}], labels "
                + $"[{string.Join(", ", targets.Shape.ToArray())}] and partners [{string.Join(", ", partners.Shape.ToArray())}] must be "
                + $"(N, C, H, W), (N, K) and (N)");
        }

        using var scope = new TensorScope();
        var mixed = images.Clone();
        int rows = box.FirstEnd - box.FirstStart, columns = box.SecondEnd - box.SecondStart;
        if (rows > 0 && columns > 0) mixed.Narrow(2, box.FirstStart, rows).Narrow(3, box.SecondStart, columns)
            .CopyInPlace(images[partners].Narrow(2, box.FirstStart, rows).Narrow(3, box.SecondStart, columns));
        var smooth = Smooth(targets, smoothing);
        return scope.Keep((mixed, smooth * box.Kept + smooth[partners] * (1 - box.Kept)));
    }

    /// <summary>(1 - s) target + s / K. <c>(N, K) -> (N, K)</c></summary>
    public static Tensor Smooth(Tensor targets, double smoothing)
    {
        using var scope = new TensorScope();
        return scope.Keep(targets * (1 - smoothing) + smoothing / targets.Size(-1));
    }
}
