namespace Sconce.Training;

/// <summary>How a run ended.</summary>
/// <param name="Progress">Where it stands.</param>
/// <param name="StoppedEarly">Whether it ended before its full length because nothing became better.</param>
public sealed record TrainingResult(RunProgress Progress, bool StoppedEarly)
{
    /// <summary>The evaluation whose weights are in <c>best.ckpt</c>; null without evaluations.</summary>
    public Evaluation? Best => Progress.Best;
}
