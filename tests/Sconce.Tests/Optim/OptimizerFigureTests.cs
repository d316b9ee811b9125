using System.Text.Json;
using Sconce.Optim;
using Sconce.Parity;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

/// <summary>Six steps on given gradients, against PyTorch's own.</summary>
public sealed class OptimizerFigureTests
{
    internal static readonly (string Name, long[] Shape)[] Shapes = [("w", [3, 4]), ("k", [2, 3, 2, 2]), ("b", [5])];

    internal static readonly Dictionary<string, Func<Tensor[], Optimizer>> Makers = new()
    {
        ["sgd"] = p => new Sgd(p, 0.1),
        ["sgd-decay"] = p => new Sgd(p, 0.1, weightDecay: 0.05),
        ["sgd-momentum"] = p => new Sgd(p, 0.1, 0.9),
        ["sgd-dampening"] = p => new Sgd(p, 0.1, 0.9, dampening: 0.3, weightDecay: 0.01),
        ["sgd-nesterov"] = p => new Sgd(p, 0.1, 0.8, nesterov: true, weightDecay: 0.01),
        ["sgd-groups"] = p => new Sgd(Groups(p), 0.1, 0.9, weightDecay: 0.05),
        ["adam"] = p => new Adam(p, 0.05),
        ["adam-decay"] = p => new Adam(p, 0.05, 0.5, 0.9, 1e-3, 0.1),
        ["adam-amsgrad"] = p => new Adam(p, 0.05, 0.5, 0.6, amsGrad: true),
        ["adam-gan"] = p => new Adam(p, 0.002, 0, 0.99),
        ["adam-groups"] = p => new Adam(Groups(p), 0.05, weightDecay: 0.1),
        ["adamw"] = p => new AdamW(p, 0.05),
        ["adamw-decay"] = p => new AdamW(p, 0.05, weightDecay: 0.3, amsGrad: true),
        ["adamw-groups"] = p => new AdamW(Groups(p), 0.05, weightDecay: 0.3),
        ["rmsprop"] = p => new RmsProp(p, 0.01),
        ["rmsprop-centered"] = p => new RmsProp(p, 0.01, 0.9, weightDecay: 0.05, centered: true),
        ["rmsprop-momentum"] = p => new RmsProp(p, 0.01, 0.9, 1e-3, momentum: 0.7),
        ["rmsprop-both"] = p => new RmsProp(Groups(p), 0.01, 0.9, momentum: 0.7, centered: true),
        ["rmsprop-tensorflow"] = p => new RmsProp(p, 0.01, 0.9, 1e-3, 0.05, form: RmsPropForm.TensorFlow),
        ["rmsprop-tensorflow-momentum"] = p => new RmsProp(p, 0.01, 0.9, 1e-3, momentum: 0.9, form: RmsPropForm.TensorFlow),
        ["rmsprop-tensorflow-centered"] = p => new RmsProp(p, 0.01, 0.9, 1e-3, momentum: 0.9, centered: true, form: RmsPropForm.TensorFlow),
    };

    private static readonly JsonElement Expected = Figures.Read("optimizers.json");

    public static TheoryData<string> Names => [.. Makers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_optimiser_steps_as_PyTorch_does(string name)
    {
        using var scope = new TensorScope();
        var figures = Expected.GetProperty("optimizers").GetProperty(name);
        var parameters = Parameters();
        using var optimizer = Makers[name](parameters);
        int held = 0;
        for (int step = 0; step < 6; step++)
        {
            SetGradients(parameters, step);
            optimizer.Step();
            if (!figures.TryGetProperty(step.ToString(), out var wanted)) continue;
            for (int k = 0; k < Shapes.Length; k++, held++)
                Figures.AssertSample(wanted.GetProperty(Shapes[k].Name), parameters[k], $"{name}, step {step}, {Shapes[k].Name}", 2e-6);
        }

        Assert.Equal(9, held);
    }

    [Fact]
    public void Every_figure_has_its_optimiser() =>
        Assert.Equal(Expected.GetProperty("optimizers").EnumerateObject().Select(figure => figure.Name).Order(), Makers.Keys.Order());

    internal static Tensor[] Parameters() => [.. Shapes.Select(shape => Formula.Floats(shape.Name, shape.Shape).WithGrad())];

    /// <summary>Given gradients; the bias has none at the steps 0 and 3.</summary>
    internal static void SetGradients(Tensor[] parameters, int step)
    {
        using var scope = new TensorScope();
        for (int k = 0; k < parameters.Length; k++)
        {
            parameters[k].Grad = Shapes[k].Name == "b" && step is 0 or 3
                ? null : Formula.Floats($"g{step}.{Shapes[k].Name}", Shapes[k].Shape, amp: 0.5);
        }
    }

    private static ParameterGroup[] Groups(Tensor[] p) => [new([p[0], p[1]]), new([p[2]]) { LearningRate = 0.02, WeightDecay = 0 }];
}
