using System.Diagnostics;
using System.Globalization;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>How a run ended.</summary>
/// <param name="Progress">Where it stands.</param>
/// <param name="StoppedEarly">Whether it ended before its last epoch because nothing became better.</param>
public sealed record TrainingResult(RunProgress Progress, bool StoppedEarly)
{
    /// <summary>The evaluation whose weights are in <c>best.ckpt</c>; null without evaluations.</summary>
    public Evaluation? Best => Progress.Best;
}

/// <summary>
/// The loop: batches, loss, gradients, a step; an evaluation and a checkpoint at the end of each epoch. With a <see cref="RunFolder"/> a run that was stopped
/// at any moment goes on with the very next batch, and its losses are those of a run that was never stopped.
/// </summary>
/// <typeparam name="TBatch">What the loader gives; disposed after its step where it can be.</typeparam>
/// <param name="objective">What is made smaller.</param>
/// <param name="optimizer">Of the network's parameters.</param>
/// <param name="schedule">The rate of each step.</param>
/// <param name="batches">The data.</param>
/// <param name="options">How to go about it.</param>
public sealed class Trainer<TBatch>(Objective<TBatch> objective, Optimizer optimizer, LearningRateSchedule schedule, IBatchSource<TBatch> batches, TrainerOptions options)
{
    private readonly Throughput throughput = new();
    private readonly Stopwatch sinceSave = new();
    private WeightAverage? average;
    private RunProgress run = new();

    /// <summary>Where the run is kept; null for a run in memory.</summary>
    public RunFolder? Folder { get; init; }

    /// <summary>Figures of the network as it is; run with the averaged weights where there are some. Null: none, and no best weights.</summary>
    public Func<CancellationToken, IReadOnlyDictionary<string, double>>? Evaluate { get; init; }

    /// <summary>
    /// After each epoch's steps, before its evaluation and checkpoint: with the epochs done, and with a way to put the averaged weights into the network until the result is
    /// disposed (null where there are none). What it changes of the network's state is in the checkpoint; it must not change state while the averaged weights are in, and it may
    /// be asked again where a run is stopped before the checkpoint.
    /// </summary>
    public Action<int, Func<IDisposable?>>? EpochEnded { get; init; }

    /// <summary>Told of every step.</summary>
    public Action<StepReport>? Stepped { get; init; }

    /// <summary>Steps in one epoch.</summary>
    public int StepsPerEpoch => (batches.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;

    private long TotalSteps => (long)StepsPerEpoch * options.Epochs;

    /// <summary>Trains, or goes on training, on this thread.</summary>
    /// <param name="progress">Loss, rate, images a second, the figures of the last evaluation.</param>
    /// <param name="cancellation">Stops between two steps, after a checkpoint.</param>
    /// <exception cref="TrainingException">The loss or a gradient is no number; the message says where.</exception>
    /// <exception cref="CheckpointException">The checkpoint cannot be read, is of another network, or cannot be written.</exception>
    public TrainingResult Run(IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        TorchRuntime.ManualSeed(options.Seed);
        average = options.Averaging switch
        {
            Averaging.Exponential => new ExponentialMovingAverage(objective.Network, options.AverageDecay, warmUp: true),
            Averaging.Stochastic => new StochasticWeightAverage(objective.Network),
            _ => null,
        };
        try
        {
            if (Folder is not null) run = Folder.Resume(objective.Network, average, optimizer);
            sinceSave.Restart();
            return Go(progress, cancellation);
        }
        finally
        {
            optimizer.ZeroGrad();
            average?.Dispose();
            average = null;
        }
    }

    private TrainingResult Go(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            progress?.Report(new WorkProgress("starting", 0, 0));
            while (!run.Finished && run.Epoch < options.Epochs && !IsHopeless)
            {
                Epoch(progress, cancellation);
                Close(cancellation);
            }

            if (!run.Finished) Finish(cancellation);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }

        return new TrainingResult(run, run.Epoch < options.Epochs);
    }

    private bool IsHopeless => options.Patience is { } patience && run.Worse >= patience;

