using System.Text.Json.Nodes;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

/// <summary>Runs of small generators on eight small pictures, in a folder of their own.</summary>
internal sealed class TrialRuns(TrainingMethod method, CatalogueSystem system) : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("sconce-generation-").FullName;

    /// <summary>Two epochs of a few steps on eight pictures of unlike sizes.</summary>
    public RunConfiguration Asked(string network, Func<AdversarialSettings, AdversarialSettings>? change = null)
    {
        var start = method.Start(network);
        var run = start.Run with { Data = Photos(), Epochs = 2, Batch = 4, Threads = TorchRuntime.Threads, Workers = 1, SaveEvery = 2 };
        start = start.With(run);
        var own = (IAdversarialSettings)start.Settings;
        var game = own.Game with { Passes = 3, Judged = 24, AdaptOver = 40 };
        return start with { Settings = own.With(change is null ? game : change(game)) };
    }

    public TrainingRun Open(RunConfiguration asked) =>
        method.Open(new TrainingSetup(asked, new CatalogueModels([system]), new CatalogueMethods([system])));

    public RunConfiguration Settled(RunConfiguration asked)
    {
        using var run = Open(asked);
        return run.Configuration;
    }

    public TrainingResult Train(RunConfiguration asked, string name)
    {
        using var folder = RunFolder.Open(Path.Combine(Root, name));
        using var run = Open(asked);
        return run.Train(folder, cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>What a run left, for those who use it.</summary>
    public TrainedNetwork Trained(RunConfiguration asked, string name)
    {
        var settled = Settled(asked);
        var variant = new CatalogueModels([system]).Get(asked.Network);
        string weights = Path.Combine(Root, name, RunFolder.BestName);
        return new TrainedNetwork(variant, weights, settled.ImageSize, null) { Configuration = settled };
    }

    /// <summary>A run that is stopped after so many reports goes on as one that was not: log, weights, samples.</summary>
    public TrainingResult AssertResumes(RunConfiguration asked, int after)
    {
        var whole = Train(asked, "whole");
        using (var stop = new CancellationTokenSource())
        {
            using var folder = RunFolder.Open(Path.Combine(Root, "stopped"));
            using var run = Open(asked);
            int told = 0;
            var steps = new Told(_ =>
            {
                if (++told == after) stop.Cancel();
            });
            Assert.ThrowsAny<OperationCanceledException>(() => run.Train(folder, steps, stop.Token));
        }

        Train(asked, "stopped");
        Assert.Equal(Log("whole"), Log("stopped"));
        foreach (string name in (string[])["best.ckpt", "last.ckpt"]) Assert.Equal(Weights("whole", name), Weights("stopped", name));
        string[] samples = Samples("whole");
        Assert.Equal(samples.Select(Path.GetFileName), Samples("stopped").Select(Path.GetFileName));
        Assert.Equal(File.ReadAllBytes(samples[^1]), File.ReadAllBytes(Samples("stopped")[^1]));
        return whole;
    }

    public string[] Samples(string name) => [.. Directory.GetFiles(Path.Combine(Root, name, "samples")).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string Photos()
    {
        string data = Path.Combine(Root, "photos");
        if (Directory.Exists(data)) return data;
        Directory.CreateDirectory(data);
        for (int k = 0; k < 8; k++)
        {
            var picture = new Image(70 + (9 * k), 90);
            picture.Fill(new PixelBox(0, 0, picture.Width, 45), new Rgb((byte)(30 * k), 200, 40));
            picture.Save(Path.Combine(data, $"{k}.png"));
        }

        return data;
    }

    private string[] Log(string name) =>
    [
        .. File.ReadLines(Path.Combine(Root, name, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())
            .Select(line => $"{line["step"]} {line["loss"]} {line["evaluation"]?.ToJsonString()} {line["figures"]?.ToJsonString()}"),
    ];

    private float[][] Weights(string name, string file)
    {
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(Path.Combine(Root, name, file));
        return
        [
            .. checkpoint.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Where(tensor => tensor.DType == DType.Float32)
                .Select(tensor => ModelWeights.ToTensor(tensor).ToArray<float>()),
        ];
    }

    private sealed class Told(Action<WorkProgress> tell) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => tell(value);
    }
}
