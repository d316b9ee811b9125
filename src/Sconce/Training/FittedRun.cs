using Sconce.Metrics;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>What was fitted.</summary>
/// <param name="Learner">What is saved and shipped.</param>
/// <param name="Figures">On what is held out.</param>
/// <param name="Examples">It learnt from.</param>
/// <param name="Steps">Rounds, trees: whatever is counted.</param>
/// <param name="StoppedEarly">Whether it ended because nothing became better.</param>
public sealed record FittedLearner(ISavedState Learner, FigureSet Figures, long Examples, long Steps = 1, bool StoppedEarly = false);

/// <summary>
/// A run of a learner that is fitted in one go and is the same each time: trees, factors, neighbours. One that was stopped is fitted again.
/// </summary>
/// <param name="configuration">Settled.</param>
public abstract class FittedRun(RunConfiguration configuration) : TrainingRun
{
    /// <inheritdoc/>
    public sealed override RunConfiguration Configuration { get; } = configuration;

    /// <inheritdoc/>
    public override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        var run = folder?.Resume(new NothingYet()) ?? new RunProgress();
        if (run.Finished) return new TrainingResult(run, false);
        if (folder is not null) Begin(folder);
        var fitted = Fit(progress, cancellation);
        var evaluation = new Evaluation(1, fitted.Steps, double.NaN, fitted.Figures.ToDictionary());
        run = run with
        {
            Epoch = 1,
            Step = fitted.Steps,
            Examples = fitted.Examples,
            History = [evaluation],
            Best = evaluation,
            Finished = true,
            PlannedEpochs = 1,
        };
        folder?.Write(evaluation);
        folder?.SaveBest(fitted.Learner, evaluation);
        if (folder is not null) run = folder.Save(fitted.Learner, run);
        return new TrainingResult(run, fitted.StoppedEarly);
    }

    /// <summary>Fits it, and judges it on what is held out.</summary>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    protected abstract FittedLearner Fit(IProgress<WorkProgress>? progress, CancellationToken cancellation);

    /// <summary>Before it is fitted: writes what the learner needs beside its weights. By default nothing.</summary>
    /// <param name="folder">The run's.</param>
    protected virtual void Begin(RunFolder folder)
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>A finished run is only looked at; one that is not has nothing to go on with.</summary>
    private sealed class NothingYet : ISavedState
    {
        public void Save(SavedState state)
        {
        }

        public void Load(SavedState state)
        {
        }
    }
}
