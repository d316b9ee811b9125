using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>Words of narratives as numbers: 0 fills up, 1 is any word that is not known.</summary>
/// <param name="words">The known ones, in order.</param>
internal sealed class WordNumbers(IEnumerable<string> words)
{
    private const int Unknown = 1;
    private readonly Dictionary<string, int> numbers =
        words.Select((word, k) => (word, k)).ToDictionary(pair => pair.word, pair => pair.k + Unknown + 1);

    /// <summary>How many numbers there are.</summary>
    public int Count => numbers.Count + Unknown + 1;

    /// <summary>A word without case and signs.</summary>
    public int this[string word] => numbers.GetValueOrDefault(Plain(word), Unknown);

    /// <summary>Narratives as <c>(N, length)</c>, and where there are words.</summary>
    public (Tensor Pieces, Tensor Mask) Of(IReadOnlyList<Narrative> narratives, int length)
    {
        var pieces = new long[narratives.Count * length];
        var mask = new long[pieces.Length];
        foreach (var (row, narrative) in narratives.Index())
        {
            for (int k = 0; k < Math.Min(length, narrative.Utterances.Count); k++)
                (pieces[(row * length) + k], mask[(row * length) + k]) = (this[narrative.Utterances[k].Text], 1);
        }

        return (Tensor.From(pieces, [narratives.Count, length]), Tensor.From(mask, [narratives.Count, length]));
    }

    /// <summary>A word without case and signs.</summary>
    public static string Plain(string word) => string.Concat(word.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}

/// <summary>Tags for the words of narratives, out of what the mouse was on. 2011.03775 §4.1.</summary>
internal static class NarrativeTags
{
    /// <summary>What the commonest label of a word must have for the word to say something; openers have a tenth each.</summary>
    private const double LeastShare = 0.3;

    /// <summary>The tag of every word, -1 where none is known.</summary>
    /// <param name="described">Narratives with their scenes.</param>
    /// <param name="labels">How many labels there are.</param>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<DescribedScene> described, int labels)
    {
        var raw = described.Select(one => one.Narrative.Utterances
            .Select(word => TraceTags.Of(Hull(one, word), one.Scene.Labels, labels, TagRule.Agreement)).ToArray()).ToList();
        var corpus = described.Zip(raw).SelectMany(pair => pair.First.Narrative.Utterances.Zip(pair.Second))
            .Where(pair => pair.Second is not null).Select(pair => (pair.First.Text, pair.Second!.Value));
        var flat = TraceTags.FlatWords(corpus, LeastShare);
        return
        [
            .. described.Zip(raw, (one, tags) => TraceTags
                .Cleaned([.. one.Narrative.Utterances.Select(word => word.Text)], tags, flat.Contains)
                .Select(tag => tag ?? -1).ToArray()),
        ];
    }

    private static TraceHull Hull(DescribedScene one, Utterance word) =>
        TraceHull.Of(one.Narrative.TraceOf(word), one.Scene.Height, one.Scene.Width);
}
