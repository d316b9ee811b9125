using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Sconce.Metrics;

/// <summary>The figures of one evaluation in their order, each with its direction; by name they are plain numbers.</summary>
public sealed class FigureSet : IReadOnlyDictionary<string, double>
{
    private readonly OrderedDictionary<string, Figure> figures = [];

    /// <summary>The figures.</summary>
    public IReadOnlyList<Figure> All => figures.Values;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => figures.Keys;

    /// <inheritdoc/>
    public IEnumerable<double> Values => figures.Values.Select(figure => figure.Value);

    /// <inheritdoc/>
    public int Count => figures.Count;

    /// <inheritdoc/>
    public double this[string key] => Of(key).Value;

    /// <summary>The figure of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message names those there are.</exception>
    public Figure Of(string name) =>
        figures.TryGetValue(name, out var figure)
        ? figure : throw new KeyNotFoundException($"there is no figure '{name}' among {string.Join(", ", Keys)}");

    /// <summary>Adds a figure of which more is better, unless said otherwise.</summary>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public void Add(string name, double value, FigureDirection direction = FigureDirection.HigherIsBetter) =>
        Add(new Figure(name, value, direction));

    /// <summary>Adds a figure.</summary>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public void Add(Figure figure) => figures.Add(figure.Name, figure);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => figures.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out double value)
    {
        bool found = figures.TryGetValue(key, out var figure);
        value = figure.Value;
        return found;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, double>> GetEnumerator() =>
        figures.Values.Select(figure => KeyValuePair.Create(figure.Name, figure.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
