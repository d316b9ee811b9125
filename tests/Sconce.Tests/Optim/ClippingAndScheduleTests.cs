using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sconce.Optim;
using Sconce.Parity;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

public sealed class ClippingAndScheduleTests
{
    private static readonly JsonElement Expected = Figures.Read("optimizers.json");

    private static readonly Dictionary<string, LearningRateSchedule> Schedules = new()
    {
        ["cosine"] = LearningRateSchedule.Cosine(0.5, 20, 0.01),
        ["step"] = LearningRateSchedule.Step(0.5, 6, 0.3),
        ["multistep"] = LearningRateSchedule.MultiStep(0.5, [3, 9, 15], 0.2),
        ["exponential"] = LearningRateSchedule.Exponential(0.5, 0.9),
        ["polynomial"] = LearningRateSchedule.Polynomial(0.5, 15, 2),
        ["linear"] = LearningRateSchedule.Linear(0.05, 0.5, 8),
        ["one-cycle"] = LearningRateSchedule.OneCycle(0.5, 20),
        ["one-cycle-early"] = LearningRateSchedule.OneCycle(0.5, 20, 0.1, 10, 100),
        ["sequence"] = LearningRateSchedule.Cosine(0.5, 16).WithWarmUp(4, 0.1),
    };

    public static TheoryData<string> ScheduleNames => [.. Schedules.Keys];

    [Theory]
    [MemberData(nameof(ScheduleNames))]
    public void A_schedule_gives_PyTorchs_rates(string name)
    {
        double[] rates = [.. Expected.GetProperty("schedules").GetProperty(name).EnumerateArray().Select(rate => rate.GetDouble())];
        Assert.Equal(20, rates.Length);
        for (int step = 0; step < rates.Length; step++) Assert.Equal(rates[step], Schedules[name].At(step), 1e-9);
    }

    [Theory]
    [InlineData("norm-1", 0.7, 2)]
    [InlineData("norm-large", 100, 2)]
    [InlineData("norm-one", 2, 1)]
    [InlineData("norm-three", 0.5, 3)]
    [InlineData("norm-infinity", 0.1, double.PositiveInfinity)]
    [InlineData("value", 0.15, 0)]
    public void Gradients_are_clipped_as_PyTorch_does(string name, double limit, double order)
    {
        using var scope = new TensorScope();
        var figures = Expected.GetProperty("clips").GetProperty(name);
        var parameters = OptimizerFigureTests.Parameters();
        for (int k = 0; k < parameters.Length; k++)
            parameters[k].Grad = Formula.Floats($"g0.{OptimizerFigureTests.Shapes[k].Name}",
                OptimizerFigureTests.Shapes[k].Shape, amp: 0.5);
        if (order == 0) GradientClipping.ByValue(parameters, limit);
        else Assert.Equal(figures.GetProperty("norm").GetDouble(), GradientClipping.ByNorm(parameters, limit, order).Item<double>(), 1e-5);
        for (int k = 0; k < parameters.Length; k++) Figures.AssertSample(figures.GetProperty("gradients")[k], parameters[k].Grad!, name);
    }

