using System.Diagnostics;
using System.Globalization;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>How a run ended.</summary>
/// <param name="Progress">Where it stands.</param>
/// <param name="StoppedEarly">Whether it ended before its full length because nothing became better.</param>
public sealed record TrainingResult(RunProgress Progress, bool StoppedEarly)
{
    /// <summary>The evaluation whose weights are in <c>best.ckpt</c>; null without evaluations.</summary>
    public Evaluation? Best => Progress.Best;
}

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
    public int StepsPerEpoch => (batches.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps => options.Steps ?? (long)StepsPerEpoch * options.Epochs;

    private bool IsSavedSource => batches is ISavedState;

    private int TotalEpochs => options.Steps is { } steps ? (int)((steps + StepsPerEpoch - 1) / StepsPerEpoch) : options.Epochs;

    private bool IsWhole => options.Steps is { } steps ? run.Step >= steps && run.EndedAt == run.Step : run.Epoch >= options.Epochs;

    private bool IsHopeless => options.Patience is { } patience && run.Worse >= patience;

    private RunContents Contents => new(modules, players, program, batches as ISavedState);

    private bool HasStochastic => players.Any(player => player.Player.Average.Kind == Averaging.Stochastic);

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
            if (Folder is not null) run = AtLength(InEpoch(Folder.Resume(Contents), Folder.Last));
            sinceSave.Restart();
            return Go(progress, cancellation);
        }
        finally
        {
            foreach (var player in players) player.Dispose();
            players = [];
        }
    }

    /// <summary>A place beyond an epoch's last batch is none: the file is damaged, or of more pictures.</summary>
    private RunProgress InEpoch(RunProgress progress, string path)
    {
        if (progress.Batch <= batches.BatchesPerEpoch) return progress;
        throw new CheckpointException(
            path, $"it stands after batch {progress.Batch} of an epoch, which has {batches.BatchesPerEpoch}: it is damaged, or there were "
            + $"more examples");
    }

    /// <summary>A finished run that is asked for more than before goes on.</summary>
    private RunProgress AtLength(RunProgress saved)
    {
        bool isLonger = options.Steps is { } steps
            ? steps > (saved.PlannedSteps > 0 ? saved.PlannedSteps : saved.Step)
            : options.Epochs > (saved.PlannedEpochs > 0 ? saved.PlannedEpochs : saved.Epoch);
        var planned = saved with { PlannedEpochs = options.Steps is null ? options.Epochs : 0, PlannedSteps = options.Steps ?? 0 };
        if (!saved.Finished || !isLonger) return planned;
        // Runs begun before lengths were kept: one that ended early by itself stays so.
        return saved.PlannedEpochs == 0 && saved.PlannedSteps == 0 && IsHopelessAt(saved)
            ? planned : planned with { Finished = false, Worse = 0 };
    }

    private bool IsHopelessAt(RunProgress saved) => options.Patience is { } patience && saved.Worse >= patience;

    private TrainingResult Go(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            progress?.Report(new WorkProgress("starting", 0, 0));
            while (!run.Finished && !IsWhole && !IsHopeless)
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

        return new TrainingResult(run, !IsWhole);
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
        var step = new TrainingStep(players, group.Count, InPrecision) { Number = run.Step, Epoch = run.Epoch, Total = TotalSteps };
        foreach (var batch in group)
        {
            using var scope = new TensorScope(); // every tensor made below dies here
            step.NextBatch(what => NotFinite(what, batch, step.Rate));
            program.Step(batch, step);
        }

        step.End();
        double loss = step.Loss;
        int examples = group.Sum(program.Count);
        throughput.Add(examples, clock.Elapsed.TotalSeconds);
        run = run with
        {
            Batch = run.Batch + group.Count,
            Step = run.Step + 1,
            Examples = run.Examples + examples,
            LossSum = run.LossSum + (double.IsNaN(loss) ? 0 : loss * group.Count),
            LossCount = (run.LossCount > 0 ? run.LossCount : run.LossSum != 0 ? run.Batch : 0) + (double.IsNaN(loss) ? 0 : group.Count),
            Seconds = run.Seconds + clock.Elapsed.TotalSeconds,
        };
        using (new TensorScope())
        using (Gradients.Off())
        {
            program.Stepped(run.Step);
        }

        return new StepReport(run.Step, run.Epoch, loss, step.Rate, step.GradientNorm, throughput.PerSecond, run.Seconds)
        { Figures = step.Figures() };
    }

    private Tensor InPrecision(Func<Tensor> forward)
    {
        if (!options.BFloat16) return forward();
        using var lower = Gradients.Autocast(DType.BFloat16, options.Device.Type);
        return forward();
    }

    /// <summary>
    /// Ends an epoch, or a run of so many steps in the midst of one: averages, the program's part, evaluation, samples, checkpoint.
    /// </summary>
    private void EndEpoch(CancellationToken cancellation)
    {
        int done = run.Epoch + 1;
        bool isLast = done >= TotalEpochs || run.Step >= TotalSteps;
        if (run.Ending < EpochEndStage.Averaged)
        {
            foreach (var player in players.Where(player => player.Player.Average.Kind == Averaging.Stochastic))
            {
                if (done > (player.Player.Average.From ?? TotalEpochs * 3 / 4)) player.Average!.Update();
            }

            run = run with { Ending = EpochEndStage.Averaged };
        }

        if (run.Ending < EpochEndStage.Told)
        {
            OrAsBefore(() => program.EpochEnded(new EpochEnd(done, Averaged, cancellation)));
            run = run with { Ending = EpochEndStage.Told };
        }

        if (run.Ending < EpochEndStage.Evaluated)
        {
            if (!HasStochastic && (done % options.EvaluateEvery == 0 || isLast)) Judge(done, MeanLoss(), cancellation);
            run = run with { Ending = EpochEndStage.Evaluated };
        }

        WriteSamples(done);
        run = run with { Ending = EpochEndStage.None, EndedAt = run.Step };
        if (run.Batch >= batches.BatchesPerEpoch)
            run = run with { Epoch = done, Batch = 0, TrainLoss = MeanLoss(), LossSum = 0, LossCount = 0 };
        Save();
    }

    private double MeanLoss() => run.LossCount > 0 ? run.LossSum / run.LossCount : run.LossSum != 0 ? run.LossSum / run.Batch : double.NaN;

    /// <summary>Ends the run: a stochastic average gets its statistics, and only now its evaluation.</summary>
    private void Finish(CancellationToken cancellation)
    {
        if (players.Any(player => player is { Player.Average.Kind: Averaging.Stochastic, Average.Updates: > 0 }))
        {
            using var random = new RandomStates();
            using (Averaged()) BatchNormStatistics.Recompute(modules, Passes(cancellation));
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
        using var averaged = Averaged();
        modules.Eval();
        var figures = Evaluate(cancellation);
        if (!figures.ContainsKey(options.Watched))
        {
            throw new TrainingException(($"the evaluation gives no '{options.Watched}' to tell the best weights by: it gives "
                + $"{string.Join(", ", figures.Keys)}. {NearestNames.Suggest(options.Watched, figures.Keys)}").TrimEnd());
        }

        if (run.Best is null) WatchedFigure.Verify(options.Watched, figures[options.Watched], epochs, figures);
        var evaluation = new Evaluation(epochs, run.Step, trainLoss, figures.ToDictionary());
        var rival = run.Best is { } known && program.StageOf(known.Epoch) == program.StageOf(epochs) ? known : null;
        bool isBest = IsBetter(figures, rival);
        run = run with
        {
            History = [.. run.History, evaluation],
            Best = isBest ? evaluation : run.Best,
            Worse = isBest ? 0 : run.Worse + 1
        };
        Folder?.Write(evaluation);
        if (isBest) Folder?.SaveBest(program.Product, evaluation);
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

    private void WriteSamples(int epochs)
    {
        if (Folder is null) return;
        using var random = new RandomStates();
        using var averaged = HasStochastic ? null : Averaged();
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var samples = new SampleFolder(Folder.Folder, epochs, run.Step, options.Seed, options.Device);
        modules.Eval();
        program.WriteSamples(samples);
        Sampled?.Invoke(samples);
    }

    /// <summary>Random numbers that were drawn before a cancellation were not drawn.</summary>
    private static void OrAsBefore(Action work)
    {
        var before = new RandomStates();
        try
        {
            using var scope = new TensorScope();
            work();
        }
        catch (OperationCanceledException)
        {
            before.Dispose();
            throw;
        }
    }

    private AppliedAverages Averaged() =>
        new([.. players.Where(player => player.Average is { } average
            && (average.Updates > 0 || player.Player.Average.Kind == Averaging.Exponential)).Select(player => player.Average!.Applied())]);

    private void Save()
    {
        if (Folder is null) return;
        if (FiniteWeights.FirstFault(modules) is { } name)
        {
            throw new TrainingException($"after step {run.Step} (epoch {run.Epoch + 1}) the weights '{name}' hold NaN or infinity, so they "
                + $"are not saved{Kept()}. Lower the learning rate, or clip the gradients");
        }

        run = Folder.Save(Contents, run);
        sinceSave.Restart();
    }

    private TrainingException NotFinite(string what, TBatch batch, double rate)
    {
        string items = program.Describe(batch);
        string cause = program.Fault(batch) is { } fault
            ? $": {fault}. Repair or remove it"
            : $" at the learning rate {rate.ToString("G4", CultureInfo.InvariantCulture)}{(items.Length > 0 ? $" for {items}" : "")}. The "
            + $"data are finite: lower the learning rate, warm up longer, or clip the gradients";
        return new TrainingException(string.Create(CultureInfo.InvariantCulture, $"{what} at step {run.Step + 1} (epoch {run.Epoch + 1}, "
            + $"batch {run.Batch + 1}){cause}{Kept()}"));
    }

    private string Kept()
    {
        if (Folder is not { HasCheckpoint: true }) return "";
        return string.Create(CultureInfo.InvariantCulture,
            $". {Folder.Last} is the last good checkpoint, of step {RunCheckpoint.Peek(Folder.Last).Progress.Step}");
    }

    private string Describe(StepReport report)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"epoch {report.Epoch + 1} of {TotalEpochs}, loss {report.Loss:0.000}, "
            + $"rate {report.Rate:G3}, {report.ExamplesPerSecond:0} {program.Items}/s");
        return run.History.Count == 0 ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}, {options.Watched} {run.History[^1].Figures[options.Watched]:0.0000}");
    }
}
