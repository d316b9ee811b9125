using System.Globalization;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>What is where in a picture, and the picture with it drawn in.</summary>
public sealed class DetrPredictor : Predictor
{
    private const double BoxThreshold = 0.7, PanopticThreshold = 0.85;
    private const int DefaultSide = 800, LongSide = 1333;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, its objects with their boxes, and a copy of the picture with the boxes (or, with a panoptic network, the segments) drawn in";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Help)> Options =>
    [
        ("labels", "a text file with the names of the classes, one a line, when the weights are not COCO's; as many classes are built"),
        ("threshold", $"the least confidence of an answer, 0 to 1 ({BoxThreshold} for boxes, {PanopticThreshold} for segments)"),
        ("size", $"the shorter side that pictures are brought to, in pixels ({DefaultSide}); less is faster and finds fewer small objects"),
        ("output", "the folder for the drawn pictures, made where it is missing (each picture's own)"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var variant = DetrVariants.All.FirstOrDefault(known => request.Variant is null || known.Name == request.Variant)
            ?? throw new UsageException($"DETR has no network '{request.Variant}': there are {string.Join(", ", DetrVariants.All.Select(known => known.Name))}");
        string weights = request.Weights ?? throw new UsageException($"--weights is missing: the checkpoint of {variant.Name} ('sconce show detr' says where the official ones are)");
        if (request.Inputs.Count == 0) throw new UsageException("no picture was named: --image photo.jpg");
        var labels = request.Options.GetValueOrDefault("labels") is { } file ? LabelFile.Read(file) : CocoCategories.Names(variant.Classes);
        bool panoptic = variant.Head.StartsWith("detr.", StringComparison.Ordinal);
        double threshold = Threshold(request.Options.GetValueOrDefault("threshold"), panoptic ? PanopticThreshold : BoxThreshold);
        return Run(variant, weights, labels, threshold, Side(request.Options.GetValueOrDefault("size")), request.Options.GetValueOrDefault("output"), request.Inputs, progress, cancellation);
    }

    private static IEnumerable<PredictResult> Run(
        ModelVariant variant, string weights, IReadOnlyList<string> labels, double threshold, int side, string? folder, IReadOnlyList<string> inputs, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(weights)));
        using var network = variant.CreateTrained<Module<PaddedImages, DetrOutput>>(weights, new ModelOptions(Classes: labels.Count));
        if (folder is not null) Directory.CreateDirectory(folder);
        int done = 0;
        foreach (string input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            var picture = Image.Load(input).To8Bit().ToRgb();
            string path = Path.Combine(folder ?? Path.GetDirectoryName(Path.GetFullPath(input))!, $"{Path.GetFileNameWithoutExtension(input)}-detr.jpg");
            var (predictions, drawn) = Look(network, picture, labels, threshold, side);
            drawn.Save(path);
            progress?.Report(new WorkProgress("pictures", ++done, inputs.Count, Path.GetFileName(input)));
            yield return new PredictResult(input, predictions, path);
        }
    }

    private static (IReadOnlyList<Prediction> Predictions, Image Drawn) Look(Module<PaddedImages, DetrOutput> network, Image picture, IReadOnlyList<string> labels, double threshold, int side)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var pixels = DetrPreprocessing.Apply(picture, side, Math.Max(LongSide, side * 5 / 3));
        var output = network.Call(PaddedImages.Of(pixels));
        if (output.Masks is not null)
        {
            var segments = new PanopticPostProcess(CocoCategories.IsThing, threshold).Apply(output, 0, ((int)pixels.Size(2), (int)pixels.Size(1)), (picture.Width, picture.Height));
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

    private static int Side(string? text)
    {
        if (text is null) return DefaultSide;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 64 and <= 4096 ? side : throw new UsageException($"--size takes pixels from 64 to 4096, not '{text}'");
    }
}
