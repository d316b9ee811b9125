namespace Sconce.Training;

/// <summary>The figure that says which weights are best: it must be one that the run has, and a number.</summary>
public static class WatchedFigure
{
    /// <summary>The figure that was asked for, or the method's own.</summary>
    /// <param name="asked">As it was asked; null for the method's own.</param>
    /// <param name="own">The method's own.</param>
    /// <param name="known">All that the run's evaluations give.</param>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static string Settle(string? asked, string own, IReadOnlyList<string> known) => asked is null ? own
        : known.Contains(asked) ? asked
        : throw new UsageException(
            ($"the figure to watch cannot be '{asked}': this run's evaluations give {string.Join(", ", known)}. "
                + NearestNames.Suggest(asked, known)).TrimEnd());

    /// <summary>Refuses to go on where the first evaluation gives no number to watch, since no weights could ever be told to be the
    /// best.</summary>
    /// <param name="name">The figure.</param>
    /// <param name="value">What the evaluation gave.</param>
    /// <param name="epochs">Epochs done.</param>
    /// <param name="figures">All that it gave.</param>
    /// <exception cref="TrainingException">It is no number.</exception>
    public static void Verify(string name, double value, int epochs, IReadOnlyDictionary<string, double> figures)
    {
        if (double.IsFinite(value)) return;
        string[] others = [.. figures.Where(figure => double.IsFinite(figure.Value)).Select(figure => figure.Key)];
        string advice = others.Length > 0 ? $"Watch another one ({string.Join(", ", others)})"
            : "Lower the learning rate, or look at the data that are held out";
        throw new TrainingException($"the watched figure '{name}' is {value} after epoch {epochs}, so the best weights cannot be told "
            + $"by it: what it counts may be missing from the data that are held out. {advice}, or hold out more");
    }
}
