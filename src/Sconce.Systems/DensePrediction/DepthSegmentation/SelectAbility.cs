using System.Text;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How many pictures are chosen, and what is labelled already.</summary>
[Settings]
public sealed partial record SelectSettings
{
    /// <summary>How many pictures to annotate next.</summary>
    [Within(1)]
    public int Count { get; init; } = 50;

    /// <summary>Pictures that are annotated already: a text with a path a line, as this writes it.</summary>
    [FilePath]
    public string? Labelled { get; init; }

    /// <summary>Which picture is the first, where none is annotated yet.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Pictures that are worth a label.</summary>
/// <param name="Chosen">In the order of choice, with how far each is from all that came before.</param>
/// <param name="List">Their paths, one a line.</param>
public sealed record SelectAnswer(Rows Chosen, MadeFile List) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", List), ("chosen", Chosen)];
}

/// <summary>Which of many pictures to annotate next: those whose depth features differ most. 2012.10782 §3.3.</summary>
public sealed class SelectPictures : Ability<PictureSet, SelectAnswer, SelectSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Select;

    /// <inheritdoc/>
    public override string Purpose => "many pictures in; out, those that are worth an annotation, the most different first";

    /// <inheritdoc/>
    public override bool TakesAllTogether => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("--data pool/ --count 50 --weights depth.ckpt --out next.txt", "50 paths, one a line"),
        ("--data pool/ --count 50 --labelled first.txt --weights depth.ckpt", "50 more, far from those that are annotated"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<DepthFeatures>();

    /// <inheritdoc/>
    public override Session<PictureSet, SelectAnswer, SelectSettings> Open(OpenRequest request) => new SelectSession(request);
}

/// <summary>The network whose features are compared.</summary>
internal sealed class SelectSession(OpenRequest request) : Session<PictureSet, SelectAnswer, SelectSettings>
{
    /// <summary>The stage whose features are compared: upconv 3.</summary>
    private const int Stage = 3;

    private readonly StreetNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<SelectAnswer> Answer(
        IReadOnlyList<PictureSet> inputs, SelectSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Chosen(input.Pictures, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private SelectAnswer Chosen(
        IReadOnlyList<Picture> pictures, SelectSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (settings.Count > pictures.Count)
        {
            throw new SettingsException("count", called =>
                $"{called} {settings.Count}: there are {pictures.Count} pictures to choose from");
        }

        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var features = new List<Tensor>();
        for (int k = 0; k < pictures.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            features.Add(Features(pictures[k].Image.To8Bit().ToRgb(Rgb.White)));
            progress?.Report(new WorkProgress("looking", k + 1, pictures.Count, pictures[k].Name));
        }

        if (pictures.Count == 1) return Told(pictures, [(0, null)]);
        var distances = LabelSelection.Distances(Tensor.Cat([.. features], 0));
        var labelled = Labelled(pictures, settings);
        var chosen = new List<(int, double?)>();
        if (labelled.Count == 0)
        {
            int first = new Random((int)(settings.Seed % int.MaxValue)).Next(pictures.Count);
            labelled = [first];
            chosen.Add((first, null));
        }

        var found = LabelSelection.Farthest(distances, labelled, settings.Count - chosen.Count);
        chosen.AddRange(found.Chosen.Zip(found.Distances, (picture, distance) => (picture, (double?)distance)));
        return Told(pictures, chosen);
    }

    private Tensor Features(Image picture)
    {
        using var scope = new TensorScope();
        var map = network.See(picture).DepthMaps[Stage]
            ?? throw new InvalidOperationException($"the depth decoder has no features of stage {Stage}");
        return scope.Keep(LabelSelection.Pooled(map).Cpu());
    }

    /// <summary>The numbers of the pictures that a list names; those that are not among the pictures do not matter.</summary>
    private static List<int> Labelled(IReadOnlyList<Picture> pictures, SelectSettings settings)
    {
        if (settings.Labelled is not { } file) return [];
        if (!File.Exists(file)) throw new SettingsException("labelled", called => $"{called}: there is no file '{file}'");
        var named = File.ReadLines(file).Where(line => line.Trim().Length > 0).Select(line => Path.GetFullPath(line.Trim())).ToHashSet();
        return [.. Enumerable.Range(0, pictures.Count).Where(k => named.Contains(Path.GetFullPath(pictures[k].Name)))];
    }

    private static SelectAnswer Told(IReadOnlyList<Picture> pictures, List<(int Picture, double? Distance)> chosen) => new(
        new Rows(
            ["rank", "picture", "distance"],
            [.. chosen.Select((one, rank) => (IReadOnlyList<object?>)[rank + 1, pictures[one.Picture].Name, one.Distance])]),
        new MadeFile(".txt", Encoding.UTF8.GetBytes(string.Concat(chosen.Select(one => pictures[one.Picture].Name + "\n")))));
}