    private void Epoch(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var stream = new BatchStream<TBatch>(batches, run.Epoch, run.Batch, cancellation);
        while (run.Batch < batches.BatchesPerEpoch)
        {
            // All batches of a step are here before it begins, so that a step is done whole or not at all.
            using var group = stream.Take(Math.Min(options.Accumulation, batches.BatchesPerEpoch - run.Batch));
            cancellation.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            var report = Step(group.Batches, clock);
            Folder?.Write(report);
            Stepped?.Invoke(report);
            progress?.Report(new WorkProgress("training", run.Step, TotalSteps, Describe(report)));
            bool isDue = (options.SaveEvery is { } every && run.Step % every == 0) || sinceSave.Elapsed >= options.SaveInterval;
            if (isDue && run.Batch < batches.BatchesPerEpoch) Save();
        }
    }

    /// <summary>One optimiser step on one group of batches.</summary>
    private StepReport Step(IReadOnlyList<TBatch> group, Stopwatch clock)
    {
        objective.Network.Train();
        double rate = schedule.Apply(optimizer, run.Step);
        optimizer.ZeroGrad();
        double loss = 0;
        foreach (var batch in group)
        {
            using var scope = new TensorScope(); // every tensor made below dies here
            if (objective is ISeveralPasses<TBatch> several)
            {
                loss += Finite(several.Accumulate(batch, 1.0 / group.Count, InPrecision), batch, rate);
                continue;
            }

            var mean = InPrecision(() => objective.Loss(batch));
            loss += Finite(mean.Item<double>(), batch, rate);
            (group.Count == 1 ? mean : mean / group.Count).Backward();
        }

        double norm = Clip();
        if (!double.IsFinite(norm)) throw NotFinite($"the loss is {loss / group.Count:G5}, but the gradients' norm is {norm}", group[0], rate);
        optimizer.Step();
        if (average is ExponentialMovingAverage moving) moving.Update();
        int examples = group.Sum(objective.Count);
        throughput.Add(examples, clock.Elapsed.TotalSeconds);
        run = run with
        {
            Batch = run.Batch + group.Count,
            Step = run.Step + 1,
            Examples = run.Examples + examples,
            LossSum = run.LossSum + loss,
            Seconds = run.Seconds + clock.Elapsed.TotalSeconds,
        };
        using (Gradients.Off()) objective.Stepped(run.Step);
        return new StepReport(run.Step, run.Epoch, loss / group.Count, rate, norm, throughput.PerSecond, run.Seconds);
    }

    private Tensor InPrecision(Func<Tensor> forward)
    {
        if (!options.BFloat16) return forward();
        using var lower = Gradients.Autocast(DType.BFloat16, options.Device.Type);
        return forward();
    }

    private double Finite(double loss, TBatch batch, double rate) => double.IsFinite(loss) ? loss : throw NotFinite($"the loss is {loss}", batch, rate);

    /// <summary>Clips as asked; the norm before.</summary>
    private double Clip()
    {
        using var scope = new TensorScope();
        var parameters = optimizer.Groups.SelectMany(group => group.Parameters);
        double norm = GradientClipping.Norm(parameters).Item<double>();
        if (!double.IsFinite(norm)) return norm;
        if (options.AdaptiveClipping is { } lambda) new AdaptiveGradientClipping(lambda).Clip(optimizer);
        if (options.ClipNorm is { } limit) GradientClipping.ByNorm(parameters, limit);
        return norm;
    }

    /// <summary>Ends an epoch: average, evaluation, checkpoint.</summary>
    private void Close(CancellationToken cancellation)
    {
        int done = run.Epoch + 1;
        if (average is StochasticWeightAverage stochastic && done > (options.AverageFrom ?? options.Epochs * 3 / 4)) stochastic.Update();
        EpochEnded?.Invoke(done, () => average is StochasticWeightAverage { Updates: 0 } ? null : average?.Applied());
        double trainLoss = run.LossSum / batches.BatchesPerEpoch;
        if (Evaluate is not null && average is not StochasticWeightAverage && (done % options.EvaluateEvery == 0 || done == options.Epochs))
        {
            using (average?.Applied()) Judge(done, trainLoss, cancellation);
        }

        run = run with { Epoch = done, Batch = 0, LossSum = 0 };
        Save();
    }

