using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>How narratives are painted.</summary>
[Settings]
public sealed partial record NarrativeSettings
{
    /// <summary>The side of the pictures of labels in pixels; that of the networks where left out.</summary>
    [Within(8, 4096)]
    [LeftOpen]
    public int? CanvasSize { get; init; }
}

/// <summary>Narratives, painted; each step can be seen.</summary>
/// <param name="Pictures">One a narrative.</param>
/// <param name="Canvas">The labels they were painted from, as colours.</param>
/// <param name="Tags">The label of every word.</param>
public sealed record PaintedNarratives(MadePictures Pictures, MadePictures Canvas, Rows Tags) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Pictures), ("canvas", Canvas), ("tags", Tags)];
}

/// <summary>Pictures of what was told and pointed at.</summary>
public sealed class GenerateFromNarratives : Ability<TableFile, PaintedNarratives, NarrativeSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose =>
        "narratives with mouse traces in (Localized Narratives, .jsonl); out, the label of each word, the canvas, and the picture";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("narrative.jsonl --out canvas/", "of a run: pictures, their maps of labels, and tags.csv")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<NarrativePainter>();

    /// <inheritdoc/>
    public override Session<TableFile, PaintedNarratives, NarrativeSettings> Open(OpenRequest request) => new NarrativeSession(request);
}

/// <summary>Paints narratives.</summary>
public sealed class NarrativeSession : Session<TableFile, PaintedNarratives, NarrativeSettings>
{
    private readonly LoadedNarrator narrator;

    /// <summary>Loads the networks, and the scenes whose masks they compose.</summary>
    /// <exception cref="DataException">The scenes are gone or damaged.</exception>
    public NarrativeSession(OpenRequest request) => narrator = new LoadedNarrator(request.Weights);

    /// <inheritdoc/>
    protected override IReadOnlyList<PaintedNarratives> Answer(
        IReadOnlyList<TableFile> inputs, NarrativeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Painted(NarrativeFile.Read(input.Path), settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => narrator.Dispose();

    private PaintedNarratives Painted(
        IReadOnlyList<Narrative> narratives, NarrativeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var (world, composer) = (narrator.World, narrator.Composer);
        var retrieved = composer.Retrieve(narratives);
        var canvases = new List<int[]>();
        var rows = new List<object?[]>();
        foreach (var (k, narrative) in narratives.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("composing", k, narratives.Count));
            canvases.Add(composer.Compose(narrative, retrieved[k]));
            rows.AddRange(composer.Tags(narrative).Zip(narrative.Utterances, (tag, word) => (object?[])
                [narrative.ImageId, word.Text, word.Start, word.End, tag is { } label ? world.Labels[label] : null]));
        }

        int side = settings.CanvasSize ?? world.Side;
        var pictures = PaintedPictures.Of(narrator.Model.Painter.Call(world.Maps(canvases)));
        var maps = canvases.Select(canvas => TrecsWorld.Coloured(canvas, world.Side).Resize(side, side, ResizeFilter.Nearest)).ToList();
        return new PaintedNarratives(
            new MadePictures(pictures) { Count = pictures.Count },
            new MadePictures(maps) { Count = maps.Count },
            new Rows(["narrative", "word", "start", "end", "tag"], rows));
    }
}
