using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

/// <summary>AdamP and SGDP against the formulas of 2006.08217 in plain Python: Figures/adamp.py wrote the numbers.</summary>
public class AdamPTests
{
    private static readonly double[] Weight = [0.5, -1.0, 2.0, 0.3, 1.5, -0.7, 0.2, -0.4];
    private static readonly double[] Vector = [0.5, -1, 2];

    [Theory]
    [InlineData("adamp")]
    [InlineData("adamp_nesterov")]
    [InlineData("sgdp")]
    [InlineData("sgdp_nesterov")]
    public void Four_steps_are_those_of_the_formula(string name)
    {
        using var scope = new TensorScope();
        var wanted = Figures.Read("adamp.json").GetProperty(name);
        var matrix = Floats(Weight).Reshape([2, 4]).Detach().Clone().WithGrad();
        var vector = Floats(Vector).WithGrad();
        using var optimizer = Create(name, [matrix, vector]);
        int step = 0;
        foreach (var after in wanted.EnumerateArray())
        {
            matrix.Grad = Gradient(step, matrix.Detach());
            vector.Grad = Floats([0.1 * (step + 1), -0.2, 0.05]);
            optimizer.Step();
            AssertNear(after.GetProperty("weight"), matrix, $"{name}, step {step}, weight");
            AssertNear(after.GetProperty("vector"), vector, $"{name}, step {step}, vector");
            step++;
        }

        Assert.Equal(4, step);
    }

    [Fact]
    public void A_gradient_upright_on_each_filter_leaves_its_length_alone_where_Adam_changes_it()
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.From([3f, 4, -1, 2], [2, 2]).WithGrad(), plain = Tensor.From([3f, 4, -1, 2], [2, 2]).WithGrad();
        using var projected = new AdamP([weight], 1e-3);
        using var adam = new Adam([plain], 1e-3);
        double[] before = weight.Detach().Norm(2, [1]).ToArray<double>();
        for (int step = 0; step < 50; step++)
        {
            foreach (var tensor in (Tensor[])[weight, plain])
            {
                var w = tensor.Detach();
                tensor.Grad = Tensor.Stack([-w[.., 1], w[.., 0]], 1);
            }

            projected.Step();
            adam.Step();
        }

        double[] after = weight.Detach().Norm(2, [1]).ToArray<double>(), changed = plain.Detach().Norm(2, [1]).ToArray<double>();
        for (int k = 0; k < 2; k++)
        {
            Assert.Equal(before[k], after[k], 2e-3);
            Assert.True(Math.Abs(changed[k] - before[k]) > 20 * Math.Abs(after[k] - before[k]),
                $"{before[k]}: {after[k]}, Adam {changed[k]}");
        }
    }

    [Fact]
    public void Without_a_projection_AdamP_is_AdamW()
    {
        using var scope = new TensorScope();
        Tensor one = Tensor.From([1f, 2, 3, 4], [2, 2]).WithGrad(), other = Tensor.From([1f, 2, 3, 4], [2, 2]).WithGrad();
        using var adamP = new AdamP([new ParameterGroup([one])], 0.01, weightDecay: 0.1, delta: 0);
        using var adamW = new AdamW([new ParameterGroup([other])], 0.01, weightDecay: 0.1);
        for (int step = 0; step < 5; step++)
        {
            foreach (var tensor in (Tensor[])[one, other]) tensor.Grad = Tensor.From([0.3f, -0.1f * step, 0.2f, 1], [2, 2]);
            adamP.Step();
            adamW.Step();
        }

        Assert.True(one.Allclose(other, atol: 1e-6));
    }

    [Theory]
    [InlineData("adamp")]
    [InlineData("sgdp")]
    public void A_state_goes_on_where_it_was(string name)
    {
        using var scope = new TensorScope();
        Tensor whole = Start(), parted = Start();
        using var one = Create(name, [whole]);
        using (var first = Create(name, [parted]))
        {
            Steps(one, whole, 0, 4);
            Steps(first, parted, 0, 2);
            using var second = Create(name, [parted]);
            second.Load(first.State());
            Steps(second, parted, 2, 4);
        }

        Assert.Equal(whole.Detach().ToArray<float>(), parted.Detach().ToArray<float>());

        static Tensor Start() => Floats(Weight).Reshape([2, 4]).Detach().Clone().WithGrad();

        static void Steps(Optimizer optimizer, Tensor weight, int from, int to)
        {
            for (int step = from; step < to; step++)
            {
                weight.Grad = Gradient(step, weight.Detach());
                optimizer.Step();
            }
        }
    }

    /// <summary>Along the weight, upright on each row, upright on the whole alone, mixed: as Figures/adamp.py has them.</summary>
    private static Tensor Gradient(int step, Tensor weight)
    {
        var (a, b) = (weight[0], weight[1]);
        return (step % 4) switch
        {
            0 => weight * 0.3,
            1 => Tensor.Stack([Turned(a), Turned(b)], 0) * 0.5,
            2 => Tensor.Stack([a * b.Square().Sum(), b * (-a.Square().Sum())], 0) * 0.1,
            _ => weight + Tensor.Stack([Turned(a), Turned(b)], 0),
        };

        static Tensor Turned(Tensor row) => Tensor.Stack([-row[1], row[0], -row[3], row[2]], 0);
    }

    private static Optimizer Create(string name, Tensor[] parameters) => name switch
    {
        "adamp" => new AdamP([new ParameterGroup(parameters)], 0.01, weightDecay: 0.1),
        "adamp_nesterov" => new AdamP([new ParameterGroup(parameters)], 0.01, weightDecay: 0.1, nesterov: true),
        "sgdp" => new Sgdp([new ParameterGroup(parameters)], 0.05, momentum: 0.9, weightDecay: 0.01),
        _ => new Sgdp([new ParameterGroup(parameters)], 0.05, momentum: 0.9, dampening: 0.1, nesterov: true, weightDecay: 0.01),
    };

    private static Tensor Floats(double[] values) => Tensor.From(values.Select(value => (float)value).ToArray());

    private static void AssertNear(System.Text.Json.JsonElement wanted, Tensor actual, string what)
    {
        double[] numbers = [.. wanted.EnumerateArray().Select(number => number.GetDouble())];
        float[] mine = actual.Detach().Flatten().ToArray<float>();
        for (int k = 0; k < numbers.Length; k++)
            Assert.True(Math.Abs(numbers[k] - mine[k]) < 2e-6, $"{what}[{k}]: {mine[k]}, the formula gives {numbers[k]}");
    }
}
