using Sconce.Abilities;
using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>How a clip's actions are told.</summary>
[Settings]
public sealed partial record TimeSformerSettings : ISettingsRule
{
    /// <summary>How many actions are told, likeliest first.</summary>
    [Within(1)]
    public int Top { get; init; } = 5;

    /// <summary>Crops along the longer side: 3 as in the paper's tests, or 1, the middle.</summary>
    [Within(1, ClipPreprocessing.Crops)]
    public int Crops { get; init; } = ClipPreprocessing.Crops;

    /// <summary>
    /// Clips along the video whose answers are averaged: 1, the beginning, as in the paper's tests, or more for long videos.
    /// </summary>
    [Within(1, 32)]
    public int Views { get; init; } = 1;

    /// <summary>What the classes are called, in the order of the network's outputs, where they are not its official ones.</summary>
    public LabelList? Labels { get; init; }

    /// <summary>When it abstains.</summary>
    public AbstentionSettings Abstention { get; init; } = new();

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => Crops == 2 ? ("crops", $"takes 1 or {ClipPreprocessing.Crops}") : null;
}

/// <summary>What happens in a clip: one sequence of frames, three crops, softmax averaged, as in the paper's tests.</summary>
public sealed class TimeSformerClassify : Ability<Clip, Labels, TimeSformerSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Classify;

    /// <inheritdoc/>
    public override string Purpose => "clips in; out, for each, its likeliest actions with their probabilities";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("clip.mp4", "what happens in the clip"),
        ("match.mp4 --views 5", "in a longer video: five clips along it, averaged"),
    ];

    /// <inheritdoc/>
    public override Session<Clip, Labels, TimeSformerSettings> Open(OpenRequest request) => new TimeSformerSession(request);
}

/// <summary>A network with its weights. Several threads may ask it.</summary>
public sealed class TimeSformerSession : Session<Clip, Labels, TimeSformerSettings>
{
    private readonly VideoTransformer network;
    private readonly TimeSformerRecipe recipe;
    private readonly IReadOnlyList<string> classes;

    /// <summary>Loads it.</summary>
    public TimeSformerSession(OpenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        network = request.Network<VideoTransformer>();
        recipe = TimeSformerVariants.Recipe(request.NetworkName)!;
        classes = request.Classes ?? TimeSformerVariants.Labels(network.Config.Classes);
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>Probabilities of the classes, in their order.</summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="recipe">How clips are taken from videos.</param>
    /// <param name="path">The video.</param>
    /// <param name="crops">3, or 1 for the middle.</param>
    /// <param name="views">Clips along the video, evenly from its beginning to its end.</param>
    /// <param name="cancellation">Ends the work between two crops, and while frames are read.</param>
    /// <exception cref="VideoException">The video cannot be read.</exception>
    public static double[] Classify(
        VideoTransformer network, TimeSformerRecipe recipe, string path, int crops = ClipPreprocessing.Crops, int views = 1,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(recipe);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var preprocessing = new ClipPreprocessing(network.Config.ImageSize.Height);
        var sum = new double[network.Config.Classes];
        for (int view = 0; view < views; view++)
        {
            double share = views == 1 ? 0 : (double)view / (views - 1);
            var clip = ClipFrames.Tensor(recipe, preprocessing, path, share, cancellation); // (3, T, h, w)
            if (network.Config.InputChannels == 1) clip = ClipPreprocessing.Grey(clip);
            foreach (int place in crops == 1 ? (int[])[1] : [0, 1, 2])
            {
                cancellation.ThrowIfCancellationRequested();
                using var pass = new TensorScope();
                double[] some = network.Call(preprocessing.Crop(clip, place).Unsqueeze(0))[0].To(DType.Float64)
                    .Softmax(-1).ToArray<double>();
                for (int k = 0; k < sum.Length; k++) sum[k] += some[k] / (crops * views);
            }
        }

        return sum;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Labels> Answer(
        IReadOnlyList<Clip> inputs, TimeSformerSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var names = Names(settings);
        return [.. inputs.Select(input => settings.Abstention.Mark(Told(
            Classify(network, recipe, input.Path, settings.Crops, settings.Views, cancellation), names, settings.Top)))];
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private IReadOnlyList<string> Names(TimeSformerSettings settings)
    {
        if (settings.Labels is not { } asked) return classes;
        if (asked.Names.Count == classes.Count) return asked.Names;
        throw new SettingsException("labels", called => $"{called} names {asked.Names.Count} classes, but the network has {classes.Count}");
    }

    private static Labels Told(double[] probabilities, IReadOnlyList<string> names, int top) =>
        new([.. probabilities.Select((p, k) => new Label(names[k], p)).OrderByDescending(label => label.Confidence).Take(top)]);
}
