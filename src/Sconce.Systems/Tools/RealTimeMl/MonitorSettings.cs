namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>Who watches a stream of errors.</summary>
public enum DetectorKind
{
    /// <summary>A window that shrinks when its halves differ.</summary>
    Adwin,

    /// <summary>A sum of losses above their mean.</summary>
    PageHinkley,

    /// <summary>An error rate that rises by more than chance explains.</summary>
    Ddm,
}

/// <summary>What is watched, and how.</summary>
[Settings]
public sealed partial record MonitorSettings
{
    /// <summary>The column that says what was right.</summary>
    public string? Target { get; init; }

    /// <summary>A column of a model's answers, whose errors are watched; else a model learns on the way, and is asked before it is
    /// told.</summary>
    public string? Answers { get; init; }

    /// <summary>Columns that a model that learns on the way shall not see: a row's number, its date.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Who watches.</summary>
    public DetectorKind Detector { get; init; }

    /// <summary>Whether a model that learns on the way learns fast again after a change.</summary>
    public bool Adapt { get; init; } = true;

    /// <summary>What an answer counts of the next in the recent error.</summary>
    [Within(0, 1, Above = true)]
    public double Fading { get; init; } = 0.99;

    /// <summary>Rows after a change in which no other is told, nor acted on.</summary>
    [Within(0)]
    public int CoolDown { get; init; }

    /// <summary>A file of what was learnt and watched so far: gone on from where it is there, written at the end of the table.</summary>
    [FilePath]
    public string? State { get; init; }

    /// <summary>A detector of that kind, as it begins.</summary>
    internal IDriftDetector CreateDetector() => Detector switch
    {
        DetectorKind.PageHinkley => new PageHinkley(),
        DetectorKind.Ddm => new Ddm(),
        _ => new Adwin(),
    };
}
