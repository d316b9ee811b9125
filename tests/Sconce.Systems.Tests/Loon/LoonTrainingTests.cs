using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Systems.Control.Loon;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Loon;

[Collection(LiveTensors.Name)]
public sealed class LoonTrainingTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new LoonSystem()];
    private static readonly LoonSettings Small = new()
    {
        Run = new RunSettings { Epochs = 2, Batch = 16 },
        Updates = 30,
        Worlds = 4,
        Replay = 400,
        LearnAfter = 60,
        Flights = 2,
        TargetEvery = 7,
    };

    private readonly string folder = Directory.CreateTempSubdirectory("sconce-loon").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(ReplayDraw.Even)]
    [InlineData(ReplayDraw.Prioritised)]
    public void A_run_that_is_stopped_again_and_again_is_bit_for_bit_one_that_is_not(ReplayDraw draw)
    {
        var settings = Small with { Draw = draw };
        var whole = Train(settings, Path.Combine(folder, "whole"), int.MaxValue);
        string parts = Path.Combine(folder, "parts");
        int pieces = 0;
        for (bool done = false; !done; pieces++) done = Train(settings, parts, 11) is not null;
        Assert.True(pieces > 4, $"only {pieces} pieces");
        Assert.Equal(Weights(Path.Combine(folder, "whole")), Weights(parts));
        Assert.Equal(Steps(Path.Combine(folder, "whole")), Steps(parts));
        Assert.NotNull(whole!.Best);
    }

    [Fact]
    public void Each_step_in_the_stratosphere_goes_on_exactly_too()
    {
        var settings = new LoonSettings
        {
            Run = new RunSettings { Epochs = 1, Batch = 8 },
            Updates = 6,
            Worlds = 2,
            Replay = 200,
            LearnAfter = 20,
            Flights = 1,
            Exploring = 1,
        };
        var source = Source(settings, out var network);
        using var owner = network;
        var first = Batches(source, 4);
        var again = Source(settings, out var other);
        using var otherOwner = other;
        Batches(again, 2);
        var state = new SavedState();
        again.Save(state);
        var resumed = Source(settings, out var third);
        using var thirdOwner = third;
        resumed.Load(state);
        var rest = Batches(resumed, 2);
        for (int k = 0; k < 2; k++)
        {
            Assert.Equal(first[2 + k].Observations, rest[k].Observations);
            Assert.Equal(first[2 + k].Actions, rest[k].Actions);
            Assert.Equal(first[2 + k].Rewards, rest[k].Rewards);
        }
    }

    [Fact]
    public void A_run_plays_and_is_judged_beside_StationSeeker_and_chance()
    {
        string run = Path.Combine(folder, "run");
        Train(Small, run, int.MaxValue);
        var variant = new LoonSystem().Variants[1];
        var trained = new TrainedNetwork(variant, Path.Combine(run, "best.ckpt"), null, null);
        var report = new LoonMethod().Evaluate(trained, null, 1, null, default);
        Assert.Equal([variant.Name, "StationSeeker", "chance"], report.Rows.Select(row => row.Name));
        Assert.All(report.Rows, row => Assert.InRange(row.Values[0], 0, 1));

        var target = new AbilityTarget(run, Systems[0], variant) { Run = trained };
        using var session = new LoonPlay().Open(new CatalogueRequest(target, variant, null));
        var answer = session.Ask(Nothing.Instance, new LoonPlaySettings { Episodes = 3 });
        Assert.Equal(3, answer.Episodes.Items.Count);
        Assert.Equal(answer.Episodes.Items.Average(row => (double)row[1]!), (double)answer.Figures.Items[0][1]!, 1e-12);
        Assert.StartsWith("<!DOCTYPE html>", answer.Flight.Html, StringComparison.Ordinal);
        Assert.Contains("within 50 km", answer.Flight.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void StationSeeker_flies_better_than_chance_and_a_network_without_weights_says_so()
    {
        var variant = new LoonSystem().Variants[1];
        var target = new AbilityTarget("loon", Systems[0], variant);
        using var session = new LoonPlay().Open(new CatalogueRequest(target, variant, null));
        double Within(LoonPilot pilot)
        {
            var settings = new LoonPlaySettings { Episodes = 60, Pilot = pilot };
            return (double)session.Ask(Nothing.Instance, settings).Figures.Items[0][1]!;
        }

        Assert.True(Within(LoonPilot.StationSeeker) > 2 * Within(LoonPilot.Random));
        var fault = Assert.Throws<UsageException>(() => session.Ask(Nothing.Instance));
        Assert.Contains("needs weights", fault.Message, StringComparison.Ordinal);
    }

    private static LoonReplay Source(LoonSettings settings, out QuantileNetwork network)
    {
        Torch.TorchRuntime.ManualSeed(3);
        network = new QuantileNetwork(new QuantileNetworkConfig(LoonFeatures.Count, 3, 2, 16, 8));
        return new LoonReplay(network, new BalloonPilot(Small: false), settings with { Discount = 0.993, Returns = 5 });
    }

    private static List<Sconce.Control.ReplayBatch> Batches(LoonReplay source, int count)
    {
        var found = new List<Sconce.Control.ReplayBatch>();
        var stream = source.Epoch(0).GetAsyncEnumerator();
        while (found.Count < count && stream.MoveNextAsync().AsTask().GetAwaiter().GetResult()) found.Add(stream.Current);
        return found;
    }

    /// <summary>Trains until so many steps are done, as Ctrl-C would; null where it was stopped.</summary>
    private static TrainingResult? Train(LoonSettings settings, string path, int steps)
    {
        using var folder = RunFolder.Open(path);
        using var stop = new CancellationTokenSource();
        var configuration = new RunConfiguration("loon_small", "qrdqn", settings);
        var setup = new TrainingSetup(configuration, new CatalogueModels(Systems), new CatalogueMethods(Systems));
        using var run = new LoonMethod().Open(setup);
        int done = 0;
        var progress = new Stops(report =>
        {
            if (report.Stage == "training" && ++done == steps) stop.Cancel();
        });
        try
        {
            return run.Train(folder, progress, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static float[] Weights(string run)
    {
        using var network = new QuantileNetwork(new QuantileNetworkConfig(SmallWorld.Numbers, 3, 3, 128, 32));
        ModelWeights.Load(network, Path.Combine(run, "best.ckpt"));
        return [.. network.StateDict().SelectMany(entry => entry.Tensor.ToArray<float>())];
    }

    /// <summary>The losses of the log, without what depends on the clock.</summary>
    private static List<string> Steps(string run) =>
    [
        .. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("loss", out _)).Select(line => line.GetProperty("loss").GetRawText()),
    ];

    private sealed class Stops(Action<WorkProgress> told) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => told(value);
    }
}
