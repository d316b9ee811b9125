using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

public class LambTests
{
    [Fact]
    public void Two_steps_are_those_of_the_formula_in_plain_doubles()
    {
        using var scope = new TensorScope();
        double[] weight = [0.5, -1, 2], mean = new double[3], square = new double[3];
        double[][] gradients = [[0.1, 0.2, -0.3], [-0.05, 0.4, 0.1]];
        var tensor = Tensor.From(weight.Select(value => (float)value).ToArray()).WithGrad();
        using var optimizer = new Lamb([new ParameterGroup([tensor])], 0.01, weightDecay: 0.1);
        for (int step = 1; step <= 2; step++)
        {
            var g = gradients[step - 1];
            tensor.Grad = Tensor.From(g.Select(value => (float)value).ToArray());
            optimizer.Step();
            var direction = new double[3];
            for (int k = 0; k < 3; k++)
            {
                mean[k] = (0.9 * mean[k]) + (0.1 * g[k]);
                square[k] = (0.999 * square[k]) + (0.001 * g[k] * g[k]);
                direction[k] = (mean[k] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(square[k] / (1 - Math.Pow(0.999, step))) + 1e-6))
                    + (0.1 * weight[k]);
            }

            double ratio = Norm(weight) / Norm(direction);
            for (int k = 0; k < 3; k++) weight[k] -= 0.01 * ratio * direction[k];
            float[] actual = tensor.Detach().ToArray<float>();
            for (int k = 0; k < 3; k++) Assert.Equal(weight[k], actual[k], 1e-6);
        }
    }

    [Fact]
    public void A_weight_of_zero_steps_as_Adam_does()
    {
        using var scope = new TensorScope();
        Tensor one = Tensor.Zeros([3]).WithGrad(), other = Tensor.Zeros([3]).WithGrad();
        using var lamb = new Lamb([new ParameterGroup([one])], 0.01);
        using var adam = new Adam([other], 0.01, eps: 1e-6);
        one.Grad = Tensor.From([0.3f, -2, 0.01f]);
        other.Grad = Tensor.From([0.3f, -2, 0.01f]);
        lamb.Step();
        adam.Step();
        Assert.True(one.Allclose(other, atol: 1e-7));
        Assert.NotEqual(0, one.Detach().Abs().Sum().Item<float>());
    }

    [Fact]
    public void A_step_is_the_rates_share_of_the_weights_norm_whatever_the_gradients_size()
    {
        using var scope = new TensorScope();
        foreach (double size in (double[])[1e-3, 1, 1e3])
        {
            var before = Tensor.From([3f, 4]);
            var weight = before.Clone().WithGrad();
            using var optimizer = new Lamb([new ParameterGroup([weight])], 0.1, eps: 0);
            weight.Grad = Tensor.From([0.6f, -0.8f]) * size;
            optimizer.Step();
            Assert.Equal(0.5, (weight.Detach() - before).Norm().Item<float>(), 1e-5);
        }
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
}
