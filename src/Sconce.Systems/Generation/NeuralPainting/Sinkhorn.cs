using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// What it costs to carry one picture's paint to where the other has it, with entropy: a loss whose gradient moves a stroke that does
/// not touch its target. 2011.08114 §3.3, 1306.0895; jiupinjia/stylized-neural-painting@e7a66b2 loss.py, pytorch_batch_sinkhorn.py.
/// </summary>
public sealed record Sinkhorn
{
    // The official logarithm has it inside, so that the marginals are not met; what it costs depends on it.
    private const double InsideLogarithm = 1e-6;
    private const double LeastMass = 1e-9, LargestMass = 1e9;

    /// <summary>The weight of entropy.</summary>
    public double Epsilon { get; init; } = 0.01;

    /// <summary>Rounds; few of them, so that the plan is not the optimal one.</summary>
    public int Iterations { get; init; } = 5;

    /// <summary>Whether what each picture costs against itself is taken off: <c>2 W(x, y) − W(x, x) − W(y, y)</c>.</summary>
    public bool Normalized { get; init; }

    /// <summary>The side to which higher pictures are shrunk, both ways: the plan grows with its fourth power.</summary>
    public int LargestSide { get; init; } = 24;

    /// <summary>The loss <c>()</c> of a batch, on the tape through every round.</summary>
    /// <param name="canvas"><c>(N, C, H, W)</c>, not negative: negative numbers count as 0, though their gradient passes.</param>
    /// <param name="target">Of the same shape.</param>
    /// <param name="channel">The colour compared; official runs draw one for each step.</param>
    /// <exception cref="TorchException">The shapes differ.</exception>
    public Tensor Loss(Tensor canvas, Tensor target, int channel)
    {
        if (canvas.Dimensions != 4 || !canvas.Shape.SequenceEqual(target.Shape))
        {
            throw new TorchException(
                $"optimal transport: a canvas [{string.Join(", ", canvas.Shape.ToArray())}] against "
                + $"[{string.Join(", ", target.Shape.ToArray())}]: both must be (N, C, H, W) alike");
        }

        using var scope = new TensorScope();
        if (canvas.Size(2) > LargestSide)
        {
            canvas = canvas.AdaptiveAvgPool2d([LargestSide, LargestSide]);
            target = target.AdaptiveAvgPool2d([LargestSide, LargestSide]);
        }

        var cost = Cost(canvas.Size(2), canvas.Size(3), canvas); // (1, H·W, H·W)
        Tensor from = Mass(canvas[.., channel]), to = Mass(target[.., channel]);
        var loss = Transport(cost, from, to);
        return scope.Keep(Normalized ? (2 * loss) - Transport(cost, from, from) - Transport(cost, to, to) : loss);
    }

    /// <summary>Squared distances of cells at (i/H, j/W).</summary>
    private static Tensor Cost(long height, long width, Tensor like)
    {
        var rows = (Tensor.Arange(height, dtype: like.DType, device: like.Device) / height).Reshape([-1, 1]).Expand([height, width]);
        var columns = (Tensor.Arange(width, dtype: like.DType, device: like.Device) / width).Reshape([1, -1]).Expand([height, width]);
        var places = Tensor.Stack([rows.Reshape([-1]), columns.Reshape([-1])], -1); // (H·W, 2)
        return (places.Unsqueeze(1) - places.Unsqueeze(0)).Square().Sum([-1]).Unsqueeze(0);
    }

    /// <summary><c>(N, H, W) -> (N, H·W)</c>, summing to 1. Clamping takes no gradient away, as where only data are written.</summary>
    private static Tensor Mass(Tensor channel)
    {
        var values = channel.Reshape([channel.Size(0), -1]);
        var clamped = values + (values.Clamp(0.0, LargestMass) - values).Detach();
        var positive = clamped + LeastMass;
        return positive / positive.Sum([-1], keepdim: true);
    }

    /// <summary>The mean over the batch of <c>Σ π C</c> after the rounds.</summary>
    private Tensor Transport(Tensor cost, Tensor from, Tensor to)
    {
        Tensor logFrom = from.Log(), logTo = to.Log();
        Tensor u = from.ZerosLike(), v = to.ZerosLike();
        for (int k = 0; k < Iterations; k++)
        {
            u = u + (Epsilon * (logFrom - LogSum(Exponent(u, v), 2)));
            v = v + (Epsilon * (logTo - LogSum(Exponent(u, v), 1)));
        }

        var plan = Exponent(u, v).Exp();
        return (plan * cost).Sum([1, 2]).Mean();

        Tensor Exponent(Tensor rows, Tensor columns) => (rows.Unsqueeze(2) + columns.Unsqueeze(1) - cost) / Epsilon;
    }

    private static Tensor LogSum(Tensor exponent, int dimension) => (exponent.Exp().Sum([dimension]) + InsideLogarithm).Log();
}
