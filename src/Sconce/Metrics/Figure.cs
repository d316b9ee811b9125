namespace Sconce.Metrics;

/// <summary>Which way a figure is better.</summary>
public enum FigureDirection
{
    /// <summary>More is better: accuracy, average precision, return.</summary>
    HigherIsBetter,

    /// <summary>Less is better: a loss, FID, an error.</summary>
    LowerIsBetter,
}

/// <summary>One figure of an evaluation.</summary>
/// <param name="Name">As it is watched and logged: <c>accuracy</c>, <c>fid</c>.</param>
/// <param name="Value">NaN where it cannot be told.</param>
/// <param name="Direction">Which way it is better.</param>
public readonly record struct Figure(string Name, double Value, FigureDirection Direction = FigureDirection.HigherIsBetter)
{
    /// <summary>A figure of which less is better.</summary>
    public static Figure Lower(string name, double value) => new(name, value, FigureDirection.LowerIsBetter);

    /// <summary>By how much a value is better than another of this figure: positive for better, NaN where either is none.</summary>
    /// <param name="before">The other value.</param>
    public double GainOver(double before) => Direction == FigureDirection.HigherIsBetter ? Value - before : before - Value;
}
