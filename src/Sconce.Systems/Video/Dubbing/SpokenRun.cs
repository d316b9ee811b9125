using Sconce.Data;
using Sconce.Imaging;
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

/// <summary>What both networks' runs on clips of people who speak have in common.</summary>
internal abstract class SpokenRun : SupervisedRun<SpokenBatch>
{
    private const int Shown = 4;
    private readonly DataLoader<float[][], SpokenBatch> batches;

    /// <param name="setup">What the run is built from.</param>
    /// <param name="method">How it learns.</param>
    /// <param name="box">The face in all clips.</param>
    /// <param name="figures">Of its evaluations, the one to watch first.</param>
    /// <param name="settle">What else is settled.</param>
    /// <param name="recipe">Of a part of the clips.</param>
    protected SpokenRun(
        TrainingSetup setup, TrainingMethod method, IReadOnlyList<int> box, string[] figures, Func<RunConfiguration,
            RunConfiguration> settle,
        Func<IReadOnlyList<(SpokenClip Clip, int Start)>, FaceCut, StackedRecipe<SpokenBatch>> recipe)
        : base(setup)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "clips of people who speak");
        Variant = setup.Models.Get(asked.Network);
        var configuration = settle(ConfiguredParts.Settle(asked, Variant, method));
        var cache = Own(new KeptFolder(setup.Folder, FrameSequences.Folder));
        int kept = box.Count > 0 ? int.MaxValue : LipPainter.Side; // a box is in the clip's own pixels
        Clips = Built(() => SpokenClips.Open(
            configuration.Data, cache.Path, kept, configuration.Run.Validation, setup.Progress, setup.Cancellation));
        setup.Tell(Clips.Remarks);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, figures[0], figures);
        Configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(Configuration);
        Cut = new FaceCut(box);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = new(
            recipe(Clips.Learned, Cut), loading with { Shuffle = true, DropLast = Clips.Learned.Count > Configuration.Run.Batch });
        HeldOut = new(recipe(Clips.HeldOut, Cut), loading with { Seed = 0 });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
    }

    /// <inheritdoc/>
    public sealed override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network}, {Clips.Learned.Count:N0} moments to learn from and {Clips.HeldOut.Count:N0} to be asked about";

    /// <inheritdoc/>
    protected sealed override IBatchSource<SpokenBatch> Batches => batches;

    /// <summary>The network's entry in the catalogue.</summary>
    protected ModelVariant Variant { get; }

    /// <summary>The data.</summary>
    protected SpokenClips Clips { get; }

    /// <summary>The face.</summary>
    protected FaceCut Cut { get; }

    /// <summary>Batches of what was held out, always the same.</summary>
    protected DataLoader<float[][], SpokenBatch> HeldOut { get; }

    /// <summary>Adam as the released code has it, or another as configured.</summary>
    protected Player Adversary(string name, Module network, double beta1)
    {
        var optimizer = ConfiguredParts.Optimizer(network, Configuration, (beta1, 0.999));
        return Own(ConfiguredParts.Player(name, network, optimizer, Configuration, ConfiguredParts.Schedule(Configuration, StepsPerEpoch)));
    }

    /// <summary>Means over what was held out.</summary>
    protected double[] Means(int count, Func<SpokenBatch, double[]> measure, CancellationToken cancellation)
    {
        var sums = new double[count];
        int items = 0;
        using var off = Gradients.Off();
        ClassifierEvaluation.Each(HeldOut, batch =>
        {
            double[] values = measure(batch);
            for (int k = 0; k < count; k++) sums[k] += values[k] * batch.Count;
            items += batch.Count;
        }, cancellation);
        return [.. sums.Select(sum => sum / items)];
    }

    /// <summary>The frames of the first items, a row each.</summary>
    /// <param name="frames"><c>(N, 3, T, H, W)</c>, blue, green, red.</param>
    protected static Image Rows(Tensor frames)
    {
        using var scope = new TensorScope();
        int count = (int)Math.Min(Shown, frames.Size(0)), times = (int)frames.Size(2);
        var cells = Enumerable.Range(0, count)
            .SelectMany(k => Enumerable.Range(0, times).Select(time => frames[k, .., time].Flip([0]).Contiguous().ToImage()));
        return ImageGrid.Create([.. cells], times);
    }
}
