namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>What a detector says of the stream.</summary>
public enum DriftLevel
{
    /// <summary>As before.</summary>
    None,

    /// <summary>Perhaps not.</summary>
    Warning,

    /// <summary>It has changed.</summary>
    Drift,
}

/// <summary>
/// Watches a model's losses, one after the other, and says when they have changed. Larger is worse: 1 is a wrong answer, 0 a right one.
/// </summary>
public interface IDriftDetector
{
    /// <summary>Takes the next loss.</summary>
    DriftLevel Update(double loss);
}
