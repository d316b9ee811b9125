using System.Globalization;

namespace Sconce.Training;

/// <summary>
/// What a run is to reach: a figure of its evaluations at or beyond a value, such as <c>accuracy&gt;=0.9</c> or <c>loss&lt;=0.3</c>.
/// </summary>
/// <param name="Figure">The figure's name.</param>
/// <param name="IsAtLeast">Whether more is wanted, or less.</param>
/// <param name="Value">The bound.</param>
public sealed record SweepGoal(string Figure, bool IsAtLeast, double Value)
{
    /// <summary>Reads one as it is typed.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static SweepGoal Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (string sign in (string[])[">=", "<="])
        {
            if (text.Split(sign) is not [var figure, var bound] || figure.Trim().Length == 0) continue;
            if (double.TryParse(bound, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return new SweepGoal(
                figure.Trim(), sign == ">=", value);
        }

        throw new UsageException($"'{text}' is no goal: write accuracy>=0.9 or loss<=0.3");
    }

    /// <summary>Steps to the first evaluation that reaches it; null where none does.</summary>
    public long? Steps(RunHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Evaluations.FirstOrDefault(Reaches)?.Step;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Figure} {(IsAtLeast ? "≥" : "≤")} {Value}");

    private bool Reaches(Evaluation evaluation) =>
        evaluation.Figures.TryGetValue(Figure, out double value) && (IsAtLeast ? value >= Value : value <= Value);
}
