using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// Described scenes that tagger and dual encoder learn from; then narratives are tagged, scenes are retrieved for them, and composed.
/// 2011.03775 §4.
/// </summary>
internal sealed class GroundedComposer : IDisposable
{
    public const int Retrieved = 25, MostAsked = 50;

    private readonly TrecsModel model;
    private readonly TrecsWorld world;
    private readonly IReadOnlyList<DescribedScene> known;
    private readonly WordNumbers words;
    private readonly SceneComposer composer;
    private readonly Tensor pieces, mask, tags, maps;

    /// <summary>Prepares what is learned from.</summary>
    /// <param name="model">The networks.</param>
    /// <param name="world">Labels and scenes.</param>
    /// <param name="words">That are known.</param>
    /// <param name="known">Places of the scenes that are learned from.</param>
    public GroundedComposer(TrecsModel model, TrecsWorld world, IReadOnlyList<string> words, IReadOnlyList<int> known)
    {
        (this.model, this.world, this.words) = (model, world, new WordNumbers(words));
        this.known = [.. known.Select(k => world.Scenes[k])];
        composer = new SceneComposer(label => world.Stuff[label]);
        using var scope = new TensorScope();
        var (read, isWord) = this.words.Of([.. this.known.Select(one => one.Narrative)], model.Length);
        long[] rows = [.. NarrativeTags.Of(this.known, world.Labels.Count).SelectMany(row => Enumerable.Range(0, model.Length)
            .Select(k => k < row.Length ? (long)Math.Max(0, row[k]) : 0))];
        (pieces, mask) = (scope.KeepForever(read), scope.KeepForever(isWord));
        tags = scope.KeepForever(Tensor.From(rows, [this.known.Count, model.Length]));
        maps = scope.KeepForever(world.Maps([.. this.known.Select(one => one.Scene.Labels)]));
    }

    /// <summary>How many scenes are learned from.</summary>
    public int Count => known.Count;

    /// <summary>Their maps, <c>(N, labels, side, side)</c>.</summary>
    public Tensor Maps => maps;

    /// <summary>The tagger's cross-entropy over the words of some narratives.</summary>
    public Tensor Tagging(Tensor rows)
    {
        var isWord = mask.IndexSelect(0, rows);
        return WordTagger.Loss(model.Tagger.Call(pieces.IndexSelect(0, rows), isWord), tags.IndexSelect(0, rows), isWord);
    }

    /// <summary>The dual encoder's loss among some pairs.</summary>
    public Tensor Finding(Tensor rows) => new DualEncoderLoss().Of(
        model.Encoder.OfText(pieces.IndexSelect(0, rows), mask.IndexSelect(0, rows)), model.Encoder.OfImages(maps.IndexSelect(0, rows)));

    /// <summary>The label of every word; words beyond the longest narrative have none.</summary>
    public int?[] Tags(Narrative narrative)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var (read, isWord) = words.Of([narrative], model.Length);
        long[] found = model.Tagger.Call(read, isWord)[0].Argmax(1).ToArray<long>();
        return [.. narrative.Utterances.Select((_, k) => k < model.Length ? (int?)found[k] : null)];
    }

    /// <summary>The known scenes that fit each narrative, the best first.</summary>
    public IReadOnlyList<IReadOnlyList<Scene>> Retrieve(IReadOnlyList<Narrative> narratives)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var places = model.Encoder.OfImages(maps);
        var (read, isWord) = words.Of(narratives, model.Length);
        float[] near = DualEncoderLoss.Similarity(model.Encoder.OfText(read, isWord), places).ToArray<float>();
        return
        [
            .. near.Chunk(known.Count).Select(row => Enumerable.Range(0, known.Count).OrderByDescending(k => row[k]).Take(Retrieved)
                .Select(k => known[k].Scene).ToList()),
        ];
    }

    /// <summary>The canvas: a label for each pixel.</summary>
    /// <param name="narrative">Whose words, and by default whose traces.</param>
    /// <param name="retrieved">Scenes to take masks from.</param>
    /// <param name="traceOf">The word whose trace each word takes; its own where left out.</param>
    public int[] Compose(Narrative narrative, IReadOnlyList<Scene> retrieved, IReadOnlyList<int>? traceOf = null)
    {
        var labelled = Tags(narrative).Select((tag, k) => (tag, narrative.TraceOf(narrative.Utterances[traceOf?[k] ?? k])));
        return composer.Compose(TraceTags.Phrases(labelled, world.Side, world.Side), retrieved);
    }

    /// <summary>The mean overlap of what is composed for scenes' narratives with the scenes themselves.</summary>
    /// <param name="asked">Scenes of the same labels.</param>
    /// <param name="cancellation">Ends it.</param>
    public FigureSet FiguresOn(IReadOnlyList<DescribedScene> asked, CancellationToken cancellation)
    {
        var retrieved = Retrieve([.. asked.Select(one => one.Narrative)]);
        double sum = 0;
        foreach (var (one, scenes) in asked.Zip(retrieved))
        {
            cancellation.ThrowIfCancellationRequested();
            sum += Overlap(Compose(one.Narrative, scenes), one.Scene.Labels);
        }

        return new FigureSet { { TrecsMethod.Overlap, sum / asked.Count } };
    }

    /// <summary>Intersection over union of a canvas with the truth, the mean over the classes that are there.</summary>
    public static double Overlap(int[] canvas, int[] truth) => truth.Distinct().Average(label =>
        SceneComposer.Overlap([.. canvas.Select(other => other == label)], [.. truth.Select(other => other == label)]));

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[pieces, mask, tags, maps]) tensor.Dispose();
    }
}
