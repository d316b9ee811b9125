using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Tests.Optim;
using Sconce.Tests.Weights;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Training;

[Collection(LiveTensors.Name)]
public sealed class TrainerTests
{
    public static TheoryData<string> Kinds => ["plain", "accumulated", "exponential", "stochastic", "bfloat16", "clipped", "adam"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_run_stopped_after_any_step_goes_on_with_the_same_losses_and_weights(string kind)
    {
        using var folder = new TemporaryFolder();
        var (whole, weights, _) = Train(kind, null, stopAfter: null);
        List<double> parts = [];
        float[] last = [];
        foreach (int steps in (int[])[1, 2, 6, 7, 1, 100])
        {
            var (losses, now, finished) = Train(kind, folder.Path, steps);
            parts.AddRange(losses);
            last = now;
            if (finished) break;
        }

        Assert.Equal(whole, parts);
        Assert.Equal(weights, last);
    }

    [Fact]
    public void A_thousand_steps_leave_the_tensors_that_they_began_with()
    {
        using var run = new PlainRun { Batches = new(100, 4) };
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = TensorDiagnostics.Unfreed;
        run.Trainer(new TrainerOptions { Epochs = 10 }, schedule: LearningRateSchedule.Constant(0.05),
            average: WeightAveraging.Exponential()).Run();
        Assert.Equal(1000, run.Losses.Count);
        run.Optimizer.Dispose();
        Assert.Equal(before, TensorDiagnostics.Unfreed);
        Assert.True(run.Losses.TakeLast(50).Average() < 0.8 * run.Losses.Take(50).Average());
    }

    [Fact]
    public void Accumulated_batches_step_as_one_batch_of_their_sum()
    {
        using var many = new PlainRun();
        using var one = new PlainRun();
        var batches = new PlainBatches(4, 8);
        new Trainer<ImageBatch>(new SumProgram(many.Network, many.Optimizer), batches, new TrainerOptions { Accumulation = 4 }).Run();
        one.Network.Eval();
        one.Optimizer.ZeroGrad();
        using var scope = new TensorScope();
        var all = batches.Epoch(0).ToBlockingEnumerable(TestContext.Current.CancellationToken).ToList();
        new SumProgram(one.Network, one.Optimizer).Loss(new ImageBatch(Tensor.Cat([.. all.Select(batch => batch.Images)]),
            Tensor.Cat([.. all.Select(batch => batch.Labels!)]), null, [.. Enumerable.Range(0, 32)], [])).Backward();
        one.Optimizer.LearningRate = 0.1;
        one.Optimizer.Step();
        all.ForEach(batch => batch.Dispose());
        float[] expected = one.Weight("head.weight"), found = many.Weight("head.weight");
        for (int k = 0; k < expected.Length; k++) Assert.Equal(expected[k], found[k], 1e-5);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_picture_that_is_no_number_stops_the_run_by_name_and_the_last_good_checkpoint_stays(double fault)
    {
        using var place = new TemporaryFolder();
        using var run = new PlainRun { Batches = new(6, 8, fault, (1, 3)) };
        using var folder = RunFolder.Open(place.Path);
        var error = Assert.Throws<TrainingException>(() => run.Trainer(new TrainerOptions { Epochs = 3, SaveEvery = 2 }, folder).Run());
        Assert.Contains("at step 10 (epoch 2, batch 4)", error.Message, StringComparison.Ordinal);
        Assert.Contains("item-1-3-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("of step 8", error.Message, StringComparison.Ordinal);
        using var checkpoint = Checkpoint.Open(folder.Last);
        Assert.All(checkpoint.Tensors.Where(tensor => tensor.DType == DType.Float32),
            tensor => Assert.All(tensor.ToArray<float>(), number => Assert.True(float.IsFinite(number))));
    }

    [Fact]
    public void A_rate_that_is_far_too_high_stops_the_run_and_says_so()
    {
        using var run = new PlainRun();
        var error = Assert.Throws<TrainingException>(() =>
            run.Trainer(new TrainerOptions { Epochs = 20 }, schedule: LearningRateSchedule.Constant(1e25)).Run());
        Assert.Contains("lower the learning rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_improvement_ends_early_with_its_best()
    {
        using var run = new PlainRun();
        double[] figures = [0.5, 0.7, 0.6, 0.7, 0.65, 0.9];
        int asked = 0;
        var trainer = new Trainer<ImageBatch>(run.Program(LearningRateSchedule.Constant(0.01)), run.Batches,
            new TrainerOptions { Epochs = 6, Patience = 3 })
        {
            Evaluate = _ => new FigureSet { { "accuracy", figures[asked++] } },
        };
        var result = trainer.Run();
        Assert.True(result.StoppedEarly);
        Assert.Equal(5, result.Progress.Epoch);
        Assert.Equal(2, result.Best!.Epoch);
    }

    [Fact]
    public void A_figure_that_no_evaluation_gives_is_named_with_those_there_are()
    {
        using var run = new PlainRun();
        var error = Assert.Throws<TrainingException>(() => run.Trainer(new TrainerOptions { Watched = "acuracy" }).Run());
        Assert.Contains("Did you mean accuracy?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_network_changes_nothing()
    {
        using var place = new TemporaryFolder();
        using (var run = new PlainRun())
        using (var folder = RunFolder.Open(place.Path))
        {
            run.Trainer(new TrainerOptions(), folder).Run();
        }

        using var other = new PlainRun(width: 4);
        using var again = RunFolder.Open(place.Path);
        float[] before = other.Weight("conv.weight");
        var error = Assert.Throws<CheckpointException>(() => other.Trainer(new TrainerOptions { Epochs = 2 }, again).Run());
        Assert.Contains("conv.weight", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, other.Weight("conv.weight"));
    }

    [Fact]
    public void A_run_begun_without_an_average_does_not_go_on_with_one()
    {
        using var place = new TemporaryFolder();
        using (var run = new PlainRun())
        using (var folder = RunFolder.Open(place.Path))
        {
            run.Trainer(new TrainerOptions(), folder).Run();
        }

        using var other = new PlainRun();
        using var again = RunFolder.Open(place.Path);
        Assert.Contains("does not fit this run",
            Assert.Throws<CheckpointException>(() => other.Trainer(new TrainerOptions { Epochs = 2 }, again,
                average: WeightAveraging.Exponential()).Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_opens_once_and_again_after_it_was_closed()
    {
        using var place = new TemporaryFolder();
        using (RunFolder.Open(place.Path))
        {
            Assert.Contains("another process", Assert.Throws<TrainingException>(() => RunFolder.Open(place.Path)).Message,
                StringComparison.Ordinal);
        }

        using var again = RunFolder.Open(place.Path);
    }

    [Fact]
    public void Averaged_weights_get_batch_statistics_of_their_own()
    {
        using var run = new PlainRun();
        using var average = new StochasticWeightAverage(run.Network);
        var norm = (BatchNorm2d)run.Network["norm"];
        using var scope = new TensorScope();
        var inputs = Enumerable.Range(0, 5).Select(k => Tensor.Randn([8, 3, 4, 4]) + k).ToList();
        int count = BatchNormStatistics.Recompute(run.Network, inputs.Select(input => (Action)(() => run.Network.Call(input))));
        Assert.Equal(1, count);
        Assert.Equal(5, norm.NumBatchesTracked!.Item<long>());
        Assert.Equal(0.1, norm.Momentum);
        float[] expected =
            Tensor.Stack([.. inputs.Select(input => run.Network["conv"] is Conv2d conv ? conv.Call(input).Mean([0L, 2, 3]) : input)])
            .Mean([0L]).ToArray<float>();
        float[] found = norm.RunningMean!.ToArray<float>();
        for (int k = 0; k < expected.Length; k++) Assert.Equal(expected[k], found[k], 1e-4);
    }

    private static (List<double> Losses, float[] Weights, bool Finished) Train(string kind, string? place, int? stopAfter)
    {
        using var run = new PlainRun(seed: place is null || stopAfter == 1 ? 1UL : 99UL); // what a resumed run begins with does not matter
        if (kind == "adam") run.Optimizer = new AdamW(run.Network.Parameters(), 0.01);
        var options = new TrainerOptions
        {
            Epochs = 3,
            Seed = 5,
            Accumulation = kind == "accumulated" ? 4 : 1,
            BFloat16 = kind == "bfloat16",
        };
        var player = new Player("classifier", run.Network, run.Optimizer, LearningRateSchedule.Cosine(0.1, 18))
        {
            ClipNorm = kind == "clipped" ? 0.1 : null,
            AdaptiveClipping = kind == "clipped" ? 0.05 : null,
            Average = kind switch
            {
                "exponential" => WeightAveraging.Exponential(),
                "stochastic" => WeightAveraging.Stochastic(from: 1),
                _ => WeightAveraging.None
            },
        };
        using var folder = place is null ? null : RunFolder.Open(place);
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer<ImageBatch>(new ClassifierProgram(run.Network, player, new LabelLoss(2)), run.Batches, options)
        {
            Folder = folder,
            Stepped = report =>
            {
                run.Losses.Add(report.Loss);
                if (run.Losses.Count == stopAfter) stop.Cancel();
            },
            Evaluate = cancellation => ClassifierEvaluation.Run(run.Network, new PlainBatches(2, 16), 2,
                cancellation: cancellation).Figures(),
        };
        bool finished = true;
        try
        {
            trainer.Run(cancellation: stop.Token);
        }
        catch (OperationCanceledException)
        {
            finished = false;
        }

        return (run.Losses, [.. run.Network.StateDict().SelectMany(entry => entry.Tensor.ToArray<float>())], finished);
    }

    /// <summary>A loss of which the mean over batches is that of the whole: the network in evaluation mode.</summary>
    private sealed class SumProgram(Sequential network, Optimizer optimizer)
        : LossProgram<ImageBatch>(new Player("classifier", network, optimizer, LearningRateSchedule.Constant(0.1)))
    {
        private readonly LabelLoss labels = new(2);

        public override Tensor Loss(ImageBatch batch)
        {
            network.Eval();
            return labels.Of(network.Call(batch.Images), batch);
        }
    }
}
