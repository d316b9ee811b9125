using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>A crop's labels: the map pooled over its box, then the softmax; 2101.05022 §3.2, naver-ai/relabel_imagenet@3d4824f
/// utils/relabel_functions.py <c>get_relabel</c>.</summary>
public static class LabelPooling
{
    /// <summary>Soft labels of crops; no gradient. <c>(N, C, S, S), (N, 4) -> (N, C)</c>, each row of sum 1</summary>
    /// <param name="maps">Logits, rows from top to bottom.</param>
    /// <param name="boxes">Left, top, right, bottom as shares of the picture, in [0, 1].</param>
    /// <exception cref="ArgumentException">Maps are not square, or there is not a box a map.</exception>
    public static Tensor Pool(Tensor maps, Tensor boxes)
    {
        using var scope = new TensorScope();
        return scope.Keep(Regions(maps, boxes).Reshape([maps.Size(0), maps.Size(1)]).Softmax(1));
    }

    /// <summary>The logits that the softmax sees. <c>(N, C, S, S), (N, 4) -> (N, C, 1, 1)</c></summary>
    /// <remarks>Coordinates are scaled by the map's width and moved by half a cell, and RoIAlign is not told to move them again: the
    /// authors' choice (their issue 13).</remarks>
    public static Tensor Regions(Tensor maps, Tensor boxes)
    {
        if (maps.Dimensions != 4 || maps.Size(2) != maps.Size(3) || boxes.Dimensions != 2 || boxes.Size(0) != maps.Size(0)
            || boxes.Size(1) != 4)
        {
            throw new ArgumentException($"ReLabel: maps [{string.Join(", ", maps.Shape.ToArray())}] and boxes "
                + $"[{string.Join(", ", boxes.Shape.ToArray())}] must be (N, C, S, S) and (N, 4): left, top, right, bottom of each crop");
        }

        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var cells = boxes.To(maps.Device).Float() * maps.Size(3) - 0.5;
        var numbers = Tensor.Arange(maps.Size(0), dtype: DType.Float32, device: maps.Device).Unsqueeze(1);
        return scope.Keep(RoiAlign.Pool(maps.Detach(), Tensor.Cat([numbers, cells], 1), 1, 1));
    }

    /// <summary>A crop's box as shares of its picture: left, top, right, bottom.</summary>
    public static float[] Shares(PixelBox crop, int width, int height) =>
        [(float)crop.Left / width, (float)crop.Top / height, (float)crop.Right / width, (float)crop.Bottom / height];
}

/// <summary>Cross-entropy with soft labels; naver-ai/relabel_imagenet@3d4824f utils/loss.py.</summary>
public static class SoftTargetCrossEntropy
{
    /// <summary>The mean of -Σ target · log softmax(logits) over the last dimension. <c>(…, C), (…, C) -> ()</c></summary>
    public static Tensor Compute(Tensor logits, Tensor target)
    {
        if (!logits.Shape.SequenceEqual(target.Shape))
            throw new ArgumentException($"soft cross-entropy: logits [{string.Join(", ", logits.Shape.ToArray())}] and targets "
                + $"[{string.Join(", ", target.Shape.ToArray())}] must have one shape");
        using var scope = new TensorScope();
        return scope.Keep(-(target * logits.LogSoftmax(-1)).Sum([-1]).Mean());
    }
}
