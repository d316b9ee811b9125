using Sconce.Data;
using Sconce.Metrics;
using Sconce.Optim;
using Sconce.Tests.Optim;
using Sconce.Tests.Weights;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>How long a run is, what becomes the best of it, and what happens at its ends.</summary>
[Collection(LiveTensors.Name)]
public sealed class RunLengthTests
{
    private static readonly LearningRateSchedule Constant = LearningRateSchedule.Constant(0.05);

    [Fact]
    public void A_finished_run_that_is_asked_for_more_epochs_goes_on_as_one_that_was_asked_for_them_at_once()
    {
        using var place = new TemporaryFolder();
        var (whole, _) = Train(null, 4);
        var (first, _) = Train(place.Path, 2);
        var (same, _) = Train(place.Path, 2);
        var (rest, result) = Train(place.Path, 4);
        Assert.Empty(same);
        Assert.Equal(whole, [.. first, .. rest]);
        Assert.False(result.StoppedEarly);
        Assert.Equal((4, 4, true), (result.Progress.Epoch, result.Progress.History.Count, result.Progress.Finished));
    }

    [Fact]
    public void A_run_that_ended_early_ends_there_until_more_is_asked_for()
    {
        using var place = new TemporaryFolder();
        double[] figures = [0.9, 0.5, 0.4, 0.95, 0.3, 0.2];
        Assert.Equal(3, Epochs(3));
        Assert.Equal(3, Epochs(3));
        Assert.Equal(6, Epochs(9));

        int Epochs(int epochs)
        {
            using var run = new PlainRun();
            using var folder = RunFolder.Open(place.Path);
            int asked = RunCheckpointOf(folder);
            return new Trainer<ImageBatch>(run.Program(Constant), run.Batches, new TrainerOptions { Epochs = epochs, Patience = 2 })
            {
                Folder = folder,
                Evaluate = _ => new FigureSet { { "accuracy", figures[asked++] } },
            }.Run().Progress.Epoch;
        }

        static int RunCheckpointOf(RunFolder folder) => folder.HasCheckpoint ? RunCheckpoint.Peek(folder.Last).Progress.Epoch : 0;
    }

    [Fact]
    public void A_run_counted_in_steps_ends_in_the_midst_of_an_epoch_with_an_evaluation_and_goes_on_from_there()
    {
        using var place = new TemporaryFolder();
        var (whole, _) = Train(null, 3);
        var (first, result) = Train(place.Path, 1, steps: 8);
        Assert.Equal((8, 1, 2), (result.Progress.Step, result.Progress.Epoch, result.Progress.Batch));
        Assert.Equal([6, 8], result.Progress.History.Select(evaluation => evaluation.Step));
        var (again, _) = Train(place.Path, 1, steps: 8);
        Assert.Empty(again);
        var (rest, end) = Train(place.Path, 1, steps: 18);
        Assert.Equal(whole, [.. first, .. rest]);
        Assert.Equal((18, 3), (end.Progress.Step, end.Progress.Epoch));
    }

    [Theory]
    [InlineData("fid", new[] { 90.0, 40, 60 }, 2)]
    [InlineData("accuracy", new[] { 0.9, 0.4, 0.6 }, 1)]
    public void A_figure_says_which_way_it_is_better(string watched, double[] values, int best)
    {
        using var run = new PlainRun();
        int asked = 0;
        var result = new Trainer<ImageBatch>(run.Program(Constant), run.Batches,
            new TrainerOptions { Epochs = values.Length, Watched = watched })
        {
            Evaluate = _ => new FigureSet { watched == "fid"
                ? Figure.Lower("fid", values[asked++]) : new Figure("accuracy", values[asked++]) },
        }.Run();
        Assert.Equal(best, result.Best!.Epoch);
    }

