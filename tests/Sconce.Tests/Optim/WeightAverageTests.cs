using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

[Collection(LiveTensors.Name)]
public sealed class WeightAverageTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_exponential_average_follows_its_formula(bool warmUp)
    {
        using var module = new BatchNorm1d(3);
        using var average = new ExponentialMovingAverage(module, 0.9, warmUp);
        double expected = 1, weight = 1;
        for (int step = 0; step < 20; step++)
        {
            weight = Math.Cos(step);
            Set(module.Weight!, weight);
            Set(module.RunningMean!, step);
            average.Update();
            double decay = warmUp ? Math.Min(0.9, (1.0 + step) / (10 + step)) : 0.9;
            expected = (decay * expected) + ((1 - decay) * weight);
        }

        Assert.Equal(expected, Value(average, "weight"), 1e-5);
        Assert.Equal(19, Value(average, "running_mean"));
        Assert.Equal(weight, module.Weight!.ToArray<double>()[0], 1e-6);
    }

    [Fact]
    public void Buffers_are_averaged_where_asked_and_integers_copied()
    {
        using var module = new BatchNorm1d(3);
        using var average = new ExponentialMovingAverage(module, 0.75, averageBuffers: true);
        Set(module.RunningMean!, 8);
        Set(module.NumBatchesTracked!, 5);
        average.Update();
        Assert.Equal(2, Value(average, "running_mean"), 1e-6);
        Assert.Equal(5, Value(average, "num_batches_tracked"));
    }

    [Fact]
    public void The_stochastic_average_is_the_mean_of_the_updates()
    {
        using var module = new Linear(2, 2);
        using var average = new StochasticWeightAverage(module);
        foreach (double weight in (double[])[4, 6, 11])
        {
            Set(module.Weight, weight);
            average.Update();
        }

        Assert.Equal(7, Value(average, "weight"), 1e-5);
        Assert.Equal(3, average.Updates);
    }

    [Fact]
    public void The_average_is_applied_for_a_while_and_the_own_weights_come_back()
    {
        using var module = new Linear(2, 2, bias: false);
        Set(module.Weight, 1);
        using var average = new ExponentialMovingAverage(module, 0.5);
        Set(module.Weight, 3);
        average.Update();
        nint own = module.Weight.Storage.Address;
        using (average.Applied())
        {
            using var scope = new TensorScope();
            Assert.Equal([4f, 4f], module.Call(Tensor.Ones([1, 2])).ToArray<float>());
        }

        Assert.Equal(3, module.Weight.ToArray<float>()[0]);
        Assert.Equal(own, module.Weight.Storage.Address);
        Assert.True(module.Weight.RequiresGrad);
        Assert.Equal(2, Value(average, "weight"));
    }

    [Fact]
    public void The_average_goes_into_another_module_of_the_same_names()
    {
        using var module = new Linear(2, 3);
        using var twin = new Linear(2, 3);
        using var average = new ExponentialMovingAverage(module);
        average.CopyTo(twin);
        Assert.Equal(module.Weight.ToArray<float>(), twin.Weight.ToArray<float>());
        using var other = new Linear(3, 3);
        var error = Assert.Throws<ArgumentException>(() => average.CopyTo(other));
        Assert.Contains("weight", error.Message);
    }

    [Fact]
    public void A_restored_average_goes_on_to_the_last_bit()
    {
        using var module = new Linear(4, 4);
        using var first = new ExponentialMovingAverage(module, 0.99, warmUp: true);
        Set(module.Weight, 0.3);
        first.Update();
        using var second = new ExponentialMovingAverage(module, 0.99, warmUp: true);
        second.Load(first.State());
        Set(module.Weight, -0.7);
        first.Update();
        second.Update();
        Assert.Equal(first.Weights[0].Tensor.ToArray<float>(), second.Weights[0].Tensor.ToArray<float>());
        Assert.Equal(2, second.Updates);
        Assert.Throws<ArgumentException>(() =>
            second.Load(new TrainingState(new Dictionary<string, Tensor>(), new Dictionary<string, double> { ["updates"] = 1 })));
    }

    [Fact]
    public void A_thousand_updates_make_no_tensors()
    {
        long outside = TensorDiagnostics.Unfreed;
        using (var module = new BatchNorm1d(3))
        {
            using var average = new ExponentialMovingAverage(module);
            long before = TensorDiagnostics.Unfreed;
            for (int k = 0; k < 1000; k++) average.Update();
            Assert.Equal(before, TensorDiagnostics.Unfreed);
        }

        Assert.Equal(outside, TensorDiagnostics.Unfreed);
    }

    private static void Set(Tensor tensor, double value)
    {
        using var noGrad = Gradients.Off();
        tensor.FillInPlace(value);
    }

    private static double Value(WeightAverage average, string name) =>
        average.Weights.Single(entry => entry.Name == name).Tensor.ToArray<double>()[0];
}
