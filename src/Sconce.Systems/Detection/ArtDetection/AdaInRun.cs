using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>What a run of the decoder on a folder of photos and one of paintings is made of.</summary>
internal static class AdaInRun
{
    private const int Shown = 4;

    internal static RunPlan<StyleBatch> Plan(TrainingSetup setup, AdaInMethod method, OwnedParts owned)
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
        var photos = UnlabelledImages.Open(configuration.Data, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        var styles = FolderPictures.Open(given.Styles);
        setup.Tell([.. photos.Remarks, .. styles.Remarks]);
        configuration = Settled(configuration, given.Styles);
        ConfiguredParts.UseThreads(configuration);
        var settings = configuration.Of<AdaInSettings>();
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var batches = new DataLoader<float[][], StyleBatch>(
            new StyleRecipe(photos.Train, styles.Images, settings.Crop, settings.OwnStyle),
            loading with { Shuffle = true, DropLast = photos.Train.Count > configuration.Run.Batch });
        var middles = new StyleMiddles(photos.Test, styles.Images, settings.Crop);
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var network = owned.Own(variant.Create(new ModelOptions())) as AdaInNetwork
            ?? throw new UsageException($"{variant.Name} is no AdaIN network, which the method {method.Name} trains");
        if (settings.Encoder is { } encoder) network.LoadEncoder(encoder);
        else network.DrawEncoder();
        ConfiguredParts.Ready(network, variant, configuration, device);
        var schedule = ConfiguredParts.Schedule(configuration, ConfiguredParts.StepsPerEpoch(configuration, batches.BatchesPerEpoch));
        var player = owned.Own(ConfiguredParts.Learner("decoder", network, configuration, schedule));
        var program = new AdaInProgram(network, player, settings, () => middles.First(Shown), device);
        return new RunPlan<StyleBatch>(configuration, program, batches)
        {
            Summary = $"{configuration.Network}, {photos.Train.Count:N0} photos to learn from and {photos.Test.Count:N0} to be asked "
                + $"about, {styles.Images.Count:N0} paintings"
                + (settings.Encoder is null && configuration.Run.Pretrained is null
                    ? "; its encoder is random: name VGG-19's file with the setting encoder for finer styles"
                    : ""),
            Device = device,
            Evaluate = stop => Evaluate(program, middles, stop),
            HeldOut = middles.Count,
            Items = "photos",
            Keep = folder => photos.Keep(folder, configuration.Data),
            View = View,
        };
    }

    private static RunConfiguration Settled(RunConfiguration configuration, string styles)
    {
        var run = configuration.Run with
        {
            Watched = WatchedFigure.Settle(configuration.Run.Watched, "loss", ["loss", "content", "style"]),
        };
        var given = configuration.Of<AdaInSettings>();
        return configuration with
        {
            Settings = (given with
            {
                Styles = Path.GetFullPath(styles),
                Encoder = given.Encoder is { } file ? Path.GetFullPath(file) : null,
            }).With(run, configuration.Optimization),
        };
    }

    private static FigureSet Evaluate(AdaInProgram program, StyleMiddles middles, CancellationToken cancellation)
    {
        double content = 0, style = 0, loss = 0;
        using var off = Gradients.Off();
        for (int k = 0; k < middles.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var batch = middles.Of([k]);
            var losses = program.Parts(batch);
            content += losses.Content.Item<double>() / middles.Count;
            style += losses.Style.Item<double>() / middles.Count;
            loss += program.Total(losses).Item<double>() / middles.Count;
        }

        return new FigureSet { Figure.Lower("loss", loss), Figure.Lower("content", content), Figure.Lower("style", style) };
    }

    private static BatchView View(StyleBatch batch)
    {
        var cells = Enumerable.Range(0, Math.Min(Shown, batch.Count))
            .SelectMany(k => new[] { batch.Pair.Content[k], batch.Pair.Style[k] }).Select(picture => picture.ToImage());
        return new BatchView(
            ImageGrid.Create([.. cells], 2), "photos and paintings", "look whether photos are on the left and paintings on the right");
    }
}

/// <summary>The middles of held-out photos, each with a painting that is always the same.</summary>
/// <param name="photos">Held out.</param>
/// <param name="paintings">All.</param>
/// <param name="side">Of the middles.</param>
internal sealed class StyleMiddles(IDataset<ImageExample> photos, IDataset<ImageExample> paintings, int side)
{
    /// <summary>How many there are.</summary>
    public int Count => photos.Count;

    /// <summary>The first ones, as many as there are of those asked.</summary>
    public StyleBatch First(int count) => Of([.. Enumerable.Range(0, Math.Min(count, Count))]);

    /// <summary>Those.</summary>
    public StyleBatch Of(int[] items)
    {
        using var scope = new TensorScope();
        return new StyleBatch(
            new StylePair(
                scope.KeepForever(Stack(items.Select(k => photos[k].Image))),
                scope.KeepForever(Stack(items.Select(k => paintings[k % paintings.Count].Image)))),
            [.. items.Select(photos.NameOf)]);

        Tensor Stack(IEnumerable<Image> pictures) =>
            Tensor.From([.. pictures.SelectMany(picture => StyleRecipe.Middle(picture, side))], [items.Length, 3, side, side]);
    }
}