    /// <summary>Ends the run: a stochastic average gets its statistics, and only now its evaluation.</summary>
    private void Finish(CancellationToken cancellation)
    {
        if (average is StochasticWeightAverage { Updates: > 0 } && Evaluate is not null)
        {
            using var applied = average.Applied();
            BatchNormStatistics.Recompute(objective.Network, Passes(cancellation));
            Judge(run.Epoch, run.History.Count > 0 ? run.History[^1].TrainLoss : double.NaN, cancellation);
        }

        run = run with { Finished = true };
        Save();
    }

    private IEnumerable<Action> Passes(CancellationToken cancellation)
    {
        using var stream = new BatchStream<TBatch>(batches, 0, 0, cancellation);
        for (int k = 0; k < batches.BatchesPerEpoch; k++)
        {
            using var group = stream.Take(1);
            yield return () => objective.Loss(group.Batches[0]);
        }
    }

    /// <summary>Evaluates the weights that the network has now, and keeps them where they are the best so far.</summary>
    private void Judge(int epochs, double trainLoss, CancellationToken cancellation)
    {
        objective.Network.Eval();
        var figures = Evaluate!(cancellation);
        if (!figures.TryGetValue(options.Watched, out double figure))
        {
            throw new TrainingException($"the evaluation gives no '{options.Watched}' to tell the best weights by: it gives {string.Join(", ", figures.Keys)}. {NearestNames.Suggest(options.Watched, figures.Keys)}".TrimEnd());
        }

        var evaluation = new Evaluation(epochs, run.Step, trainLoss, figures);
        bool isBest = double.IsFinite(figure) && (run.Best is not { } best || Gain(figure, best.Figures[options.Watched]) > options.MinImprovement);
        run = run with { History = [.. run.History, evaluation], Best = isBest ? evaluation : run.Best, Worse = isBest ? 0 : run.Worse + 1 };
        Folder?.Write(evaluation);
        if (isBest) Folder?.SaveBest(objective.Product, evaluation);
    }

    private double Gain(double figure, double before) => options.HigherIsBetter ? figure - before : before - figure;

    private void Save()
    {
        if (Folder is null) return;
        if (NotFiniteWeight() is { } name)
        {
            throw new TrainingException($"after step {run.Step} (epoch {run.Epoch + 1}) the weights '{name}' hold NaN or infinity, so they are not saved{Kept()}. Lower the learning rate, or clip the gradients");
        }

        run = Folder.Save(objective.Network, average, optimizer, run);
        sinceSave.Restart();
    }

    private string? NotFiniteWeight()
    {
        foreach (var (name, tensor) in objective.Network.StateDict())
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            // A sum of finite numbers overflows only where they are absurd too.
            if (tensor.DType.IsFloatingPoint() && !double.IsFinite(tensor.Sum().Item<double>())) return name;
        }

        return null;
    }

    private TrainingException NotFinite(string what, TBatch batch, double rate)
    {
        string items = objective.Describe(batch);
        string cause = objective.Fault(batch) is { } fault
            ? $": {fault}. Repair or remove it"
            : $" at the learning rate {rate.ToString("G4", CultureInfo.InvariantCulture)}{(items.Length > 0 ? $" for {items}" : "")}. The data are finite: lower the learning rate, warm up longer, or clip the gradients";
        return new TrainingException(string.Create(CultureInfo.InvariantCulture, $"{what} at step {run.Step + 1} (epoch {run.Epoch + 1}, batch {run.Batch + 1}){cause}{Kept()}"));
    }

    private string Kept()
    {
        if (Folder is not { HasCheckpoint: true }) return "";
        return string.Create(CultureInfo.InvariantCulture, $". {Folder.Last} is the last good checkpoint, of step {RunCheckpoint.Peek(Folder.Last).Progress.Step}");
    }

    private string Describe(StepReport report)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"epoch {report.Epoch + 1} of {options.Epochs}, loss {report.Loss:0.000}, rate {report.Rate:G3}, {report.ExamplesPerSecond:0} images/s");
        return run.History.Count == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}, {options.Watched} {run.History[^1].Figures[options.Watched]:0.0000}");
    }
}
