using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Looks;

/// <summary>How a network's look is shown.</summary>
[Settings]
public sealed partial record PictureExplanationSettings
{
    /// <summary>The class that is asked about, by name or number; the likeliest where left out.</summary>
    [LeftOpen]
    public string? Class { get; init; }

    /// <summary>The layer whose map is looked at, by the dotted name of its module; the last map where left out.</summary>
    [LeftOpen]
    public string? Layer { get; init; }

    /// <summary>How strongly the heat lies over the picture.</summary>
    [Within(0, 1)]
    public double Opacity { get; init; } = 0.5;
}

/// <summary>Where a network looks.</summary>
/// <param name="Likely">Its likeliest classes; of a detector the classes of its surest place.</param>
/// <param name="Told">Which class is explained, by which layer, and how.</param>
/// <param name="Heat">The picture with the heat over it.</param>
/// <param name="Map">The heat alone, 16 bits.</param>
public sealed record PictureExplanation(Labels Likely, Rows Told, MadePicture Heat, MadePicture Map) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("likely", Likely), ("told", Told), ("heat", Heat), ("map", Map)];
}

/// <summary>What in a picture speaks for a class: Grad-CAM (1610.02391), for vision transformers attention rollout (2005.00928).</summary>
public sealed class ExplainPicture : Ability<Picture, PictureExplanation, PictureExplanationSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Explain;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, what in it speaks for its class, as heat over it";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("run1 photo.jpg", "what in a photo speaks for its class"),
        ("resnet50 photo.jpg --class \"tabby cat\"", "what speaks for another class"),
    ];

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => ProbedNetwork.IsShared(network);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => ProbedNetwork.Fits(network);

    /// <inheritdoc/>
    public override Session<Picture, PictureExplanation, PictureExplanationSettings> Open(OpenRequest request) =>
        new PictureExplanationSession(request);
}

/// <summary>A network whose looks are shown.</summary>
internal sealed class PictureExplanationSession(OpenRequest request) : Session<Picture, PictureExplanation, PictureExplanationSettings>
{
    private const int Told = 5;
    private readonly ProbedNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<PictureExplanation> Answer(
        IReadOnlyList<Picture> inputs, PictureExplanationSettings settings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        if (settings.Layer is { } layer) network.Layer(layer);
        return [.. inputs.Select(input => Explained(input.Image, settings, cancellation))];
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private PictureExplanation Explained(Image picture, PictureExplanationSettings settings, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var on = Gradients.On();
        var pixels = network.Prepare(picture).WithGrad();
        using var trace = network.Traced(pixels, (name, _) => settings.Layer is null || name == settings.Layer);
        // Of a detector the surest place speaks: for any class, or for the one that is asked about.
        var scores = trace.Scores.Float();
        int? asked = settings.Class is { } typed ? ClassOf(typed, (int)scores.Size(-1)) : null;
        var row = scores.Dimensions == 3 ? scores[0, Surest(scores[0].Detach(), asked)] : scores[0];
        int chosen = asked ?? (int)row.Argmax().Item<long>();
        var (heat, layer, how) = Heat(trace, row[chosen], settings.Layer);
        double[] chances = network.IsDetector ? row.Detach().Sigmoid().To(DType.Float64).ToArray<double>()
            : row.Detach().To(DType.Float64).Softmax(-1).ToArray<double>();
        var likely = chances.Select((chance, k) => new Label(network.NameOf(k), chance)).OrderByDescending(label => label.Confidence);
        var seen = network.Seen(picture);
        return new PictureExplanation(
            new Labels([.. likely.Take(Told)]),
            new Rows(["class", "layer", "by"], [[network.NameOf(chosen), layer, how]]),
            new MadePicture(heat.Over(picture, seen, settings.Opacity)),
            new MadePicture(Grey(heat, network.Side)));
    }

    private static int Surest(Tensor places, int? asked)
    {
        var best = asked is { } index ? places.Select(1, index) : places.Amax([1]);
        return (int)best.Argmax().Item<long>();
    }

    private int ClassOf(string typed, int count)
    {
        int named = network.Classes.ToList().IndexOf(typed);
        if (named >= 0) return named;
        if (int.TryParse(typed, out int number) && number >= 0 && number < count) return number;
        string near = NearestNames.Suggest(typed, network.Classes);
        throw new SettingsException("class", called => $"{called}: {network.Name} knows no class '{typed}'. {near}".TrimEnd());
    }

    /// <summary>Attention where the network is made of it and no layer was named; else the gradient at a map.</summary>
    private (HeatMap Heat, string Layer, string How) Heat(LookTrace trace, Tensor score, string? layer)
    {
        bool isTransformer = layer is null && trace.Answers.Any(answer => answer.Module is Block);
        if (isTransformer && AttentionRollout.Of(network.Module, trace) is { } rollout)
            return (rollout, "all blocks", "attention rollout");
        var maps = trace.Answers.Where(answer => answer.Output.RequiresGrad && answer.Output.Size(0) == 1
            && (layer is null ? HasPlaces(answer.Output, trace.Scores.Size(-1)) : answer.Name == layer)).ToList();
        if (maps.Count == 0) throw new UsageException($"{network.Name}: {layer ?? "no layer"} answers a picture with maps or tokens");
        // What is asked last may be a branch that the score does not come from: a detector's boxes.
        var slopes = Gradients.OfAny([score], [.. maps.Select(answer => answer.Output)]);
        int last = Array.FindLastIndex(slopes, slope => slope is not null);
        if (last < 0) throw new UsageException($"{network.Name}: {layer} has no influence on the score of a class");
        return (GradientMap.Of(maps[last].Output.Detach(), slopes[last]!), maps[last].Name, "Grad-CAM");
    }

    /// <summary>Whether an answer is maps of more than one place that are not the scores themselves, or tokens.</summary>
    private static bool HasPlaces(Tensor output, long classes) => output.Dimensions switch
    {
        4 => output.Size(2) * output.Size(3) > 1 && output.Size(1) != classes,
        3 => output.Size(1) > 3 && output.Size(2) != classes,
        _ => false,
    };

    private static Image Grey(HeatMap heat, int side)
    {
        var values = new ushort[side * side];
        for (int k = 0; k < values.Length; k++)
        {
            double share = heat.At((k % side + 0.5) / side, (k / side + 0.5) / side);
            values[k] = (ushort)Math.Round(share * ushort.MaxValue);
        }

        return Image.FromPixels(side, side, 1, (ReadOnlySpan<ushort>)values);
    }
}
