using System.Text.Json.Nodes;
using Sconce.Catalogue;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Runs of a system's methods in a test's folder.</summary>
/// <param name="root">The folder.</param>
/// <param name="system">Whose methods.</param>
internal sealed class SmallRuns(string root, CatalogueSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CatalogueMethods Methods => new([system]);

    /// <summary>A method's beginning, small: two epochs, batches of two, a checkpoint at each step.</summary>
    /// <param name="method">By name.</param>
    /// <param name="network">By name.</param>
    /// <param name="data">The folder.</param>
    /// <param name="side">Of pictures; null for the method's own.</param>
    internal RunConfiguration Asked(string method, string network, string data, int? side = null)
    {
        var start = Methods.Get(method).Start(network);
        var run = start.Run with { Data = data, Epochs = 2, Batch = 2, Threads = TorchRuntime.Threads, Workers = 1, SaveEvery = 1 };
        return start.With(run).WithImageSize(side ?? start.ImageSize);
    }

    /// <summary>Opens a run.</summary>
    internal TrainingRun Open(RunConfiguration configuration) =>
        Methods.Get(configuration.Method).Open(new TrainingSetup(configuration, new CatalogueModels([system]), Methods));

    /// <summary>Trains to the end in a folder of its own.</summary>
    internal (TrainingResult Result, RunConfiguration Settled) Train(RunConfiguration configuration, string name)
    {
        using var folder = RunFolder.Open(Path.Combine(root, name));
        using var run = Open(configuration);
        return (run.Train(folder, cancellation: Cancellation), run.Configuration);
    }

    /// <summary>The best weights of a run, to be asked.</summary>
    internal TrainedNetwork Trained(string name, RunConfiguration settled)
    {
        var variant = new CatalogueModels([system]).Get(settled.Network);
        string folder = Path.Combine(root, name);
        return new TrainedNetwork(variant, Path.Combine(folder, "best.ckpt"), settled.ImageSize, settled.Classes)
        {
            Configuration = settled,
            Run = folder,
            Device = Device.Cpu,
        };
    }

    /// <summary>The run as abilities are asked of it.</summary>
    internal AbilityTarget Target(string name, RunConfiguration settled) =>
        Trained(name, settled).Target(system, Methods.Get(settled.Method));

    /// <summary>Trains twice, once with a stop after some reports, and compares losses and best weights bit for bit.</summary>
    /// <returns>The whole run's settled configuration; its folder is <c>whole</c>.</returns>
    internal RunConfiguration StopsAndGoesOn(RunConfiguration asked, int after = 3)
    {
        var (whole, settled) = Train(asked, "whole");
        using (var stop = new CancellationTokenSource())
        {
            using var folder = RunFolder.Open(Path.Combine(root, "stopped"));
            using var run = Open(asked);
            Assert.ThrowsAny<OperationCanceledException>(() => run.Train(folder, new StopAfter(stop.Cancel, after), stop.Token));
        }

        var kept = RunConfigurationFile.Parse(RunConfigurationFile.ToJson(settled, Methods), "config.json", Methods);
        var (again, _) = Train(kept, "stopped");
        Assert.Equal(whole.Progress.Step, again.Progress.Step);
        Assert.Equal(Losses("whole"), Losses("stopped"));
        Assert.Equal(Weights("whole"), Weights("stopped"));
        return settled;
    }

    /// <summary>Asks a run's best weights as <c>sconce eval RUN</c> does: what is found is what one of its epochs found.</summary>
    internal EvaluationReport EvaluatesAsItTrained(string name, RunConfiguration settled)
    {
        var report = Methods.Get(settled.Method).Evaluate(Trained(name, settled), null, 1, null, Cancellation);
        Assert.Contains(RunHistory.Read(Path.Combine(root, name)).Evaluations, evaluation =>
            evaluation.Figures.Count == report.Figures.Count && evaluation.Figures.All(figure =>
                Math.Abs(figure.Value - report.Figures[figure.Key]) <= 1e-5 * Math.Max(1, Math.Abs(figure.Value))));
        Assert.True(report.Count > 0, "nothing was asked about");
        return report;
    }

    private string[] Losses(string name) =>
    [
        .. File.ReadLines(Path.Combine(root, name, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())
            .Select(line => $"{line["step"]} {line["loss"]} {line["evaluation"]?.ToJsonString()}"),
    ];

    private float[][] Weights(string name)
    {
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(Path.Combine(root, name, "best.ckpt"));
        return
        [
            .. checkpoint.Tensors.Where(tensor => tensor.DType == DType.Float32).OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
                .Select(tensor => ModelWeights.ToTensor(tensor).ToArray<float>()),
        ];
    }

    private sealed class StopAfter(Action stop, int after) : IProgress<WorkProgress>
    {
        private int seen;

        public void Report(WorkProgress value)
        {
            if (++seen == after) stop();
        }
    }
}
