using System.Globalization;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>One basis image of the two-dimensional cosine transform.</summary>
/// <param name="Vertical">Half-waves along the height.</param>
/// <param name="Horizontal">Half-waves along the width.</param>
public readonly record struct Frequency(int Vertical, int Horizontal);

/// <summary>Which frequencies squeeze the channels, on a grid of 7x7; 2012.11879 §3.3, cfzd/FcaNet@aa5fb63 model/layer.py
/// <c>get_freq_indices</c>.</summary>
/// <param name="Frequencies">One for each equal part of the channels.</param>
public sealed record FrequencySelection(IReadOnlyList<Frequency> Frequencies)
{
    /// <summary>The side of the grid on which frequencies are counted; larger maps take multiples.</summary>
    public const int Grid = 7;

    // (vertical, horizontal) in order of merit; "top" and "bottom" were measured on ImageNet one frequency at a time, "low" goes in zigzag.
    private static readonly Frequency[] TopOrder = Pairs(
        [0, 0, 6, 0, 0, 1, 1, 4, 5, 1, 3, 0, 0, 0, 3, 2, 4, 6, 3, 5, 5, 2, 6, 5, 5, 3, 3, 4, 2, 2, 6, 1],
        [0, 1, 0, 5, 2, 0, 2, 0, 0, 6, 0, 4, 6, 3, 5, 2, 6, 3, 3, 3, 5, 1, 1, 2, 4, 2, 1, 1, 3, 0, 5, 3]);

    private static readonly Frequency[] LowOrder = Pairs(
        [0, 0, 1, 1, 0, 2, 2, 1, 2, 0, 3, 4, 0, 1, 3, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4],
        [0, 1, 0, 1, 2, 0, 1, 2, 2, 3, 0, 0, 4, 3, 1, 5, 4, 3, 2, 1, 0, 6, 5, 4, 3, 2, 1, 0, 6, 5, 4, 3]);

    private static readonly Frequency[] BottomOrder = Pairs(
        [6, 1, 3, 3, 2, 4, 1, 2, 4, 4, 5, 1, 4, 6, 2, 5, 6, 1, 6, 2, 2, 4, 3, 3, 5, 5, 6, 2, 5, 5, 3, 6],
        [6, 4, 4, 6, 6, 3, 1, 4, 4, 5, 6, 5, 2, 2, 5, 1, 4, 3, 5, 0, 3, 1, 1, 2, 4, 2, 1, 1, 5, 3, 3, 3]);

    /// <summary>The best of those measured alone: 1 to 32 of them. One is global average pooling, up to a constant.</summary>
    public static FrequencySelection Top(int count) => First(TopOrder, count);

    /// <summary>The lowest: 1 to 32 of them.</summary>
    public static FrequencySelection Low(int count) => First(LowOrder, count);

    /// <summary>The worst of those measured alone: 1 to 32 of them.</summary>
    public static FrequencySelection Bottom(int count) => First(BottomOrder, count);

    /// <summary>Reads the official names: <c>top16</c>, <c>low8</c>, <c>bot32</c>.</summary>
    /// <exception cref="FormatException">Another word, or a number that is not 1, 2, 4, 8, 16 or 32.</exception>
    public static FrequencySelection Parse(string name)
    {
        if (name.Length > 3 && int.TryParse(name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count is 1 or 2 or 4 or 8 or 16 or 32)
        {
            if (name.StartsWith("top", StringComparison.Ordinal)) return Top(count);
            if (name.StartsWith("low", StringComparison.Ordinal)) return Low(count);
            if (name.StartsWith("bot", StringComparison.Ordinal)) return Bottom(count);
        }

        throw new FormatException($"'{name}' is no selection of frequencies: write top, low or bot and 1, 2, 4, 8, 16 or 32, "
            + $"such as top16");
    }

    /// <summary>All 49 of the grid, to be tried one at a time: the paper's search trains a network with each alone.</summary>
    public static IEnumerable<Frequency> Candidates =>
        from vertical in Enumerable.Range(0, Grid) from horizontal in Enumerable.Range(0, Grid) select new Frequency(vertical, horizontal);

    /// <summary>The search's result: the frequencies whose networks, each trained with one of them alone, were the most accurate.</summary>
    /// <param name="accuracies">One for each frequency tried; of equal ones the first given comes first.</param>
    /// <param name="count">How many to keep.</param>
    public static FrequencySelection Best(IEnumerable<(Frequency Frequency, double Accuracy)> accuracies, int count = 16)
    {
        var best = accuracies.OrderByDescending(tried => tried.Accuracy).Select(tried => tried.Frequency).Take(count).ToList();
        return best.Count == count ? new(best)
            : throw new ArgumentException($"{count} frequencies are wanted, {best.Count} were tried", nameof(count));
    }

    private static FrequencySelection First(Frequency[] order, int count) => count >= 1 && count <= order.Length
        ? new(order[..count])
        : throw new ArgumentOutOfRangeException(nameof(count), count, $"from 1 to {order.Length} frequencies are ranked");

    private static Frequency[] Pairs(int[] vertical, int[] horizontal) => [.. vertical.Zip(horizontal, (v, h) => new Frequency(v, h))];
}
