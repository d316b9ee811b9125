using System.Globalization;
using Sconce.Catalogue;
using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>What happens in a video: one clip, three crops, softmax averaged, as in the paper's tests.</summary>
public sealed class TimeSformerPredictor : Predictor
{
    private const int DefaultAnswers = 5;

    /// <inheritdoc/>
    public override string Purpose => "videos in; out, for each, its likeliest actions with their probabilities";

    /// <inheritdoc/>
    public override string Input => "video";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Help)> Options =>
    [
        ("labels", "a text file with the names of the classes, one a line, when the weights are not Kinetics-400's; as many classes are built"),
        ("top", $"how many answers a video ({DefaultAnswers})"),
        ("crops", $"{ClipPreprocessing.Crops} crops along the longer side, as in the paper's tests, or 1, the middle ({ClipPreprocessing.Crops})"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var variant = TimeSformerVariants.All.FirstOrDefault(known => request.Variant is null || known.Name == request.Variant)
            ?? throw new UsageException($"timesformer has no network '{request.Variant}': there are {string.Join(", ", TimeSformerVariants.All.Select(known => known.Name))}");
        string weights = request.Weights ?? throw new UsageException($"--weights is missing: the checkpoint of {variant.Name} ('sconce show timesformer' says where the official ones are)");
        if (request.Inputs.Count == 0) throw new UsageException("no video was named: sconce predict timesformer --weights FILE --video clip.mp4");
        var labels = request.Options.GetValueOrDefault("labels") is { } file ? LabelFile.Read(file) : TimeSformerVariants.Labels(variant.Classes);
        int answers = Math.Min(labels.Count, Number(request, "top", DefaultAnswers, int.MaxValue)), crops = Number(request, "crops", ClipPreprocessing.Crops, ClipPreprocessing.Crops);
        if (crops == 2) throw new UsageException($"--crops takes 1 or {ClipPreprocessing.Crops}");
        return Run(variant, weights, labels, answers, crops, request.Inputs, progress, cancellation);
    }

    /// <summary>Probabilities of the classes, in their order.</summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="recipe">How clips are taken from videos.</param>
    /// <param name="path">The video.</param>
    /// <param name="crops">3, or 1 for the middle.</param>
    /// <param name="cancellation">Ends the work between two crops, and while frames are read.</param>
    /// <exception cref="VideoException">The video cannot be read.</exception>
    public static double[] Classify(VideoTransformer network, TimeSformerRecipe recipe, string path, int crops = ClipPreprocessing.Crops, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(recipe);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var preprocessing = new ClipPreprocessing(recipe.Config.ImageSize.Height);
        var clip = Clip(recipe, preprocessing, path, cancellation); // (3, T, h, w)
        var sum = new double[network.Config.Classes];
        foreach (int place in crops == 1 ? (int[])[1] : [0, 1, 2])
        {
            cancellation.ThrowIfCancellationRequested();
            using var pass = new TensorScope();
            double[] some = network.Call(preprocessing.Crop(clip, place).Unsqueeze(0))[0].To(DType.Float64).Softmax(-1).ToArray<double>();
            for (int k = 0; k < sum.Length; k++) sum[k] += some[k] / crops;
        }

        return sum;
    }

    /// <summary>The frames of a video's test clip, normalised, with their short side at the network's size: <c>(3, T, h, w)</c>.</summary>
    private static Tensor Clip(TimeSformerRecipe recipe, ClipPreprocessing preprocessing, string path, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var info = VideoFrames.Probe(path, cancellation);
        // What a file says of its length may be a little too much: it is believed only where that cannot matter.
        bool plenty = recipe.Rate is { } rate && info.Frames > 2 * ClipSampling.Span(info.FrameRate, recipe.Config.Frames, rate);
        var places = recipe.Frames(plenty ? info.Frames!.Value : VideoFrames.Count(path, cancellation), info.FrameRate);
        return scope.Keep(Tensor.Stack([.. VideoFrames.Read(path, places, cancellation).Select(preprocessing.Frame)], 1));
    }

    private static IEnumerable<PredictResult> Run(
        ModelVariant variant, string weights, IReadOnlyList<string> labels, int answers, int crops, IReadOnlyList<string> inputs, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(weights)));
        using var network = variant.CreateTrained<VideoTransformer>(weights, new ModelOptions(Classes: labels.Count));
        int done = 0;
        foreach (string input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("videos", done, inputs.Count, Path.GetFileName(input)));
            var probabilities = Classify(network, TimeSformerVariants.Recipe(variant.Name)!, input, crops, cancellation);
            progress?.Report(new WorkProgress("videos", ++done, inputs.Count, Path.GetFileName(input)));
            yield return new PredictResult(input, [.. probabilities.Select((p, k) => new Prediction(labels[k], p)).OrderByDescending(answer => answer.Confidence).Take(answers)]);
        }
    }

    private static int Number(PredictRequest request, string option, int otherwise, int largest)
    {
        if (!request.Options.TryGetValue(option, out string? text)) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && number <= largest ? number : throw new UsageException($"--{option} takes a whole number from 1 {(largest == int.MaxValue ? "on" : $"to {largest}")}, not '{text}'");
    }
}
