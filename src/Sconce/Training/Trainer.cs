using System.Diagnostics;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>
/// The loop: batches, steps, an evaluation and a checkpoint at the end of each epoch. With a <see cref="RunFolder"/> a run that was stopped
/// at any moment goes on with the very next batch, and its losses are those of a run that was never stopped. A finished run goes on where
/// more epochs or steps are asked for than before; its rate is then that of a run of the new length from that step on.
/// </summary>
/// <typeparam name="TBatch">What the source gives; disposed after its step where it can be.</typeparam>
/// <param name="program">Who learns, and how.</param>
/// <param name="batches">The data. A source that is an <see cref="ISavedState"/> too (a replay buffer, an environment) is saved with the
/// run instead of being replayed.</param>
/// <param name="options">How to go about it.</param>
public sealed class Trainer<TBatch>(TrainingProgram<TBatch> program, IBatchSource<TBatch> batches, TrainerOptions options)
{
    private readonly Throughput throughput = new();
    private readonly Stopwatch sinceSave = new();
    private readonly ProgramModules modules = ProgramModules.Of(program.Modules);
    private readonly RunLength<TBatch> length = new(batches, options);
    private readonly BestEvaluation best = new(options, program.StageOf);
    private PlayerState[] players = [];
    private RunProgress run = new();

    /// <summary>Where the run is kept; null for a run in memory.</summary>
    public RunFolder? Folder { get; init; }

    /// <summary>
    /// Figures of the networks as they are; run with the averaged weights where there are some, in evaluation mode. The random numbers that
    /// it draws do not change the run. Null: none, and no best weights.
    /// </summary>
    public Func<CancellationToken, FigureSet>? Evaluate { get; init; }

    /// <summary>
    /// Leaves samples of an epoch beside the program's own (<see cref="TrainingProgram{TBatch}.WriteSamples"/>); null for none.
    /// </summary>
    public Action<SampleFolder>? Sampled { get; init; }

    /// <summary>Told of every step.</summary>
    public Action<StepReport>? Stepped { get; init; }

    /// <summary>Steps in one epoch.</summary>
    public int StepsPerEpoch => length.StepsPerEpoch;

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps => length.Steps;

    private bool IsSavedSource => batches is ISavedState;

    private RunContents Contents => new(modules, players, program, batches as ISavedState);

    private PlayerAverages Averages => new(players);

    private NumberFaults<TBatch> Faults => new(program, Folder);

    /// <summary>Trains, or goes on training, on this thread.</summary>
    /// <param name="progress">Loss, rate, images a second, the figures of the last evaluation.</param>
    /// <param name="cancellation">Stops between two steps, after a checkpoint.</param>
    /// <exception cref="TrainingException">The loss or a gradient is no number; the message says where.</exception>
    /// <exception cref="CheckpointException">The checkpoint cannot be read, is of another network, or cannot be written.</exception>
    public TrainingResult Run(IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        TorchRuntime.ManualSeed(options.Seed);
        players = PlayerState.ForTraining(program.Players);
        try
        {
            if (Folder is not null) run = length.Asked(length.Verified(Folder.Resume(Contents), Folder.Last));
            sinceSave.Restart();
            return Go(progress, cancellation);
        }
        finally
        {
            foreach (var player in players) player.Dispose();
            players = [];
        }
    }

    private TrainingResult Go(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            progress?.Report(new WorkProgress("starting", 0, 0));
            while (!run.Finished && !length.IsWhole(run) && !length.IsHopeless(run))
            {
                Epoch(progress, cancellation);
                EndEpoch(cancellation);
            }

            if (!run.Finished) Finish(cancellation);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }

