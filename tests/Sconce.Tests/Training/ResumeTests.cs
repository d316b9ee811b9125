using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Tests.Optim;
using Sconce.Tests.Weights;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>Runs of every kind that are stopped at random steps are, bit for bit, those that were never stopped.</summary>
[Collection(LiveTensors.Name)]
public sealed class ResumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_classifier_goes_on_exactly(int seed) => Stops.Hold<ImageBatch>(
        (start, folder, told) =>
        {
            var run = new PlainRun(start);
            var trainer = new Trainer<ImageBatch>(run.Program(LearningRateSchedule.Cosine(0.1, 24), WeightAveraging.Exponential(0.9)),
                run.Batches, new TrainerOptions { Epochs = 4, Seed = 5 })
            {
                Folder = folder,
                Stepped = told,
                Evaluate = cancellation => ClassifierEvaluation.Run(run.Network, new PlainBatches(2, 16), 2,
                    cancellation: cancellation).Figures(),
            };
            return (trainer, [run.Network], run);
        },
        seed);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 3)]
    [InlineData(3, 2, 1)]
    public void Two_players_go_on_exactly_with_their_optimisers_the_average_and_what_the_program_keeps(int seed, int accumulation,
        int generatorEvery) => Stops.Hold<Tensor>(
        (start, folder, told) =>
        {
            var gan = new TinyGan(start, generatorEvery);
            var trainer = new Trainer<Tensor>(gan, new RingBatches(7, 8),
                new TrainerOptions { Epochs = accumulation == 2 ? 6 : 4, Seed = 5, Accumulation = accumulation, Watched = "radius" })
            {
                Folder = folder,
                Stepped = told,
                Evaluate = _ => gan.Figures(),
            };
            return (trainer, [gan.G, gan.D], gan);
        },
        seed);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_replay_buffer_and_its_environment_go_on_exactly(int seed) => Stops.Hold<Transitions>(
        (start, folder, told) =>
        {
            TorchRuntime.ManualSeed(start);
            var (values, target) = (new CorridorValues(), new CorridorValues());
            var optimizer = new RmsProp(values.Parameters(), 0.05);
            var corridor = new Corridor(values, capacity: 40, warmUp: 12, batchesPerEpoch: 10);
            var trainer = new Trainer<Transitions>(new CorridorProgram(values, target, optimizer), corridor,
                new TrainerOptions { Steps = 35, Seed = 5 })
            { Folder = folder, Stepped = told };
            return (trainer, [values, target], new All(optimizer, corridor, values, target));
        },
        seed);

    [Fact]
    public void A_run_of_the_first_format_goes_on_where_it_stood()
    {
        using var place = new TemporaryFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Training", "Files", "run-format-1.ckpt"), place.File("last.ckpt"));
        // Log and events lay beside it.
        var counted = RunCheckpoint.Peek(place.File("last.ckpt")).Progress;
        File.WriteAllBytes(place.File("log.jsonl"), new byte[counted.LogBytes]);
        File.WriteAllBytes(place.File("events.out.tfevents.0.sconce"), new byte[counted.EventBytes]);
        TorchRuntime.ManualSeed(99);
        using var network = new Sequential
        {
            ["conv"] = new Conv2d(3, 8, 3, 1, 1),
            ["norm"] = new BatchNorm2d(8),
            ["act"] = new Relu(),
            ["pool"] = new GlobalAvgPool2d(),
            ["head"] = new Linear(8, 2)
        };
        using var player = new Player("classifier", network, new Sgd(network.Parameters(), 0.1, 0.9), LearningRateSchedule.Cosine(0.1, 18))
        { Average = WeightAveraging.Exponential(0.9) };
        using var folder = RunFolder.Open(place.Path);
        List<double> losses = [];
        var result = new Trainer<ImageBatch>(new ClassifierProgram(network, player, new LabelLoss(2)), new PlainBatches(6, 8),
            new TrainerOptions { Epochs = 3, Seed = 5 })
        {
            Folder = folder,
            Stepped = report => losses.Add(report.Loss),
            Evaluate = cancellation => ClassifierEvaluation.Run(network, new PlainBatches(2, 16), 2, cancellation: cancellation).Figures(),
        }.Run();
        // What the code that wrote the file went on with.
        double[] expected = [0.66018999, 0.74391270, 0.68342477, 0.67633069, 0.67157084, 0.66418177, 0.70426971, 0.65875506,
            0.65847272, 0.62442887];
        Assert.Equal(expected.Length, losses.Count);
        for (int k = 0; k < expected.Length; k++) Assert.Equal(expected[k], losses[k], 1e-4);
        double[] evaluations = [0.67682657, 0.65814313, 0.63893849];
        Assert.Equal(3, result.Progress.History.Count);
        for (int k = 0; k < 3; k++) Assert.Equal(evaluations[k], result.Progress.History[k].Figures["loss"], 1e-4);
        using var written = Checkpoint.Open(folder.Last, new CheckpointOptions { Wrapper = null, StripPrefix = "" });
        Assert.Equal("sconce run 2", ((CheckpointDictionary)written.Root!)["format"]);
    }

    [Fact]
    public void A_checkpoint_of_other_players_is_one_error_that_names_them_and_changes_nothing()
    {
        using var place = new TemporaryFolder();
        using (var gan = new TinyGan(1))
        using (var folder = RunFolder.Open(place.Path))
        {
            new Trainer<Tensor>(gan, new RingBatches(2, 4), new TrainerOptions()) { Folder = folder }.Run();
        }

        using var run = new PlainRun();
        using var again = RunFolder.Open(place.Path);
        float[] before = run.Weight("conv.weight");
        var error = Assert.Throws<CheckpointException>(() => run.Trainer(new TrainerOptions { Epochs = 2 }, again).Run());
        Assert.Contains("discriminator and generator", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, run.Weight("conv.weight"));
    }

    [Fact]
    public void One_players_weights_do_not_load_into_the_other()
    {
        using var place = new TemporaryFolder();
        using var gan = new TinyGan(1);
        using (var folder = RunFolder.Open(place.Path))
        {
            new Trainer<Tensor>(gan, new RingBatches(2, 4), new TrainerOptions { Watched = "radius" })
            { Folder = folder, Evaluate = _ => gan.Figures() }.Run();
            Assert.Contains("norm.weight", Assert.Throws<CheckpointException>(() => ModelWeights.Load(gan.D, folder.Best)).Message,
                StringComparison.Ordinal);
            ModelWeights.Load(gan.G, folder.Best);
        }
    }

    [Fact]
    public void A_saved_source_that_is_missing_in_the_checkpoint_is_said()
    {
        using var place = new TemporaryFolder();
        using var values = new CorridorValues();
        using var optimizer = new RmsProp(values.Parameters(), 0.05);
        using var target = new CorridorValues();
        using var corridor = new Corridor(values, 40, 12, 10);
        using (var folder = RunFolder.Open(place.Path))
        {
            new Trainer<Transitions>(new CorridorProgram(values, target, optimizer), new Replayed(corridor), new TrainerOptions())
            { Folder = folder }.Run();
        }

        using var again = RunFolder.Open(place.Path);
        var trainer = new Trainer<Transitions>(new CorridorProgram(values, target, optimizer), corridor, new TrainerOptions { Epochs = 2 })
        { Folder = again };
        Assert.Contains("no state of a source", Assert.Throws<CheckpointException>(() => trainer.Run()).Message, StringComparison.Ordinal);
    }

    private sealed class Replayed(Corridor inner) : IBatchSource<Transitions>
    {
        public int BatchesPerEpoch => inner.BatchesPerEpoch;

        public IAsyncEnumerable<Transitions> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default) =>
            inner.Epoch(epoch, first, cancellationToken);
    }
}
