using System.Text.Json;

namespace Sconce.Training;

/// <summary>Holds what a checkpoint says of a run's progress against what a run can have come to: a damaged file must not cut a log, nor
/// begin at an epoch before the first.</summary>
internal static class RunProgressCheck
{
    /// <summary>The progress itself.</summary>
    /// <exception cref="JsonException">It makes no sense; the message names the number.</exception>
    public static RunProgress Checked(RunProgress progress)
    {
        NotNegative("epoch", progress.Epoch);
        NotNegative("batch", progress.Batch);
        NotNegative("step", progress.Step);
        NotNegative("examples", progress.Examples);
        NotNegative("worse", progress.Worse);
        NotNegative("lossCount", progress.LossCount);
        NotNegative("endedAt", progress.EndedAt);
        NotNegative("plannedEpochs", progress.PlannedEpochs);
        NotNegative("plannedSteps", progress.PlannedSteps);
        if (!Enum.IsDefined(progress.Ending)) throw new JsonException($"its ending is {progress.Ending}");
        NotNegative("logBytes", progress.LogBytes);
        NotNegative("eventBytes", progress.EventBytes);
        if (!(progress.Seconds >= 0) || !double.IsFinite(progress.Seconds))
            throw new JsonException(FormattableString.Invariant($"its seconds are {progress.Seconds}"));
        if (progress.History is null) throw new JsonException("its history is null");
        foreach (var evaluation in progress.History) Check(evaluation, "an evaluation of its history");
        if (progress.Best is not { } best) return progress;
        Check(best, "its best evaluation");
        if (best.Figures.Count == 0) throw new JsonException("its best evaluation has no figures");
        return progress;
    }

    private static void Check(Evaluation? evaluation, string what)
    {
        if (evaluation is null) throw new JsonException($"{what} is null");
        if (evaluation.Figures is null) throw new JsonException($"{what} has no figures");
        NotNegative($"{what}: epoch", evaluation.Epoch);
        NotNegative($"{what}: step", evaluation.Step);
    }

    private static void NotNegative(string name, long number)
    {
        if (number < 0) throw new JsonException($"its {name} is {number}");
    }
}
