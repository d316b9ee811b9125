namespace Sconce.Systems.Generation.Trecs;

/// <summary>By which share a hull's label is chosen.</summary>
public enum TagRule
{
    /// <summary>The label that fills most of the hull: large stuff wins.</summary>
    Cover,

    /// <summary>The label most of whose own pixels lie in the hull: small things win.</summary>
    ClassShare,

    /// <summary>
    /// The label whose pixels agree best with the hull, by intersection over union: a ground that is circled is not taken for a thing that
    /// stands in it, nor a thing for its ground. Ours for training.
    /// </summary>
    Agreement,
}

/// <summary>
/// Labels for words out of what the mouse was on while they were spoken, which is how the tagger's training data come about. 2011.03775
/// §4.1; whether the paper has our second step is not known.
/// </summary>
public static class TraceTags
{
    /// <summary>The label of one hull; null where it is empty.</summary>
    /// <param name="hull">Of a word's trace.</param>
    /// <param name="label">Of each pixel, row by row.</param>
    /// <param name="count">How many labels there are.</param>
    /// <param name="rule">By which share.</param>
    public static int? Of(TraceHull hull, IReadOnlyList<int> label, int count, TagRule rule)
    {
        double[] shares = rule switch
        {
            TagRule.Cover => hull.Cover(label, count),
            TagRule.ClassShare => hull.ClassShare(label, count),
            _ => hull.Agreement(label, count),
        };
        int best = 0;
        for (int k = 1; k < count; k++)
        {
            if (shares[k] > shares[best]) best = k;
        }

        return shares[best] > 0 ? best : null;
    }

    /// <summary>
    /// Words that say nothing of an object (their label is spread evenly over the corpus, or they have none) take the label of the next
    /// word of their phrase that says something, or of the one before.
    /// </summary>
    /// <param name="words">Of a narrative.</param>
    /// <param name="tags">Of each word, or null.</param>
    /// <param name="isFlat">Whether a word's labels are spread evenly; see <see cref="FlatWords"/>.</param>
    public static int?[] Cleaned(IReadOnlyList<string> words, IReadOnlyList<int?> tags, Func<string, bool> isFlat)
    {
        var kept = words.Zip(tags, (word, tag) => isFlat(word) ? null : tag).ToArray();
        var cleaned = (int?[])kept.Clone();
        for (int k = kept.Length - 2; k >= 0; k--) cleaned[k] ??= cleaned[k + 1];
        for (int k = 1; k < kept.Length; k++) cleaned[k] ??= cleaned[k - 1];
        return cleaned;
    }

    /// <summary>The words whose labels are so spread that none has the share asked for.</summary>
    /// <param name="corpus">Words with their labels.</param>
    /// <param name="least">What the commonest label of a word must have.</param>
    public static IReadOnlySet<string> FlatWords(IEnumerable<(string Word, int Tag)> corpus, double least = 0.5) =>
        corpus.GroupBy(entry => entry.Word, entry => entry.Tag)
            .Where(word => word.CountBy(tag => tag).Max(count => count.Value) < least * word.Count())
            .Select(word => word.Key).ToHashSet();

    /// <summary>Consecutive words of one label as one phrase, their traces joined.</summary>
    /// <param name="words">Label and trace of each word; words without a label are left out.</param>
    /// <param name="height">Of the canvas.</param>
    /// <param name="width">Of the canvas.</param>
    public static IReadOnlyList<ScenePhrase> Phrases(IEnumerable<(int? Tag, IReadOnlyList<TracePoint> Trace)> words, int height, int width)
    {
        var phrases = new List<(int Tag, List<TracePoint> Trace)>();
        foreach (var (tag, trace) in words)
        {
            if (tag is not { } label) continue;
            if (phrases.Count == 0 || phrases[^1].Tag != label) phrases.Add((label, []));
            phrases[^1].Trace.AddRange(trace);
        }

        return [.. phrases.Select(phrase => new ScenePhrase(phrase.Tag, TraceHull.Of(phrase.Trace, height, width)))];
    }
}