    [Fact]
    public void Of_equal_figures_the_lower_loss_is_the_best()
    {
        using var run = new PlainRun();
        (double Accuracy, double Loss)[] figures = [(0.9, 0.5), (0.9, 0.6), (0.9, 0.4), (0.8, 0.1)];
        int asked = 0;
        var result = new Trainer<ImageBatch>(run.Program(Constant), run.Batches, new TrainerOptions { Epochs = 4 })
        {
            Evaluate = _ => new FigureSet { { "accuracy", figures[asked].Accuracy }, Figure.Lower("loss", figures[asked++].Loss) },
        }.Run();
        Assert.Equal(3, result.Best!.Epoch);
    }

    [Fact]
    public void A_stop_at_an_epochs_end_takes_the_weights_into_the_average_once()
    {
        using var place = new TemporaryFolder();
        var whole = Ended(null, stops: 0);
        Ended(place.Path, stops: 1);
        Assert.Equal(whole, Ended(place.Path, stops: 0));

        static float[] Ended(string? path, int stops)
        {
            using var run = new PlainRun();
            using var folder = path is null ? null : RunFolder.Open(path);
            using var stop = new CancellationTokenSource();
            using var player = new Player("classifier", run.Network, run.Optimizer, Constant)
            { Average = WeightAveraging.Stochastic(from: 0) };
            var program = new Ending(new ClassifierProgram(run.Network, player, new LabelLoss(2)), player, epoch =>
            {
                Tensor.Randn([3]); // random numbers that were drawn before a stop are drawn again
                if (epoch.Done == 2 && stops > 0) stop.Cancel();
                epoch.Cancellation.ThrowIfCancellationRequested();
            });
            var trainer = new Trainer<ImageBatch>(program, run.Batches, new TrainerOptions { Epochs = 3 })
            {
                Folder = folder,
                Evaluate = cancellation => ClassifierEvaluation.Run(run.Network, new PlainBatches(2, 16), 2,
                    cancellation: cancellation).Figures(),
            };
            if (stops > 0)
            {
                Assert.ThrowsAny<OperationCanceledException>(() => trainer.Run(cancellation: stop.Token));
                return [];
            }

            var evaluation = trainer.Run().Progress.History.Single();
            return [.. evaluation.Figures.Values.Select(value => (float)value), .. run.Weight("conv.weight")];
        }
    }

    [Fact]
    public void Samples_are_of_the_averaged_weights_at_latents_that_stay_and_do_not_change_the_run()
    {
        using var place = new TemporaryFolder();
        var (kept, samples) = Losses(place.Path);
        Assert.Equal(Losses(null).Losses, kept);
        Assert.Equal(["0001-points.txt", "0002-points.txt"], samples.Select(Path.GetFileName));
        Assert.Equal(["samples"], samples.Select(file => Path.GetFileName(Path.GetDirectoryName(file))).Distinct());
        Assert.NotEqual(File.ReadAllText(samples[0]), File.ReadAllText(samples[1]));

        static (List<double> Losses, List<string> Samples) Losses(string? path)
        {
            using var gan = new TinyGan(1);
            using var folder = path is null ? null : RunFolder.Open(path);
            List<double> losses = [];
            new Trainer<Tensor>(gan, new RingBatches(4, 8), new TrainerOptions { Epochs = 2 })
            { Folder = folder, Stepped = report => losses.Add(report.Loss) }.Run();
            return (losses, gan.Samples);
        }
    }

    private static (List<double> Losses, TrainingResult Result) Train(string? path, int epochs, long? steps = null)
    {
        using var run = new PlainRun();
        using var folder = path is null ? null : RunFolder.Open(path);
        var result = run.Trainer(new TrainerOptions { Epochs = epochs, Steps = steps, Seed = 5 }, folder, Constant).Run();
        return (run.Losses, result);
    }

    /// <summary>A program with something to do at an epoch's end.</summary>
    private sealed class Ending(ClassifierProgram inner, Player player, Action<EpochEnd> ended) : LossProgram<ImageBatch>(player)
    {
        public override Tensor Loss(ImageBatch batch) => inner.Loss(batch);

        protected internal override void EpochEnded(EpochEnd epoch) => ended(epoch);
    }
}
