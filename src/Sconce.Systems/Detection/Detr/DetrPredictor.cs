using System.Globalization;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.Detr;

/// <summary>What is where in a picture, and the picture with it drawn in.</summary>
/// <param name="trained">A person's own network; null where requests name a network and its weights.</param>
public sealed class DetrPredictor(TrainedNetwork? trained = null) : Predictor
{
    private const double BoxThreshold = 0.7, PanopticThreshold = 0.85;
    private const int DefaultSide = 800;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, its objects with their boxes, and a copy of the picture with the boxes (or, with a panoptic network, the segments) drawn in";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Help)> Options =>
    [
        .. trained is null ? [("labels", "a text file with the names of the classes, one a line, when the weights are not COCO's; as many classes are built")] : Array.Empty<(string, string)>(),
        ("threshold", $"the least confidence of an answer, 0 to 1 ({BoxThreshold} for boxes, {PanopticThreshold} for segments)"),
        ("size", $"the shorter side that pictures are brought to, in pixels ({trained?.Size ?? DefaultSide}); less is faster and finds fewer small objects"),
        ("output", "the folder for the drawn pictures, made where it is missing (each picture's own)"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var asked = trained is null ? Asked(request) : trained with { Weights = request.Weights ?? trained.Weights };
        if (request.Inputs.Count == 0) throw new UsageException("no picture was named: --image photo.jpg");
        bool panoptic = DetrVariants.GivesMasks(asked.Variant);
        double threshold = Threshold(request.Options.GetValueOrDefault("threshold"), panoptic ? PanopticThreshold : BoxThreshold);
        return Run(asked, threshold, Side(request.Options.GetValueOrDefault("size"), asked.Size ?? DefaultSide), request.Options.GetValueOrDefault("output"), request.Inputs, progress, cancellation);
    }

    private static TrainedNetwork Asked(PredictRequest request)
    {
        var variant = DetrVariants.All.FirstOrDefault(known => request.Variant is null || known.Name == request.Variant)
            ?? throw new UsageException($"DETR has no network '{request.Variant}': there are {string.Join(", ", DetrVariants.All.Select(known => known.Name))}");
        string weights = request.Weights ?? throw new UsageException($"--weights is missing: the checkpoint of {variant.Name} ('sconce show detr' says where the official ones are)");
        return new TrainedNetwork(variant, weights, null, request.Options.GetValueOrDefault("labels") is { } file ? LabelFile.Read(file) : null);
    }

    private static IEnumerable<PredictResult> Run(TrainedNetwork asked, double threshold, int side, string? folder, IReadOnlyList<string> inputs, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(asked.Weights)));
        var labels = asked.Classes ?? CocoCategories.Names(asked.Variant.Classes);
        // COCO's numbers say which are things; a run says it of its own classes, or has no others.
        Func<int, bool> isThing = asked.Configuration is not { } run ? CocoCategories.IsThing : DetrMethod.ThingsOf(run) is { } things ? things.Contains : _ => true;
        using var network = DetrMethod.Load(asked);
        if (folder is not null) Directory.CreateDirectory(folder);
        int done = 0;
        foreach (string input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            var picture = Image.Load(input).To8Bit().ToRgb();
            string path = Path.Combine(folder ?? Path.GetDirectoryName(Path.GetFullPath(input))!, $"{Path.GetFileNameWithoutExtension(input)}-detr.jpg");
            var (predictions, drawn) = Look(network, picture, labels, isThing, threshold, side);
            drawn.Save(path);
            progress?.Report(new WorkProgress("pictures", ++done, inputs.Count, Path.GetFileName(input)));
            yield return new PredictResult(input, predictions, path);
        }
    }

    private static (IReadOnlyList<Prediction> Predictions, Image Drawn) Look(Module<PaddedImages, DetrOutput> network, Image picture, IReadOnlyList<string> labels, Func<int, bool> isThing, double threshold, int side)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var pixels = DetrPreprocessing.Apply(picture, side, DetrMethod.LongSide(side));
        var output = network.Call(PaddedImages.Of(pixels.To(network.Parameters().First().Device)));
        if (output.Masks is not null)
        {
            var segments = new PanopticPostProcess(isThing, threshold).Apply(output, 0, ((int)pixels.Size(2), (int)pixels.Size(1)), (picture.Width, picture.Height));
            return (DetrDrawing.Predictions(segments, labels), DetrDrawing.Segments(picture, segments, labels));
        }

        DetectedBox[] found = [.. DetrPostProcess.Detect(output, [(picture.Width, picture.Height)])[0].Where(box => box.Score >= threshold).OrderByDescending(box => box.Score)];
        return ([.. found.Select(box => new Prediction(labels[box.Label], box.Score, [box.Left, box.Top, box.Right, box.Bottom]))], DetrDrawing.Boxes(picture, found, labels));
    }

    private static double Threshold(string? text, double otherwise)
    {
        if (text is null) return otherwise;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1 ? value : throw new UsageException($"--threshold takes a number from 0 to 1, not '{text}'");
    }

    private static int Side(string? text, int otherwise)
    {
        if (text is null) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 64 and <= 4096 ? side : throw new UsageException($"--size takes pixels from 64 to 4096, not '{text}'");
    }
}
