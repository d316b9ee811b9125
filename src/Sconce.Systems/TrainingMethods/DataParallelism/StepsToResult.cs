using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.DataParallelism;

/// <summary>One training run with one setting of the metaparameters.</summary>
/// <param name="LearningRate">Its rate.</param>
/// <param name="Steps">Steps until the first evaluation at or below the goal; null where it was never reached (diverged, or the budget ran
/// out).</param>
public sealed record Trial(double LearningRate, int? Steps);

/// <summary>Steps to result: how many updates it takes to reach a goal error; 1811.03600 §3.1.</summary>
public static class StepsToResult
{
    /// <summary>The first evaluation at or below the goal, in steps. <c>(trials, evaluations) -> (trials)</c> float64; +∞ where there is
    /// none.</summary>
    /// <param name="errors">One row a trial, one column an evaluation.</param>
    /// <param name="goal">The error to reach.</param>
    /// <param name="interval">Steps between evaluations; the first comes after as many.</param>
    public static Tensor FirstCrossing(Tensor errors, double goal, int interval)
    {
        if (errors.Dimensions != 2)
            throw new ArgumentException($"errors must be (trials, evaluations), not [{string.Join(", ", errors.Shape.ToArray())}]");
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, 1);
        using var scope = new TensorScope();
        var reached = errors.Le(goal); // NaN reaches nothing
        var first = (reached.To(DType.Int64).Argmax(1) + 1).To(DType.Float64) * interval;
        return scope.Keep(first.MaskedFill(reached.Any(1).LogicalNot(), double.PositiveInfinity));
    }

    /// <summary>Steps(B): the fewest over all trials of one batch size.</summary>
    /// <exception cref="InvalidOperationException">No trial reached the goal.</exception>
    public static Trial Best(IEnumerable<Trial> trials) => trials.Where(trial => trial.Steps is not null).MinBy(trial => trial.Steps)
        ?? throw new InvalidOperationException(
            "no trial reached the goal: widen the range of learning rates, raise the budget, or ask for less");

    /// <summary>Whether the best rate lies at the edge of those tried: then the range must be widened before the figure counts.</summary>
    public static bool IsAtEdge(IReadOnlyCollection<Trial> trials)
    {
        double best = Best(trials).LearningRate;
        return best == trials.Min(trial => trial.LearningRate) || best == trials.Max(trial => trial.LearningRate);
    }
}
