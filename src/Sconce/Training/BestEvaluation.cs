using Sconce.Metrics;

namespace Sconce.Training;

/// <summary>Tells by the watched figure which evaluation's weights are the best.</summary>
/// <param name="options">The figure, and what counts as better.</param>
/// <param name="stageOf">A run's stage after so many epochs: evaluations are compared within one.</param>
internal sealed class BestEvaluation(TrainerOptions options, Func<int, int> stageOf)
{
    /// <summary>The run with one more evaluation, which is its best where it is better than the others.</summary>
    /// <param name="run">Before it.</param>
    /// <param name="evaluation">The new one.</param>
    /// <param name="figures">Its figures, with their directions.</param>
    /// <exception cref="TrainingException">The watched figure is not among them, or is no number from the start.</exception>
    public RunProgress Compared(RunProgress run, Evaluation evaluation, FigureSet figures)
    {
        if (!figures.ContainsKey(options.Watched))
        {
            throw new TrainingException(($"the evaluation gives no '{options.Watched}' to tell the best weights by: it gives "
                + $"{string.Join(", ", figures.Keys)}. {NearestNames.Suggest(options.Watched, figures.Keys)}").TrimEnd());
        }

        if (run.Best is null) WatchedFigure.Verify(options.Watched, figures[options.Watched], evaluation.Epoch, figures);
        var rival = run.Best is { } known && stageOf(known.Epoch) == stageOf(evaluation.Epoch) ? known : null;
        bool isBest = IsBetter(figures, rival);
        return run with
        {
            History = [.. run.History, evaluation],
            Best = isBest ? evaluation : run.Best,
            Worse = isBest ? 0 : run.Worse + 1
        };
    }

    /// <summary>Of equals the one of the lower loss is better.</summary>
    private bool IsBetter(FigureSet figures, Evaluation? best)
    {
        var figure = figures.Of(options.Watched);
        if (!double.IsFinite(figure.Value)) return false;
        if (best is null || !best.Figures.TryGetValue(options.Watched, out double before)) return true;
        double gain = figure.GainOver(before);
        if (gain > options.MinImprovement) return true;
        return gain == 0 && figures.TryGetValue("loss", out double loss) && best.Figures.TryGetValue("loss", out double lossBefore)
            && loss < lossBefore;
    }
}
