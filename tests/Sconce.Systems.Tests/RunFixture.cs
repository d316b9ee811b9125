using Sconce.Catalogue;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Runs of one system in a folder of their own, as the command makes and asks them.</summary>
internal sealed class RunFixture : IDisposable
{
    private readonly CatalogueSystem[] systems;

    public RunFixture(CatalogueSystem system)
    {
        systems = [system];
        Folder = Directory.CreateTempSubdirectory("sconce-run-").FullName;
    }

    public string Folder { get; }

    public CatalogueModels Models => new(systems);

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Opens a run of a network by the method that is its default.</summary>
    public TrainingRun Open(string network, ITrainingSettings settings, Action<string>? remark = null)
    {
        var method = MethodOf(network);
        return method.Open(new TrainingSetup(new RunConfiguration(network, method.Name, settings), Models, new CatalogueMethods(systems))
        {
            Remark = remark,
        });
    }

    /// <summary>Trains in a folder below this one, or goes on there.</summary>
    public TrainingResult Train(string name, string network, ITrainingSettings settings, CancellationToken cancellation = default)
    {
        using var place = RunFolder.Open(Path.Combine(Folder, name));
        using var run = Open(network, settings);
        return run.Train(place, cancellation: cancellation);
    }

    /// <summary>Trains, but stops after some steps, as Ctrl-C does.</summary>
    public void Stop(string name, string network, ITrainingSettings settings, int steps)
    {
        using var source = new CancellationTokenSource();
        using var place = RunFolder.Open(Path.Combine(Folder, name));
        using var run = Open(network, settings);
        var watch = new Watch(report =>
        {
            if (report.Stage == "training" && report.Done >= steps) source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => run.Train(place, watch, source.Token));
    }

    /// <summary>The bytes of the weights that a run ships.</summary>
    public byte[] Best(string name) => File.ReadAllBytes(Path.Combine(Folder, name, "best.ckpt"));

    /// <summary>The run as abilities and evaluations see it.</summary>
    public TrainedNetwork Trained(string name, string network, ITrainingSettings settings)
    {
        using var opened = Open(network, settings);
        string folder = Path.Combine(Folder, name);
        return new TrainedNetwork(Models.Get(network), Path.Combine(folder, "best.ckpt"), null, null)
        {
            Configuration = opened.Configuration,
            Run = folder,
        };
    }

    /// <summary>What an ability is opened with.</summary>
    public CatalogueRequest Request(string name, string network, ITrainingSettings settings)
    {
        var trained = Trained(name, network, settings);
        var target = new AbilityTarget(trained.Run!, systems[0], trained.Variant) { Run = trained, Method = MethodOf(network) };
        return new CatalogueRequest(target, trained.Variant, null);
    }

    public TrainingMethod MethodOf(string network) =>
        systems[0].Methods.First(method => method.IsDefaultFor(Models.Get(network)));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class Watch(Action<WorkProgress> told) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => told(value);
    }
}
