namespace Sconce.Systems.Generation.Guigan;

/// <summary>What a token stands for.</summary>
/// <param name="Height">In pixels of a screen of 1440 x 2560.</param>
/// <param name="App">From which it comes; -1 for blank strips.</param>
/// <param name="Begins">Whether it was the first of a real screen.</param>
/// <param name="Ends">Whether it was the last of one.</param>
public sealed record Subtree(int Height, int App = -1, bool Begins = false, bool Ends = false);

/// <summary>
/// The tokens of screens: 0 fills up, 1 to 10 are blank strips, then sub-trees of real screens. 2101.09978 §III-A; GUIGAN
/// code/GetSubtree, code/GUIGAN_main.py.
/// </summary>
/// <param name="subtrees">From token 11 on.</param>
public sealed class ScreenVocabulary(IReadOnlyList<Subtree> subtrees)
{
    /// <summary>The height that no screen passes, in pixels.</summary>
    public const int TallestScreen = 2560;

    /// <summary>The token that fills up.</summary>
    public const int Padding = 0;

    private static readonly int[] Strips = [2, 6, 10, 20, 35, 50, 70, 100, 200, 300];
    private static readonly int[] Thresholds = [5, 10, 20, 35, 50, 70, 100, 200, 300];

    /// <summary>How many tokens there are.</summary>
    public int Count => 1 + Strips.Length + subtrees.Count;

    /// <summary>The blank strip that stands for a gap between two sub-trees.</summary>
    /// <param name="gap">In pixels, positive.</param>
    public static int StripOf(int gap) => 1 + Thresholds.Count(threshold => gap > threshold);

    /// <summary>What a token stands for.</summary>
    /// <param name="token">Not the one that fills up.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token, or it fills up.</exception>
    public Subtree this[int token] => token <= Padding || token >= Count
        ? throw new ArgumentOutOfRangeException(
            nameof(token), token, $"screens have sub-trees and strips under the tokens 1 to {Count - 1}")
        : token <= Strips.Length ? new Subtree(Strips[token - 1]) : subtrees[token - 1 - Strips.Length];

    /// <summary>
    /// A written screen as it can be shown: no fillers, no second beginning, nothing after an end or below the tallest screen; filled up
    /// to its length again.
    /// </summary>
    public IReadOnlyList<int> Tidied(IReadOnlyList<int> tokens)
    {
        var kept = new List<int>();
        int height = 0;
        foreach (int token in tokens.Where(token => token != Padding))
        {
            var subtree = this[token];
            if (subtree.Begins && kept.Count > 0) continue;
            height += subtree.Height;
            if (height > TallestScreen) break;
            kept.Add(token);
            if (subtree.Ends) break;
        }

        kept.AddRange(Enumerable.Repeat(Padding, tokens.Count - kept.Count));
        return kept;
    }
}
