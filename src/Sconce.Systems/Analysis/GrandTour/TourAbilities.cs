using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>How many points a tour has.</summary>
[Settings]
public sealed partial record TourSettings
{
    /// <summary>Pictures at most, as many of each class.</summary>
    [Within(3, 5000)]
    public int Most { get; init; } = KeptOutputs.Most;
}

/// <summary>What a run answered to held-out pictures epoch by epoch, seen from all sides; doi 10.23915/distill.00025.</summary>
public sealed class TourOfRun : Ability<Nothing, Page, TourSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Tour;

    /// <inheritdoc/>
    public override string Purpose => "a run that kept its outputs in; out, a page on which they turn about through the epochs";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("run1 --out tour.html", "the outputs of a run that was trained with --keep-outputs")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <inheritdoc/>
    public override Session<Nothing, Page, TourSettings> Open(OpenRequest request) => new RunTourSession(request);
}

/// <summary>What a classifier answers to a person's pictures, seen from all sides.</summary>
public sealed class TourOfPictures : Ability<PictureSet, Page, TourSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Tour;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, a page on which a classifier's answers to them turn about, through the epochs where a run kept them";

    /// <inheritdoc/>
    public override bool TakesAllTogether => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("run1 --data photos/ --out tour.html", "pictures by folder of their class, coloured by it")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <inheritdoc/>
    public override Session<PictureSet, Page, TourSettings> Open(OpenRequest request) => new PictureTourSession(request);
}

/// <summary>A run's kept outputs.</summary>
internal sealed class RunTourSession(OpenRequest request) : Session<Nothing, Page, TourSettings>
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Page> Answer(
        IReadOnlyList<Nothing> inputs, TourSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var run = (request as CatalogueRequest)?.Run;
        var kept = run?.Run is { } folder ? KeptOutputs.Read(folder) : null;
        if (kept is null || run?.Configuration is not { } configuration)
        {
            throw new UsageException(
                $"{request.Name} kept no outputs: train it with the setting keepOutputs, or name pictures to see the present weights' "
                + "answers");
        }

        var held = LabelledImages.OpenHeldOut(configuration, run.Kept).Images;
        var places = Enumerable.Range(0, held.Count).ToLookup(held.NameOf, StringComparer.Ordinal);
        int[] chosen = [.. KeptOutputs.Choose(kept.Labels, settings.Most)];
        string[] gone = [.. chosen.Select(k => kept.Names[k]).Where(name => !places.Contains(name))];
        if (gone.Length > 0)
            throw new DataException(configuration.Data, $"{gone.Length} of the run's pictures are gone, such as {gone[0]}");
        var pictures = chosen.Select(k => held[places[kept.Names[k]].First()].Image);
        return [new Page(TourPage.Render(KeptTour.Contents(request, kept, chosen), pictures))];
    }
}

/// <summary>A classifier's answers to pictures: kept ones where its run has them, else those of its weights.</summary>
internal sealed class PictureTourSession(OpenRequest request) : Session<PictureSet, Page, TourSettings>
{
    private const int Together = 32;

    /// <inheritdoc/>
    protected override IReadOnlyList<Page> Answer(
        IReadOnlyList<PictureSet> inputs, TourSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Toured(input, settings, progress, cancellation))];

    private Page Toured(PictureSet set, TourSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var run = (request as CatalogueRequest)?.Run;
        var kept = run?.Run is { } folder ? KeptOutputs.Read(folder) : null;
        var given = set.Pictures.Where(picture => picture.Path is not null)
            .ToLookup(picture => Path.GetFullPath(picture.Path!), StringComparer.Ordinal);
        int[] known = kept is null ? [] : [
            .. Enumerable.Range(0, kept.Names.Count).Where(k => given.Contains(Path.GetFullPath(kept.Names[k]))),
        ];
        if (kept is not null && known.Length > 2)
        {
            int[] chosen = [.. KeptOutputs.Choose([.. known.Select(k => kept.Labels[k])], settings.Most).Select(k => known[k])];
            var seen = chosen.Select(k => given[Path.GetFullPath(kept.Names[k])].First().Image);
            return new Page(TourPage.Render(KeptTour.Contents(request, kept, chosen), seen));
        }

        return Present(set, settings, progress, cancellation);
    }

    /// <summary>One epoch: the weights as they are.</summary>
    private Page Present(PictureSet set, TourSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var classes = KeptTour.Classes(request);
        int[] labels = [.. set.Labels(classes).Select(label => label ?? -1)];
        var chosen = KeptOutputs.Choose(labels, settings.Most);
        if (chosen.Count < 3) throw new UsageException($"{chosen.Count} pictures are no cloud: name three at least");
        var preprocessing = request.Get<ImageClassifier>().Preprocessing.At(request.Size);
        using var network = request.Network<Module<Tensor, Tensor>>();
        var images = Datasets.InMemory<Picture>([.. chosen.Select(k => set.Pictures[k])])
            .Map(picture => new ImageExample(picture.Image) { Name = picture.Name });
        var loader = ImageLoader.Create(images, preprocessing, new DataLoaderOptions { BatchSize = Together });
        progress?.Report(new WorkProgress("asking", 0, chosen.Count));
        var outputs = NetworkOutputs.Of(network, loader, request.Device, cancellation);
        var contents = new TourContents(
            $"{request.Name}: {chosen.Count} pictures", [.. chosen.Select(k => set.Pictures[k].Name)], [.. chosen.Select(k => labels[k])],
            classes, ["now"], TourData.Layers([outputs], classes));
        return new Page(TourPage.Render(contents, chosen.Select(k => set.Pictures[k].Image)));
    }
}

/// <summary>What both tours share.</summary>
internal static class KeptTour
{
    /// <summary>The classes' names, those of ImageNet where a network has as many.</summary>
    public static IReadOnlyList<string> Classes(OpenRequest request) =>
        request.Classes ?? (request.Outputs == ImageNetClasses.Names.Count ? ImageNetClasses.Names
            : [.. Enumerable.Range(0, request.Outputs).Select(k => $"class {k}")]);

    /// <summary>Some of a run's kept pictures through its epochs.</summary>
    public static TourContents Contents(OpenRequest request, KeptOutputs kept, IReadOnlyList<int> chosen)
    {
        var classes = Classes(request);
        NetworkOutputs[] epochs = [.. kept.Epochs.Select(epoch => new NetworkOutputs(
            [.. epoch.Outputs.Layers.Select(layer => (layer.Name, layer.Width, Chosen(layer.Rows, layer.Width, chosen)))]))];
        return new TourContents(
            $"{request.Name}: {chosen.Count} pictures through {kept.Epochs.Count} epochs", [.. chosen.Select(k => kept.Names[k])],
            [.. chosen.Select(k => kept.Labels[k])], classes, [.. kept.Epochs.Select(epoch => $"{epoch.Epoch}")],
            TourData.Layers(epochs, classes));
    }

    private static float[] Chosen(float[] rows, int width, IReadOnlyList<int> chosen)
    {
        var kept = new float[chosen.Count * width];
        for (int k = 0; k < chosen.Count; k++) Array.Copy(rows, chosen[k] * width, kept, k * width, width);
        return kept;
    }
}
