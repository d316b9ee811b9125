using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>A run of classes of pixels on pictures of which some have labels.</summary>
internal sealed class PixelRun : SupervisedRun<PixelBatch>
{
    private const int Shown = 4;
    private readonly PixelLabelFolder data;
    private readonly DepthSegmentationNetwork network;
    private readonly DataLoader<float[][], PixelBatch> batches;

    internal PixelRun(TrainingSetup setup, PixelMethod method)
        : base(setup)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "subfolders images and labels");
        var variant = setup.Models.Get(asked.Network);
        var configuration = ConfiguredParts.Settle(asked, variant, method);
        int side = configuration.ImageSize!.Value, least = 2 * DepthSegmentationNetwork.Multiple;
        if (side % DepthSegmentationNetwork.Multiple != 0 || side < least)
        {
            throw new SettingsException(
                "size", called => $"{called} {side}: it must be a multiple of {DepthSegmentationNetwork.Multiple}, {least} at least");
        }

        data = PixelLabelFolder.Open(configuration.Data, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        setup.Tell(data.Remarks);
        if (configuration.Classes is { } wanted && !wanted.SequenceEqual(data.Classes))
        {
            string found = string.Join(", ", data.Classes);
            throw new DataException(configuration.Data, $"its classes are {found}, but the run's are {string.Join(", ", wanted)}");
        }

        var given = configuration.Of<PixelTrainingSettings>();
        string watched = WatchedFigure.Settle(configuration.Run.Watched, "mIoU", PixelEvaluation.Names);
        Configuration = configuration with
        {
            Classes = data.Classes,
            Settings = (given with { Depth = given.Depth is { } place ? Path.GetFullPath(place) : null })
                .With(configuration.Run with { Watched = watched }, configuration.Optimization),
        };
        ConfiguredParts.UseThreads(Configuration);
        int batch = Configuration.Run.Batch;
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = new(
            new PixelRecipe(data.Labelled, data.Unlabelled, side, data.Classes.Count),
            loading with { Shuffle = true, DropLast = data.Labelled.Count > batch });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        var made = Own(variant.Create(new ModelOptions(data.Classes.Count)));
        network = Built(() => made is DepthSegmentationNetwork { TellsClasses: true } own
            ? own
            : throw new UsageException($"{variant.Name} tells no classes of pixels, which the method {method.Name} trains"));
        Program = Built(() => Assembled(variant));
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary
    {
        get
        {
            string parts = $"{data.Labelled.Count:N0} labelled and {data.Unlabelled.Count:N0} other pictures to learn from and "
                + $"{data.HeldOut.Count:N0} to be asked about";
            string mixed = Settings.Depth is null ? "; without a run of depth, pictures are not mixed and depth is not learned" : "";
            return $"{Configuration.Network}, {parts}, {data.Classes.Count} classes{mixed}";
        }
    }

    /// <inheritdoc/>
    protected override IBatchSource<PixelBatch> Batches => batches;

    /// <inheritdoc/>
    protected override TrainingProgram<PixelBatch> Program { get; }

    private PixelTrainingSettings Settings => Configuration.Of<PixelTrainingSettings>();

    /// <inheritdoc/>
    protected override void KeepParts(RunFolder? folder) => data.Keep(folder?.Folder, Configuration.Data);

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation) => PixelEvaluation.Figures(PixelEvaluation.Run(
        network, data.HeldOut, data.Classes.Count, Configuration.ImageSize!.Value, Device, null, cancellation));

    /// <inheritdoc/>
    protected override BatchView View(PixelBatch batch)
    {
        using var scope = new TensorScope();
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(Shown, batch.Count); k++)
        {
            var picture = batch.Pictures[k].ToImage();
            int[] classes = [.. batch.Classes[k].Reshape([-1]).ToArray<float>().Select(value => value < data.Classes.Count ? (int)value
                : -1)];
            cells.Add(picture);
            cells.Add(MaskDrawing.Over(picture, new Mask(picture.Width, picture.Height, classes, data.Classes)));
        }

        return new BatchView(ImageGrid.Create(cells, 2), "a batch and its classes", "each tint fits what is shown");
    }

    private PixelProgram Assembled(ModelVariant variant)
    {
        DepthSegmentationNetwork? depth = null;
        if (Settings.Depth is { } file)
        {
            network.LoadDepth(file);
            depth = Own(new DepthSegmentationNetwork(network.Config with { Segmentation = null, MultiTask = null, HasDepth = true }));
            depth.LoadDepth(file);
            depth.RequireGrad(false);
            depth.Eval();
            depth.To(Device);
        }

        ConfiguredParts.Ready(network, variant, Configuration, Device);
        var teacher = Own(new DepthSegmentationNetwork(network.Config));
        teacher.RequireGrad(false);
        teacher.To(Device);
        var encoder = network.Encoder.Parameters().Where(parameter => parameter.RequiresGrad).ToHashSet();
        var rest = network.Parameters().Where(parameter => parameter.RequiresGrad && !encoder.Contains(parameter));
        var player = Learner(
            "pixels", network, [new(rest, "decoders"), new(encoder, "encoder") { RateFactor = Settings.EncoderRate }]);
        var program = new PixelProgram(network, teacher, depth, player, Settings, Device);
        program.Begin();
        return program;
    }
}
