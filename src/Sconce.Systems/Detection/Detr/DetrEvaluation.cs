using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>COCO's figures of a network on a set of pictures.</summary>
/// <param name="Pictures">How many there were.</param>
/// <param name="Boxes">Of boxes.</param>
/// <param name="Masks">Of masks; null where the network or the set has none.</param>
/// <param name="Panoptic">Of segments; null where the network gives no masks, or the set is not cut into segments.</param>
public sealed record DetrEvaluation(int Pictures, CocoEvaluation Boxes, CocoEvaluation? Masks, PanopticQuality? Panoptic)
{
    /// <summary>Asks a network about every picture; it is left in evaluation mode.</summary>
    /// <param name="network">A <see cref="DetrModel"/> or <see cref="DetrSegmentation"/>.</param>
    /// <param name="data">Pictures with boxes, and what else is to be compared.</param>
    /// <param name="labels">For each class of the set, the network's number of it (for COCO's own weights,
    /// <see cref="DetectionDataset.Categories"/>); the same numbers where left out.</param>
    /// <param name="shortSide">To which pictures are brought.</param>
    /// <param name="longSide">At most.</param>
    /// <param name="progress">Told of every picture.</param>
    /// <param name="cancellation">Ends it between two pictures.</param>
    public static DetrEvaluation Run(
        Module<PaddedImages, DetrOutput> network, DetectionDataset data, IReadOnlyList<int>? labels = null, int shortSide = 800,
        int longSide = 1333, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        network.Eval();
        bool masks = data.HasMasks && network is DetrSegmentation;
        var figures = new DetrEvaluation(data.Count, new CocoEvaluation(data.Classes.Count),
            masks ? new CocoEvaluation(data.Classes.Count, CocoOverlap.Masks) : null, masks && data.Things is { } things
            ? new PanopticQuality(things) : null);
        var classOf = (labels ?? [.. Enumerable.Range(0, data.Classes.Count)]).Select((number, label) => (number, label))
            .ToDictionary(pair => pair.number, pair => pair.label);
        var device = network.Parameters().First().Device;
        for (int k = 0; k < data.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            var example = data[k];
            var pixels = DetrPreprocessing.Apply(example.Image, shortSide, longSide);
            figures.Add(network.Call(PaddedImages.Of(pixels.To(device))), example, ((int)pixels.Size(2), (int)pixels.Size(1)),
                data, k, classOf);
            progress?.Report(new WorkProgress("pictures", k + 1, data.Count, data.NameOf(k)));
        }

        return figures;
    }

    /// <summary>The names of the figures.</summary>
    /// <param name="masks">Whether network and data have masks.</param>
    /// <param name="segments">Whether the data are cut into segments, too.</param>
    public static IReadOnlyList<string> Names(bool masks, bool segments) =>
    [
        "AP", "AP50", "AP75", "APs", "APm", "APl", "AR",
        .. masks ? ["mask AP", "mask AP50", "mask AP75"] : (string[])[],
        .. masks && segments ? ["PQ", "SQ", "RQ", "PQ things", "PQ stuff"] : (string[])[],
    ];

    /// <summary>The figures by name: <c>AP</c>, <c>AP50</c>, <c>AP75</c>, <c>APs</c>, <c>APm</c>, <c>APl</c>, <c>AR</c>; with masks
    /// <c>mask AP</c>, <c>mask AP50</c>, <c>mask AP75</c>; of segments <c>PQ</c>, <c>SQ</c>, <c>RQ</c>, <c>PQ things</c>, <c>PQ stuff</c>.
    /// NaN where nothing was to be found.</summary>
    public FigureSet Figures()
    {
        var boxes = Boxes.Summarize();
        var figures = new FigureSet
        {
            { "AP", boxes.AveragePrecision },
            { "AP50", boxes.At50 },
            { "AP75", boxes.At75 },
            { "APs", boxes.Small },
            { "APm", boxes.Medium },
            { "APl", boxes.Large },
            { "AR", boxes.Recall100 },
        };
        if (Masks?.Summarize() is { } masks)
        {
            figures.Add("mask AP", masks.AveragePrecision);
            figures.Add("mask AP50", masks.At50);
            figures.Add("mask AP75", masks.At75);
        }

        if (Panoptic is { } panoptic)
        {
            var all = panoptic.Summarize();
            figures.Add("PQ", all.Quality);
            figures.Add("SQ", all.Segmentation);
            figures.Add("RQ", all.Recognition);
            figures.Add("PQ things", panoptic.Summarize(true).Quality);
            figures.Add("PQ stuff", panoptic.Summarize(false).Quality);
        }

        return figures;
    }

    private void Add(DetrOutput output, ImageExample example, (int Width, int Height) processed, DetectionDataset data, int index,
        Dictionary<int, int> classOf)
    {
        var target = (example.Image.Width, example.Image.Height);
        var boxes = DetrPostProcess.Detect(output, [target])[0];
        if (Masks is not null)
            boxes = [.. boxes.Zip(DetrPostProcess.Masks(output, 0, processed, processed, target), (box, mask) => box with { Mask = mask })];
        DetectedBox[] known = [.. boxes.Where(box => classOf.ContainsKey(box.Label))
            .Select(box => box with { Label = classOf[box.Label] })];
        // Of segments, boxes are those of things alone: stuff is one region a picture.
        bool Counts(int label) => data.Things is not { } things || things[label];
        Boxes.Add([.. example.Boxes.Where(box => Counts(box.Label))], [.. known.Where(box => Counts(box.Label))]);
        Masks?.Add([.. example.Boxes.Where(box => Counts(box.Label))], [.. known.Where(box => Counts(box.Label))]);
        if (Panoptic is null) return;
        var segments = new PanopticPostProcess(number => classOf.TryGetValue(number, out int label) && data.Things![label]).Apply(output, 0,
            processed, target);
        Panoptic.Add(data.SegmentsOf(index), segments.ToMap(classOf));
    }
}