        return new TrainingResult(run, !length.IsWhole(run));
    }

    private void Epoch(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        // A source that is saved must not give a batch that no step takes: it is asked where nothing can be cancelled.
        using var stream = new BatchStream<TBatch>(batches, run.Epoch, run.Batch, IsSavedSource ? CancellationToken.None : cancellation);
        while (run.Batch < batches.BatchesPerEpoch && run.Step < TotalSteps)
        {
            cancellation.ThrowIfCancellationRequested();
            // All batches of a step are here before it begins, so that a step is done whole or not at all.
            using var group = stream.Take(Math.Min(options.Accumulation, batches.BatchesPerEpoch - run.Batch));
            if (!IsSavedSource) cancellation.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            var report = Step(group.Batches, clock);
            Folder?.Write(report);
            Stepped?.Invoke(report);
            progress?.Report(new WorkProgress("training", run.Step, TotalSteps, Describe(report)));
            bool isDue = (options.SaveEvery is { } every && run.Step % every == 0) || sinceSave.Elapsed >= options.SaveInterval;
            if (isDue && run.Batch < batches.BatchesPerEpoch) Save();
        }
    }

    /// <summary>One step on one group of batches.</summary>
    private StepReport Step(IReadOnlyList<TBatch> group, Stopwatch clock)
    {
        modules.Train();
        var step = new TrainingStep(players, group.Count, options.InPrecision) { Number = run.Step, Epoch = run.Epoch, Total = TotalSteps };
        foreach (var batch in group)
        {
            using var scope = new TensorScope(); // every tensor made below dies here
            step.NextBatch(what => Faults.InStep(what, batch, step.Rate, run));
            program.Step(batch, step);
        }

        step.End();
        double loss = step.Loss;
        int examples = group.Sum(program.Count);
        throughput.Add(examples, clock.Elapsed.TotalSeconds);
        run = run.AfterStep(group.Count, examples, loss, clock.Elapsed.TotalSeconds);
        using (new TensorScope())
        using (Gradients.Off())
        {
            program.Stepped(run.Step);
        }

        return new StepReport(run.Step, run.Epoch, loss, step.Rate, step.GradientNorm, throughput.PerSecond, run.Seconds)
        { Figures = step.Figures() };
    }

    /// <summary>
    /// Ends an epoch, or a run of so many steps in the midst of one: averages, the program's part, evaluation, samples, checkpoint.
    /// </summary>
    private void EndEpoch(CancellationToken cancellation)
    {
        int done = run.Epoch + 1;
        bool isLast = done >= length.Epochs || run.Step >= TotalSteps;
        if (run.Ending < EpochEndStage.Averaged)
        {
            Averages.TakeEpoch(done, length.Epochs);
            run = run with { Ending = EpochEndStage.Averaged };
        }

        if (run.Ending < EpochEndStage.Told)
        {
            RandomStates.UndrawnIfCancelled(() => program.EpochEnded(new EpochEnd(done, () => Averages.Applied(), cancellation)));
            run = run with { Ending = EpochEndStage.Told };
        }

        if (run.Ending < EpochEndStage.Evaluated)
        {
            if (!Averages.HasStochastic && (done % options.EvaluateEvery == 0 || isLast)) Judge(done, run.MeanLoss(), cancellation);
            run = run with { Ending = EpochEndStage.Evaluated };
        }

        WriteSamples(done);
        run = run with { Ending = EpochEndStage.None, EndedAt = run.Step };
        if (run.Batch >= batches.BatchesPerEpoch) run = run.InNextEpoch();
        Save();
    }

    /// <summary>Ends the run: a stochastic average gets its statistics, and only now its evaluation.</summary>
    private void Finish(CancellationToken cancellation)
    {
        if (Averages.HasStochasticUpdates)
        {
            using var random = new RandomStates();
            using (Averages.Applied()) BatchNormStatistics.Recompute(modules, Passes(cancellation));
            Judge(run.Epoch, run.TrainLoss, cancellation);
        }

        run = run with { Finished = true };
        Save();
    }

    private IEnumerable<Action> Passes(CancellationToken cancellation)
    {
        if (IsSavedSource) yield break; // it cannot be read again: the statistics stay those of the run
        using var stream = new BatchStream<TBatch>(batches, 0, 0, cancellation);
        for (int k = 0; k < batches.BatchesPerEpoch; k++)
        {
            using var group = stream.Take(1);
            yield return () => program.Forward(group.Batches[0]);
        }
    }

    /// <summary>Evaluates the averaged weights, or those there are, and keeps them where they are the best so far.</summary>
    private void Judge(int epochs, double trainLoss, CancellationToken cancellation)
    {
        if (Evaluate is null) return;
        using var random = new RandomStates();
        using var averaged = Averages.Applied();
        modules.Eval();
        var figures = Evaluate(cancellation);
        var evaluation = new Evaluation(epochs, run.Step, trainLoss, figures.ToDictionary());
        run = best.Compared(run, evaluation, figures);
        Folder?.Write(evaluation);
        if (ReferenceEquals(run.Best, evaluation)) Folder?.SaveBest(program.Product, evaluation);
    }

    private void WriteSamples(int epochs)
    {
        if (Folder is null) return;
        using var random = new RandomStates();
        using var averaged = Averages.HasStochastic ? null : Averages.Applied();
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var samples = new SampleFolder(Folder.Folder, epochs, run.Step, options.Seed, options.Device);
        modules.Eval();
        program.WriteSamples(samples);
        Sampled?.Invoke(samples);
    }

    private void Save()
    {
        if (Folder is null) return;
        if (FiniteWeights.FirstFault(modules) is { } name) throw Faults.InWeights(name, run);
        run = Folder.Save(Contents, run);
        sinceSave.Restart();
    }

    private string Describe(StepReport report) =>
        StepLine.Of(report, length.Epochs, program.Items, options.Watched, run.History.Count > 0 ? run.History[^1] : null);
}
