using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>
/// A network with its weights, asked about one picture at a time, as each has a size of its own. Several threads may ask it.
/// </summary>
internal sealed class LoadedDetr : IDisposable
{
    private readonly Module<PaddedImages, DetrOutput> network;
    private readonly int side;
    private readonly Device device;

    public LoadedDetr(OpenRequest request)
    {
        (side, device) = (request.Size ?? request.Get<DetrDetector>().Side, request.Device);
        network = request.Network<Module<PaddedImages, DetrOutput>>();
        Labels = request.Classes ?? CocoCategories.Names(request.Outputs);
        // COCO's numbers say which are things; a run says it of its own classes, or has no others.
        var run = (request as CatalogueRequest)?.Run?.Configuration;
        IsThing = run is null ? CocoCategories.IsThing : run.Of<DetrSettings>().Things is { } things ? things.Contains : _ => true;
    }

    public IReadOnlyList<string> Labels { get; }

    public Func<int, bool> IsThing { get; }

    /// <summary>What the network says of a picture, and the size in which it saw it; in the scope around.</summary>
    public (DetrOutput Output, (int Width, int Height) Seen) Look(Image picture)
    {
        var pixels = DetrPreprocessing.Apply(picture, side, DetrMethod.LongSide(side));
        return (network.Call(PaddedImages.Of(pixels.To(device))), ((int)pixels.Size(2), (int)pixels.Size(1)));
    }

    /// <summary>The names of the classes: those that were asked for, or the network's.</summary>
    public IReadOnlyList<string> Names(LabelList? asked)
    {
        if (asked is null) return Labels;
        if (asked.Names.Count == Labels.Count) return asked.Names;
        throw new SettingsException("labels", called => $"{called} names {asked.Names.Count} classes, but the network has {Labels.Count}");
    }

    public void Dispose() => network.Dispose();
}

/// <summary>Boxes.</summary>
public sealed class DetrDetectSession : Session<Picture, Boxes, DetrDetectSettings>
{
    private readonly LoadedDetr detr;

    /// <summary>Loads it.</summary>
    public DetrDetectSession(OpenRequest request) => detr = new LoadedDetr(request);

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<Boxes> Answer(
        IReadOnlyList<Picture> inputs, DetrDetectSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var names = detr.Names(settings.Labels);
        return [.. inputs.Select(input => Detected(input.Image.To8Bit().ToRgb(), names, settings.Threshold, cancellation))];
    }

    /// <inheritdoc/>
    protected override void Free() => detr.Dispose();

    private Boxes Detected(Image picture, IReadOnlyList<string> names, double threshold, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var found = DetrPostProcess.Detect(detr.Look(picture).Output, [(picture.Width, picture.Height)])[0];
        return new Boxes([.. found.Where(box => box.Score >= threshold).OrderByDescending(box => box.Score)
            .Select(box => new Box(names[box.Label], box.Score, box.Left, box.Top, box.Right, box.Bottom, box.Label))]);
    }
}

/// <summary>Segments.</summary>
public sealed class DetrSegmentSession : Session<Picture, PanopticAnswer, DetrSegmentSettings>
{
    private readonly LoadedDetr detr;

    /// <summary>Loads it.</summary>
    public DetrSegmentSession(OpenRequest request) => detr = new LoadedDetr(request);

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<PanopticAnswer> Answer(
        IReadOnlyList<Picture> inputs, DetrSegmentSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var names = detr.Names(settings.Labels);
        return [.. inputs.Select(input => Segmented(input.Image.To8Bit().ToRgb(), names, settings.Threshold, cancellation))];
    }

    /// <inheritdoc/>
    protected override void Free() => detr.Dispose();

    private PanopticAnswer Segmented(Image picture, IReadOnlyList<string> names, double threshold, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var (output, seen) = detr.Look(picture);
        var segments = new PanopticPostProcess(detr.IsThing, threshold).Apply(output, 0, seen, (picture.Width, picture.Height));
        int[] classes = [.. segments.Map.Select(number => number < 0 ? -1 : segments.Segments[number].Label)];
        return new PanopticAnswer(
            DetrDrawing.Objects(segments, names),
            new Mask(picture.Width, picture.Height, classes, names),
            new MadePicture(DetrDrawing.Segments(picture, segments, names)));
    }
}
