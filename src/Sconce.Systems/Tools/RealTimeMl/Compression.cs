using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>Ways to a smaller model: fewer bits, fewer weights, lower rank, a teacher.</summary>
public static class Compression
{
    private const double Steps = 127;

    /// <summary>Whole numbers in ±127, and what one of them is worth. Halves go to the even neighbour.</summary>
    /// <param name="weights">Of any shape.</param>
    /// <param name="perRow">A scale for each row of the first dimension; else one for all.</param>
    public static (Tensor Levels, Tensor Scale) Int8(Tensor weights, bool perRow = false)
    {
        using var scope = new TensorScope();
        long[] others = [.. Enumerable.Range(1, weights.Dimensions - 1).Select(k => (long)k)];
        var largest = perRow ? weights.Abs().Amax(others, keepdim: true) : weights.Abs().Max();
        var scale = (largest / Steps).ClampMin(1e-30); // all zeros stay zeros
        return scope.Keep(((weights / scale).Round().Clamp(-Steps, Steps), scale));
    }

    /// <summary>The weights that those levels stand for.</summary>
    public static Tensor Int8Rounded(Tensor weights, bool perRow = false)
    {
        using var scope = new TensorScope();
        var (levels, scale) = Int8(weights, perRow);
        return scope.Keep(levels * scale);
    }

    /// <summary>What weights become as whole numbers in [0, 255] with a scale and a zero of their own; 0 stays exactly 0.</summary>
    public static Tensor UInt8Rounded(Tensor weights)
    {
        using var scope = new TensorScope();
        Tensor least = weights.Min().ClampMax(0), most = weights.Max().ClampMin(0);
        var scale = ((most - least) / 255).ClampMin(1e-30);
        var zero = (-least / scale).Round();
        return scope.Keep((((weights / scale).Round() + zero).Clamp(0, 255) - zero) * scale);
    }

    /// <summary>
    /// A layer whose weights are whole numbers with a scale for each output. <c>(N, inputs), (outputs, inputs) -> (N, outputs)</c>
    /// </summary>
    public static Tensor Int8Linear(Tensor inputs, Tensor weights)
    {
        using var scope = new TensorScope();
        var (levels, scale) = Int8(weights, perRow: true);
        return scope.Keep(inputs.Matmul(levels.T()) * scale.T());
    }

    /// <summary>1 where a weight stays: the smallest in size, that share of all, go. <c>-> the weights' shape</c></summary>
    /// <param name="weights">Of any shape.</param>
    /// <param name="share">In [0, 1).</param>
    public static Tensor PruningMask(Tensor weights, double share)
    {
        if (share is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "a share in [0, 1) goes");
        using var scope = new TensorScope();
        var sizes = weights.Abs();
        long gone = (long)Math.Floor(share * weights.Elements);
        if (gone == 0) return scope.Keep(weights.OnesLike());
        var threshold = sizes.Flatten().Kthvalue(gone).Values;
        return scope.Keep(sizes.Gt(threshold).To(weights.DType));
    }

    /// <summary>Two factors whose product is the nearest of that rank. <c>(m, n) -> (m, rank), (rank, n)</c></summary>
    public static (Tensor Left, Tensor Right) LowRank(Tensor weights, int rank)
    {
        using var scope = new TensorScope();
        var (u, singular, vh) = Functional.LinalgSvd(weights, fullMatrices: false);
        var roots = singular[..rank].Sqrt();
        return scope.Keep((u[.., ..rank] * roots, roots.Unsqueeze(1) * vh[..rank]));
    }

    /// <summary>α T² KL(teacher ‖ student) at temperature T, and 1 - α of the labels' cross-entropy. <c>-> ()</c></summary>
    /// <param name="student">Logits, <c>(N, classes)</c>.</param>
    /// <param name="teacher">Logits, <c>(N, classes)</c>.</param>
    /// <param name="labels"><c>(N)</c> int64.</param>
    /// <param name="temperature">T.</param>
    /// <param name="alpha">α, in [0, 1].</param>
    public static Tensor DistillationLoss(Tensor student, Tensor teacher, Tensor labels, double temperature = 4, double alpha = 0.7)
    {
        using var scope = new TensorScope();
        Tensor wanted = (teacher / temperature).LogSoftmax(-1), given = (student / temperature).LogSoftmax(-1);
        var divergence = (wanted.Exp() * (wanted - given)).Sum() / student.Size(0);
        var hard = Functional.CrossEntropy(student, labels);
        return scope.Keep((divergence * (alpha * temperature * temperature)) + (hard * (1 - alpha)));
    }
}
