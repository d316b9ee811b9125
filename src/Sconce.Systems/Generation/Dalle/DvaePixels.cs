using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// Pixels away from 0 and 1, where the logistic function's inverse is finite. 2102.12092 appendix A.3; openai/DALL-E@5be4b23 utils.py.
/// </summary>
public static class DvaePixels
{
    /// <summary>The margin at both ends.</summary>
    public const double Margin = 0.1;

    /// <summary><c>[0, 1] -> [Margin, 1 − Margin]</c></summary>
    public static Tensor Map(Tensor pixels, double margin = Margin)
    {
        using var scope = new TensorScope();
        return scope.Keep((pixels * (1 - (2 * margin))) + margin);
    }

    /// <summary>The inverse, cut to [0, 1].</summary>
    public static Tensor Unmap(Tensor pixels, double margin = Margin)
    {
        using var scope = new TensorScope();
        return scope.Keep(((pixels - margin) / (1 - (2 * margin))).Clamp(0, 1));
    }

    /// <summary>The picture that a decoder's means stand for: <c>(N, 2·C, H, W) -> (N, C, H, W) in [0, 1]</c>.</summary>
    public static Tensor Picture(Tensor statistics)
    {
        using var scope = new TensorScope();
        return scope.Keep(Unmap(statistics.Chunk(2, 1)[0].Sigmoid()));
    }
}
