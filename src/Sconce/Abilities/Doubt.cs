namespace Sconce.Abilities;

/// <summary>The one rule by which an answer is unsure: for the command's <c>--abstain</c> and for the server's review queue.</summary>
public static class Doubt
{
    /// <summary>How sure an answer is: of its best class, of the least sure of its boxes; null for answers without confidences.</summary>
    /// <param name="answer">The answer.</param>
    public static double? ConfidenceOf(IAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Parts.Select(part => part.Part switch
        {
            Labels { Items.Count: > 0 } labels => labels.Best.Confidence,
            Boxes { Items.Count: > 0 } boxes => boxes.Items.Min(box => box.Confidence),
            _ => (double?)null,
        }).FirstOrDefault(known => known is not null);
    }

    /// <summary>Whether a confidence is too little; one that is no number always is.</summary>
    /// <param name="confidence">In [0, 1].</param>
    /// <param name="threshold">In [0, 1]; just as much is enough.</param>
    public static bool IsUnsure(double confidence, double threshold) => !(confidence >= threshold);

    /// <summary>Whether an answer is unsure; one without confidences never is.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="threshold">In [0, 1]; just as much is enough.</param>
    public static bool IsUnsure(IAnswer answer, double threshold) =>
        ConfidenceOf(answer) is { } confidence && IsUnsure(confidence, threshold);
}

/// <summary>When a classifier abstains.</summary>
[Settings]
public sealed partial record AbstentionSettings
{
    /// <summary>Answers whose best class is less likely than this are marked as unsure, such as 0.9; none are where left out.</summary>
    [Within(0, 1)]
    public double? Abstain { get; init; }

    /// <summary>An answer with its mark.</summary>
    /// <param name="labels">As the network gives it.</param>
    public Labels Mark(Labels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels with { Threshold = Abstain };
    }
}
