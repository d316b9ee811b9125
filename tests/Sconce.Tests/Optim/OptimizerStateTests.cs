using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

[Collection(LiveTensors.Name)]
public sealed class OptimizerStateTests
{
    public static TheoryData<string> Names => OptimizerFigureTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_restored_state_goes_on_to_the_last_bit(string name)
    {
        using var scope = new TensorScope();
        var straight = OptimizerFigureTests.Parameters();
        using var optimizer = OptimizerFigureTests.Makers[name](straight);
        for (int step = 0; step < 3; step++) Step(optimizer, straight, step);
        optimizer.LearningRate *= 0.7;

        var resumed = OptimizerFigureTests.Parameters();
        using var fresh = OptimizerFigureTests.Makers[name](resumed);
        for (int k = 0; k < resumed.Length; k++) resumed[k].SetData(straight[k].Detach().Clone());
        fresh.Load(optimizer.State());
        Assert.Equal(3, fresh.Steps);
        for (int step = 3; step < 6; step++)
        {
            Step(optimizer, straight, step);
            Step(fresh, resumed, step);
        }

        for (int k = 0; k < resumed.Length; k++) Assert.Equal(straight[k].ToArray<float>(), resumed[k].ToArray<float>());
        Assert.Equal(optimizer.State().Numbers, fresh.State().Numbers);
        Assert.Equal(optimizer.State().Tensors.Keys, fresh.State().Tensors.Keys);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_thousand_steps_end_with_the_live_count_that_they_began_with(string name)
    {
        long outside = TensorDiagnostics.Unfreed;
        using (var scope = new TensorScope())
        {
            var parameters = OptimizerFigureTests.Parameters();
            OptimizerFigureTests.SetGradients(parameters, 1);
            var optimizer = OptimizerFigureTests.Makers[name](parameters);
            optimizer.Step();
            long before = TensorDiagnostics.Unfreed;
            for (int step = 0; step < 1000; step++) optimizer.Step();
            Assert.Equal(before, TensorDiagnostics.Unfreed);
            optimizer.Dispose();
            optimizer.Dispose();
            Assert.Throws<ObjectDisposedException>(optimizer.Step);
        }

        Assert.Equal(outside, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void The_state_outlives_the_scope_of_the_step()
    {
        using var outer = new TensorScope();
        var parameters = OptimizerFigureTests.Parameters();
        using var optimizer = new Adam(parameters);
        using (new TensorScope())
        {
            OptimizerFigureTests.SetGradients(parameters, 1);
            optimizer.Step();
        }

        Assert.All(optimizer.State().Tensors.Values, tensor => Assert.False(tensor.IsDisposed));
        optimizer.Step();
    }

    [Fact]
    public void A_step_records_nothing_and_leaves_the_gradients_as_they_are()
    {
        using var scope = new TensorScope();
        var parameters = OptimizerFigureTests.Parameters();
        using var optimizer = new AdamW(parameters, weightDecay: 0.1);
        OptimizerFigureTests.SetGradients(parameters, 1);
        float[] gradient = parameters[0].Grad!.ToArray<float>();
        optimizer.Step();
        Assert.All(parameters, parameter => Assert.True(parameter.IsLeaf && parameter.RequiresGrad));
        Assert.Equal(gradient, parameters[0].Grad!.ToArray<float>());
        Assert.True(Gradients.Enabled);
        optimizer.ZeroGrad();
        Assert.All(parameters, parameter => Assert.Null(parameter.Grad));
    }

    [Fact]
    public void A_state_that_does_not_fit_is_one_error_and_changes_nothing()
    {
        using var scope = new TensorScope();
        var parameters = OptimizerFigureTests.Parameters();
        OptimizerFigureTests.SetGradients(parameters, 1);
        using var optimizer = new Sgd(parameters, 0.1, 0.9);
        optimizer.Step();
        float[] before = optimizer.State().Tensors["state.0.momentum_buffer"].ToArray<float>();
        using var adam = new Adam(parameters);
        adam.Step();
        var error = Assert.Throws<ArgumentException>(() => optimizer.Load(adam.State()));
        Assert.Contains("state.0.exp_avg", error.Message);
        var wrong = new TrainingState(new Dictionary<string, Tensor> { ["state.0.momentum_buffer"] = Tensor.Zeros([7]) },
            new Dictionary<string, double> { ["steps"] = 1 });
        error = Assert.Throws<ArgumentException>(() => optimizer.Load(wrong));
        Assert.Contains("[7]", error.Message);
        Assert.Contains("state.2.step", error.Message);
        Assert.Equal(before, optimizer.State().Tensors["state.0.momentum_buffer"].ToArray<float>());
    }

    [Fact]
    public void Learning_rates_keep_the_ratio_between_groups()
    {
        using var scope = new TensorScope();
        var p = OptimizerFigureTests.Parameters();
        using var optimizer = new Sgd([new ParameterGroup([p[0]]), new ParameterGroup([p[1]]) { LearningRate = 0.02 },
            new ParameterGroup([p[2]]) { RateFactor = 0.5 }], 0.1);
        Assert.Equal([0.1, 0.02, 0.05], optimizer.Groups.Select(group => group.LearningRate));
        optimizer.LearningRate = 1;
        Assert.Equal([1, 0.2, 0.5], optimizer.Groups.Select(group => Math.Round(group.LearningRate, 12)));
        optimizer.Groups[2].LearningRate = 3;
        Assert.Equal(3, optimizer.Groups[2].LearningRate);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        using var scope = new TensorScope();
        var p = OptimizerFigureTests.Parameters();
        Assert.Throws<ArgumentException>(() => new Sgd((Tensor[])[], 0.1));
        Assert.Throws<ArgumentException>(() => new Sgd([p[0], p[0]], 0.1));
        Assert.Throws<ArgumentException>(() => new Sgd([p[0] * 2], 0.1));
        Assert.Throws<ArgumentException>(() => new Sgd(p, 0.1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p, beta1: 1));
    }

    [Fact]
    public void Many_tensors_larger_than_a_batch_are_all_changed()
    {
        using var scope = new TensorScope();
        Tensor[] parameters = [.. Enumerable.Range(0, 9).Select(k => Tensor.Ones([k % 3 == 0 ? 300_000 : 1000]).WithGrad())];
        foreach (var parameter in parameters) parameter.Grad = Tensor.Ones(parameter.Shape);
        using var optimizer = new Sgd(parameters, 0.25);
        optimizer.Step();
        Assert.All(parameters, parameter => Assert.True(parameter.Eq(0.75).All().Item<bool>()));
    }

    [Fact]
    public void Weights_and_vectors_part_by_their_dimensions()
    {
        using var module = new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4), new Linear(4, 2, bias: false));
        var groups = ParameterGroup.WeightsAndVectors(module);
        Assert.Equal([2, 3], groups.Select(group => group.Parameters.Count));
        Assert.True(groups[0].Decay && groups[0].Adapt && !groups[1].Decay && !groups[1].Adapt);
    }

    private static void Step(Optimizer optimizer, Tensor[] parameters, int step)
    {
        OptimizerFigureTests.SetGradients(parameters, step);
        optimizer.Step();
    }
}