    [Fact]
    public void The_norm_after_clipping_is_at_most_the_limit_and_small_gradients_stay() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(Gen.Choose(1, 4000).Select(n => n / 1000.0).ToArbitrary(), Gen.Choose(0, 4).ToArbitrary(), (limit, pick) =>
        {
            using var scope = new TensorScope();
            double order = ((double[])[1, 2, 3, 2.5, double.PositiveInfinity])[pick];
            Tensor[] parameters = [Tensor.Zeros([3, 4]).WithGrad(), Tensor.Zeros([5]).WithGrad(), Tensor.Zeros([2]).WithGrad()];
            parameters[0].Grad = Tensor.Randn([3, 4]) * 0.3;
            parameters[1].Grad = Tensor.Randn([5]) * 0.3;
            float[] before = parameters[0].Grad!.ToArray<float>();
            double norm = GradientClipping.ByNorm(parameters, limit, order).Item<double>();
            double after = GradientClipping.Norm(parameters, order).Item<double>();
            return after <= limit * 1.00001 && (norm + 1e-5 >= limit || before.SequenceEqual(parameters[0].Grad!.ToArray<float>()));
        }));

    [Fact]
    public void A_norm_that_is_not_finite_is_an_error_where_asked_and_changes_nothing()
    {
        using var scope = new TensorScope();
        var parameter = Tensor.Zeros([2]).WithGrad();
        parameter.Grad = Tensor.From([1f, float.NaN]);
        var error = Assert.Throws<TorchException>(() => GradientClipping.ByNorm([parameter], 0.1, requireFinite: true));
        Assert.Contains("NaN", error.Message);
        Assert.Equal([1f, float.NaN], parameter.Grad!.ToArray<float>());
    }

    [Fact]
    public void No_gradients_have_the_norm_zero()
    {
        using var scope = new TensorScope();
        Assert.Equal(0, GradientClipping.ByNorm([Tensor.Zeros([2]).WithGrad()], 1).Item<double>());
    }

    [Fact]
    public void Barlow_Twins_schedule_is_a_warm_up_and_a_cosine()
    {
        if (Figures.Parity("barlow_twins-schedule") is not { } parity) { Assert.Skip("no shared parity cases"); return; }
        var schedule = LearningRateSchedule.Cosine(8, (1000L * 625) - (10 * 625), 0.008).WithWarmUp(10 * 625);
        using var scope = new TensorScope();
        using var optimizer = new Sgd([new ParameterGroup([Tensor.Zeros([1]).WithGrad()]) { RateFactor = 0.2 },
            new ParameterGroup([Tensor.Zeros([1]).WithGrad()]) { RateFactor = 0.0048 }], 1);
        var rates = parity.GetProperty("inputs").GetProperty("step").GetProperty("value").EnumerateArray().Select(step =>
        {
            schedule.Apply(optimizer, step.GetInt64());
            return (optimizer.Groups[0].LearningRate, optimizer.Groups[1].LearningRate);
        }).ToArray();
        Figures.AssertOutput(parity, "lr_weights", Tensor.From(rates.Select(pair => pair.Item1).ToArray()));
        Figures.AssertOutput(parity, "lr_biases", Tensor.From(rates.Select(pair => pair.Item2).ToArray()));
    }

    [Fact]
    public void The_linear_decay_ends_at_its_floor_and_stays()
    {
        var schedule = LearningRateSchedule.Linear(0.2, 0.002, 1000);
        Assert.Equal(0.199802, schedule.At(1), 1e-12);
        Assert.Equal(0.1505, schedule.At(250), 1e-12);
        Assert.Equal(0.002, schedule.At(1000), 1e-12);
        Assert.Equal(0.002, schedule.At(5000), 1e-12);
    }

    [Fact]
    public void Rates_stay_between_floor_and_peak_and_the_falling_ones_never_rise() => Check.One(
        Config.QuickThrowOnFailure,
        Prop.ForAll(Gen.Choose(2, 500).ToArbitrary(), Gen.Choose(0, 600).ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(),
            (steps, at, percent) =>
        {
            double floor = percent / 100.0;
            LearningRateSchedule[] falling = [LearningRateSchedule.Cosine(1, steps, floor), LearningRateSchedule.Linear(1, floor, steps),
                LearningRateSchedule.Polynomial(1, steps, 0.9, floor), LearningRateSchedule.Step(1, steps, 0.5)];
            bool between = falling[..3].All(schedule => schedule.At(at) >= floor - 1e-12 && schedule.At(at) <= 1
                && Math.Abs(schedule.At(steps) - floor) < 1e-12);
            bool cycle = LearningRateSchedule.OneCycle(1, steps).At(at) is > 0 and <= 1;
            bool rising = at + 1 >= 10 || falling[0].WithWarmUp(10).At(at) < falling[0].WithWarmUp(10).At(at + 1);
            return between && cycle && rising && falling.All(schedule => schedule.At(at + 1) <= schedule.At(at) + 1e-12);
        }));

    [Fact]
    public void A_warm_up_inside_goes_on_at_its_own_count()
    {
        var cosine = LearningRateSchedule.Cosine(1, 10);
        var schedule = cosine.WithWarmUpInside(4, 0.2);
        Assert.Equal(0.2, schedule.At(0), 1e-12);
        Assert.Equal(0.6, schedule.At(2), 1e-12);
        Assert.Equal(cosine.At(4), schedule.At(4), 1e-12);
        Assert.Equal(cosine.At(0), cosine.WithWarmUp(4).At(4), 1e-12);
        Assert.Equal(0.5 * cosine.At(7), cosine.Times(0.5).At(7), 1e-12);
    }

    [Fact]
    public void Steps_before_the_first_and_spans_of_nothing_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant(1).At(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Cosine(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.OneCycle(1, 1));
    }
}
