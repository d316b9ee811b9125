using System.Text.RegularExpressions;

namespace Sconce.Data;

/// <summary>What a part of a data set is for.</summary>
internal enum PartKind
{
    /// <summary>It is no part: a class, say.</summary>
    None,

    /// <summary>To learn from.</summary>
    Learned,

    /// <summary>To be asked about while training.</summary>
    Validation,

    /// <summary>To be asked about at the end.</summary>
    Test,
}

/// <summary>The names by which people call the parts of a data set, in any case and with or without a word such as <c>set</c>:
/// <c>Training</c>, <c>TEST</c>, <c>train2017</c>, <c>val_images</c>, <c>seg_test</c>.</summary>
internal static partial class PartNames
{
    private static readonly Dictionary<string, PartKind> Words = Of(PartKind.Learned, "train training trn trainval learn learning")
        .Concat(Of(PartKind.Validation, "val valid validation validate vld dev devel development eval evaluation evaluate"))
        .Concat(Of(PartKind.Test, "test testing tst tests holdout heldout"))
        .ToDictionary(pair => pair.Key, pair => pair.Value);

    private static readonly HashSet<string> Fillers = [
        .. ("set sets data dataset datasets image images img imgs picture pictures photo photos pics split splits folder part files "
            + "jpg png").Split(' ')];

    /// <summary>What a name says.</summary>
    /// <param name="name">Of a folder, or of a file or list without its extension.</param>
    /// <returns>The kind, and the words that say something else (<c>seg</c> of <c>seg_train</c>), with which parts of one set find each
    /// other.</returns>
    internal static (PartKind Kind, string Other) Of(string name)
    {
        string[] words = [.. Word().Matches(name).Select(match => match.Value.ToLowerInvariant())];
        if (Words.TryGetValue(string.Concat(words), out var joined)) return (joined, "");    // train_val, held-out
        var kind = PartKind.None;
        var rest = new List<string>();
        foreach (string word in words)
        {
            if (KindOf(word) is not PartKind.None and var found)
            {
                if (kind != PartKind.None) return (PartKind.None, "");    // train_test_split is both
                kind = found;
            }
            else if (!Fillers.Contains(word))
            {
                rest.Add(word);
            }
        }

        return kind == PartKind.None ? (kind, "") : (kind, string.Join(' ', rest));
    }

    /// <summary>Whether a name is one part's and nothing else.</summary>
    internal static bool Is(string name, PartKind kind) => Of(name) is { Other: "" } found && found.Kind == kind;

    private static PartKind KindOf(string word)
    {
        if (Words.TryGetValue(word, out var kind)) return kind;
        string? filler = Fillers.FirstOrDefault(filler =>
            word.EndsWith(filler, StringComparison.Ordinal) && Words.ContainsKey(word[..^filler.Length]));    // testset
        return filler is null ? PartKind.None : Words[word[..^filler.Length]];
    }

    private static IEnumerable<KeyValuePair<string, PartKind>> Of(PartKind kind, string words) =>
        words.Split(' ').Select(word => KeyValuePair.Create(word, kind));

    /// <summary>Words between spaces, signs, digits and the humps of camel case.</summary>
    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+")]
    private static partial Regex Word();
}
