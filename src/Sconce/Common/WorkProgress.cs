namespace Sconce.Common;

/// <summary>How far long work has come.</summary>
/// <param name="Stage">What is being done now.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all; 0 where unknown.</param>
/// <param name="Detail">Figures of the moment: loss, rate.</param>
public sealed record WorkProgress(string Stage, long Done, long Total, string Detail = "")
{
    /// <summary>What a person should know, said once and kept in sight, however short the work; null for none.</summary>
    public string? Remark { get; init; }
}
