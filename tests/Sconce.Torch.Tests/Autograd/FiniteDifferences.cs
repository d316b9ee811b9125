using Xunit;

namespace Sconce.Torch.Tests.Autograd;

/// <summary>Gradients by central differences, in float64.</summary>
internal static class FiniteDifferences
{
    /// <summary>A scalar that depends on every element in its own measure; of complex ones, on both parts.</summary>
    internal static Tensor Weigh(Tensor output)
    {
        if (output.DType.IsComplex()) output = output.ResolveConj().ViewAsReal();
        return (output * Figures.Numbers("out", output.Shape)).Sum();
    }

    /// <summary>Holds the gradient of <paramref name="function"/> at the leaf <paramref name="x"/> against differences of its
    /// values.</summary>
    internal static void Check(Func<Tensor, Tensor> function, Tensor x, double tolerance)
    {
        double[] gradient = Gradients.Of([function(x)], [x])[0].ToArray<double>();
        double[] values = x.ToArray<double>();
        const double step = 1e-5;
        for (int k = 0; k < values.Length; k++)
        {
            double Value(double change)
            {
                using var scope = new TensorScope();
                double[] moved = [.. values];
                moved[k] += change;
                return function(Tensor.From(moved, x.Shape).WithGrad()).Item<double>();
            }

            double expected = (Value(step) - Value(-step)) / (2 * step);
            Assert.True(Math.Abs(gradient[k] - expected) <= tolerance * Math.Max(1, Math.Abs(expected)),
                $"element {k}: the tape says {gradient[k]}, differences say {expected}");
        }
    }
}
