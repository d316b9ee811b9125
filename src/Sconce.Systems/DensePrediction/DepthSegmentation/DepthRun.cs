using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>A run of depth on clips and folders of frames.</summary>
internal sealed class DepthRun : SupervisedRun<DepthBatch>
{
    private const int Shown = 4;
    private static readonly string[] Figures = ["photometric", "moving"];
    private readonly DepthClips clips;
    private readonly DataLoader<float[][], DepthBatch> batches;
    private readonly DepthProgram program;

    internal DepthRun(TrainingSetup setup, DepthMethod method)
        : base(setup)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "clips, or folders of frames");
        var variant = setup.Models.Get(asked.Network);
        var configuration = ConfiguredParts.Settle(asked, variant, method);
        var settings = configuration.Of<DepthTrainingSettings>();
        int side = configuration.ImageSize!.Value;
        var cache = Own(new KeptFolder(setup.Folder, FrameSequences.Folder));
        clips = Built(() => DepthClips.Of(
            FrameSequences.Open(configuration.Data, cache.Path, side, settings.Rate, setup.Progress, setup.Cancellation),
            configuration.Data,
            settings,
            side,
            configuration.Run.Validation));
        setup.Tell(clips.Remarks);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, Figures[0], Figures);
        Configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(Configuration);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = new(
            new DepthRecipe(clips.Learned, (clips.Width, clips.Height), mirrors: true),
            loading with { Shuffle = true, DropLast = clips.Learned.Count > Configuration.Run.Batch });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        var made = Own(variant.Create(new ModelOptions()));
        program = Built(() =>
        {
            var network = made as DepthSegmentationNetwork;
            if (network is not { HasMotion: true })
            {
                throw new UsageException($"{variant.Name} sees no camera motion, which the method {method.Name} learns with depth");
            }

            if (settings.Trunk is { } trunk) network.Encoder.LoadTrunk(trunk);
            ConfiguredParts.Ready(network, variant, Configuration, Device);
            return new DepthProgram(network, Learner("depth", network), settings.Smoothness, HeldOut, Device);
        });
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network}, {clips.Learned.Count:N0} frames to learn from and {clips.HeldOut.Count:N0} to be asked about, "
        + $"seen at {clips.Width} x {clips.Height}";

    /// <inheritdoc/>
    protected override IBatchSource<DepthBatch> Batches => batches;

    /// <inheritdoc/>
    protected override TrainingProgram<DepthBatch> Program => program;

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation) =>
        DepthEvaluation.Run(program, clips.HeldOut, (clips.Width, clips.Height), null, cancellation);

    /// <inheritdoc/>
    protected override BatchView View(DepthBatch batch)
    {
        using var scope = new TensorScope();
        var cells = Enumerable.Range(0, Math.Min(Shown, batch.Count))
            .SelectMany(k => new[] { batch.Before[k], batch.Frames[k], batch.After[k] }).Select(frame => frame.ToImage());
        return new BatchView(
            ImageGrid.Create([.. cells], 3), "frames with those before and after",
                "each row shows one place, and the camera moves from left to right");
    }

    private DepthBatch HeldOut() => DepthEvaluation.Batch(
        clips.HeldOut, [.. Enumerable.Range(0, Math.Min(Shown, clips.HeldOut.Count))], (clips.Width, clips.Height));
}
