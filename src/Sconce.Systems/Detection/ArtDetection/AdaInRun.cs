using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>A run of the decoder on a folder of photos and one of paintings.</summary>
internal sealed class AdaInRun : SupervisedRun<StyleBatch>
{
    private const int Shown = 4;
    private readonly UnlabelledImages photos;
    private readonly IDataset<ImageExample> paintings;
    private readonly DataLoader<float[][], StyleBatch> batches;
    private readonly AdaInProgram program;

    internal AdaInRun(TrainingSetup setup, AdaInMethod method)
        : base(setup)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method);
        var variant = setup.Models.Get(asked.Network);
        var given = asked.Of<AdaInSettings>();
        if (given.Styles is null) throw new SettingsException("styles", called => $"{called} is missing: a folder of paintings");
        if (given.Crop % AdaInNetwork.Multiple != 0)
        {
            throw new SettingsException("crop", called => $"{called} {given.Crop}: it must be a multiple of {AdaInNetwork.Multiple}");
        }

        var configuration = ConfiguredParts.Settle(asked, variant, method);
        photos = UnlabelledImages.Open(configuration.Data, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        var styles = FolderPictures.Open(given.Styles);
        paintings = styles.Images;
        setup.Tell([.. photos.Remarks, .. styles.Remarks]);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, "loss", ["loss", "content", "style"]);
        Configuration = configuration.With(configuration.Run with { Watched = watched }) with
        {
            Settings = (configuration.Of<AdaInSettings>() with
            {
                Styles = Path.GetFullPath(given.Styles),
                Encoder = given.Encoder is { } file ? Path.GetFullPath(file) : null,
            }).With(configuration.Run with { Watched = watched }, configuration.Optimization),
        };
        ConfiguredParts.UseThreads(Configuration);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = new(
            new StyleRecipe(photos.Train, paintings, Settings.Crop),
            loading with { Shuffle = true, DropLast = photos.Train.Count > Configuration.Run.Batch });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        var made = Own(variant.Create(new ModelOptions()));
        program = Built(() =>
        {
            var network = made as AdaInNetwork
                ?? throw new UsageException($"{variant.Name} is no AdaIN network, which the method {method.Name} trains");
            if (Settings.Encoder is { } encoder) network.LoadEncoder(encoder);
            else network.DrawEncoder();
            ConfiguredParts.Ready(network, variant, Configuration, Device);
            return new AdaInProgram(network, Learner("decoder", network), Settings, HeldOut, Device);
        });
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network}, {photos.Train.Count:N0} photos to learn from and {photos.Test.Count:N0} to be asked about, "
        + $"{paintings.Count:N0} paintings"
        + (Settings.Encoder is null && Configuration.Run.Pretrained is null
            ? "; its encoder is random: name VGG-19's file with the setting encoder for finer styles"
            : "");

    /// <inheritdoc/>
    protected override IBatchSource<StyleBatch> Batches => batches;

    /// <inheritdoc/>
    protected override TrainingProgram<StyleBatch> Program => program;

    private AdaInSettings Settings => Configuration.Of<AdaInSettings>();

    /// <inheritdoc/>
    protected override void KeepParts(RunFolder? folder) => photos.Keep(folder, Configuration.Data);

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation)
    {
        double content = 0, style = 0, loss = 0;
        using var off = Gradients.Off();
        for (int k = 0; k < photos.Test.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var batch = Middles([k]);
            var losses = program.Parts(batch);
            content += losses.Content.Item<double>() / photos.Test.Count;
            style += losses.Style.Item<double>() / photos.Test.Count;
            loss += program.Total(losses).Item<double>() / photos.Test.Count;
        }

        return new FigureSet { Figure.Lower("loss", loss), Figure.Lower("content", content), Figure.Lower("style", style) };
    }

    /// <inheritdoc/>
    protected override BatchView View(StyleBatch batch)
    {
        using var scope = new TensorScope();
        var cells = Enumerable.Range(0, Math.Min(Shown, batch.Count))
            .SelectMany(k => new[] { batch.Pair.Content[k], batch.Pair.Style[k] }).Select(picture => picture.ToImage());
        return new BatchView(ImageGrid.Create([.. cells], 2), "photos and paintings", "photos are on the left and paintings on the right");
    }

    private StyleBatch HeldOut() => Middles([.. Enumerable.Range(0, Math.Min(Shown, photos.Test.Count))]);

    /// <summary>The middles of held-out photos, each with a painting that is always the same.</summary>
    private StyleBatch Middles(int[] items)
    {
        int side = Settings.Crop;
        using var scope = new TensorScope();
        return new StyleBatch(
            new StylePair(
                scope.KeepForever(Stack(items.Select(k => photos.Test[k].Image))),
                scope.KeepForever(Stack(items.Select(k => paintings[k % paintings.Count].Image)))),
            [.. items.Select(photos.Test.NameOf)]);

        Tensor Stack(IEnumerable<Image> pictures) =>
            Tensor.From([.. pictures.SelectMany(picture => StyleRecipe.Middle(picture, side))], [items.Length, 3, side, side]);
    }
}
