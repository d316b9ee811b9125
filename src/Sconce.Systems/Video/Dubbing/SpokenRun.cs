using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>Frames with speech. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Parts">As the recipe has them.</param>
/// <param name="Names">What errors call the items.</param>
internal sealed record SpokenBatch(IReadOnlyList<Tensor> Parts, IReadOnlyList<string> Names) : IDisposable
{
    internal int Count => Names.Count;

    public void Dispose()
    {
        foreach (var part in Parts) part.Dispose();
    }
}

/// <summary>What a run on clips of people who speak has of its own.</summary>
/// <param name="Method">How it learns.</param>
/// <param name="Box">The face in all clips.</param>
/// <param name="Figures">Of its evaluations, the one to watch first.</param>
/// <param name="Recipe">Of a part of the clips.</param>
internal sealed record SpokenPlan(
    TrainingMethod Method, IReadOnlyList<int> Box, string[] Figures,
    Func<IReadOnlyList<(SpokenClip Clip, int Start)>, FaceCut, StackedRecipe<SpokenBatch>> Recipe)
{
    /// <summary>What else of the configuration is to be settled.</summary>
    public Func<RunConfiguration, RunConfiguration>? Settle { get; init; }
}

/// <summary>What both networks' runs on clips of people who speak are made of.</summary>
internal sealed class SpokenRun
{
    private const int Shown = 4;
    private readonly DataLoader<float[][], SpokenBatch> batches, heldOut;
    private readonly SpokenClips clips;

    /// <summary>Opens the data and settles the configuration; the network follows with its seed.</summary>
    /// <param name="setup">What the run is built from.</param>
    /// <param name="plan">What it has of its own.</param>
    /// <param name="owned">Frees the frames that were cut.</param>
    internal SpokenRun(TrainingSetup setup, SpokenPlan plan, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, plan.Method, "clips of people who speak");
        Variant = setup.Models.Get(asked.Network);
        Device = setup.RunsOn;
        var configuration = ConfiguredParts.Settle(asked, Variant, plan.Method);
        configuration = plan.Settle?.Invoke(configuration) ?? configuration;
        var cache = owned.Own(new KeptFolder(setup.Folder, FrameSequences.Folder));
        int kept = plan.Box.Count > 0 ? int.MaxValue : LipPainter.Side; // a box is in the clip's own pixels
        clips = SpokenClips.Open(
            configuration.Data, cache.Path, kept, configuration.Run.Validation, setup.Progress, setup.Cancellation);
        setup.Tell(clips.Remarks);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, plan.Figures[0], plan.Figures);
        Configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(Configuration);
        var cut = new FaceCut(plan.Box);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = new(
            plan.Recipe(clips.Learned, cut), loading with { Shuffle = true, DropLast = clips.Learned.Count > Configuration.Run.Batch });
        heldOut = new(plan.Recipe(clips.HeldOut, cut), loading with { Seed = 0 });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
    }

    /// <summary>With nothing open.</summary>
    internal RunConfiguration Configuration { get; }

    /// <summary>The network's entry in the catalogue.</summary>
    internal ModelVariant Variant { get; }

    /// <summary>Where the networks are to be.</summary>
    internal Device Device { get; }

    /// <summary>Adam as the released code has it, or another as configured.</summary>
    internal Player Adversary(string name, Module network, double beta1, OwnedParts owned)
    {
        var optimizer = ConfiguredParts.Optimizer(network, Configuration, (beta1, 0.999));
        return owned.Own(ConfiguredParts.Player(name, network, optimizer, Configuration, batches.BatchesPerEpoch));
    }

    /// <summary>The run of a program.</summary>
    /// <param name="program">How the network learns.</param>
    /// <param name="evaluate">Its figures.</param>
    /// <param name="view">A batch for a person's eyes.</param>
    /// <param name="advice">What a person should know before a long run; begins with a semicolon or is empty.</param>
    internal RunPlan<SpokenBatch> Plan(
        TrainingProgram<SpokenBatch> program, Func<CancellationToken, FigureSet> evaluate, Func<SpokenBatch, BatchView> view,
        string advice = "") => new(Configuration, program, batches)
        {
            Summary = $"{Configuration.Network}, {clips.Learned.Count:N0} moments to learn from and {clips.HeldOut.Count:N0} to be asked "
                + $"about{advice}",
            Device = Device,
            Evaluate = evaluate,
            HeldOut = clips.HeldOut.Count,
            Items = "moments",
            View = view,
            Falls = program.Players.Count == 1,
        };

    /// <summary>Means over what was held out.</summary>
    internal double[] Means(int count, Func<SpokenBatch, double[]> measure, CancellationToken cancellation)
    {
        var sums = new double[count];
        int items = 0;
        using var off = Gradients.Off();
        ClassifierEvaluation.Each(heldOut, batch =>
        {
            double[] values = measure(batch);
            for (int k = 0; k < count; k++) sums[k] += values[k] * batch.Count;
            items += batch.Count;
        }, cancellation);
        return [.. sums.Select(sum => sum / items)];
    }

    /// <summary>The frames of the first items, a row each.</summary>
    /// <param name="frames"><c>(N, 3, T, H, W)</c>, blue, green, red.</param>
    internal static Image Rows(Tensor frames)
    {
        using var scope = new TensorScope();
        int count = (int)Math.Min(Shown, frames.Size(0)), times = (int)frames.Size(2);
        var cells = Enumerable.Range(0, count)
            .SelectMany(k => Enumerable.Range(0, times).Select(time => frames[k, .., time].Flip([0]).Contiguous().ToImage()));
        return ImageGrid.Create([.. cells], times);
    }
}
