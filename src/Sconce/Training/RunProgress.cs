using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sconce.Training;

/// <summary>One evaluation of a run.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Step">Steps done.</param>
/// <param name="TrainLoss">The mean loss of the epoch's batches.</param>
/// <param name="Figures">By name: accuracy, loss, …</param>
public sealed record Evaluation(int Epoch, long Step, double TrainLoss, IReadOnlyDictionary<string, double> Figures);

/// <summary>
/// What is done at an epoch's end, in this order; each stage is done once, also where the run is stopped in the midst of them.
/// </summary>
public enum EpochEndStage
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Averages of epochs took the weights.</summary>
    Averaged,

    /// <summary>The program was told.</summary>
    Told,

    /// <summary>The weights were evaluated.</summary>
    Evaluated,
}

/// <summary>Where a run stands: all that is needed beside tensors to go on with the very next batch.</summary>
public sealed record RunProgress
{
    /// <summary>The epoch of the next batch, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>The number of the next batch in its epoch.</summary>
    public int Batch { get; init; }

    /// <summary>Optimiser steps done.</summary>
    public long Step { get; init; }

    /// <summary>Examples seen.</summary>
    public long Examples { get; init; }

    /// <summary>The sum of this epoch's losses so far, a batch each.</summary>
    public double LossSum { get; init; }

    /// <summary>Batches in <see cref="LossSum"/>: those of steps in which nobody learned have no loss.</summary>
    public int LossCount { get; init; }

    /// <summary>The mean loss of the last whole epoch's batches; NaN before its end.</summary>
    public double TrainLoss { get; init; } = double.NaN;

    /// <summary>Seconds of training, all of the run's processes together.</summary>
    public double Seconds { get; init; }

    /// <summary>The evaluations so far.</summary>
    public IReadOnlyList<Evaluation> History { get; init; } = [];

    /// <summary>The best of them; null before the first.</summary>
    public Evaluation? Best { get; init; }

    /// <summary>Evaluations since the best.</summary>
    public int Worse { get; init; }

    /// <summary>Bytes of the log that belong to these steps.</summary>
    public long LogBytes { get; init; }

    /// <summary>Bytes of the TensorBoard events that belong to these steps.</summary>
    public long EventBytes { get; init; }

    /// <summary>How much of an epoch's end was done before the run was stopped in the midst of it.</summary>
    public EpochEndStage Ending { get; init; }

    /// <summary>The step after which the last epoch's end, or that of a run counted in steps, was done.</summary>
    public long EndedAt { get; init; }

    /// <summary>
    /// The length in epochs that the run was asked for last; 0 where it is counted in steps, or was begun before this was kept.
    /// </summary>
    public int PlannedEpochs { get; init; }

    /// <summary>The length in steps that the run was asked for last; 0 where it is counted in epochs.</summary>
    public long PlannedSteps { get; init; }

    /// <summary>Whether the run is over.</summary>
    public bool Finished { get; init; }

    /// <summary>The mean of this epoch's losses so far; NaN where there are none.</summary>
    internal double MeanLoss() => LossCount > 0 ? LossSum / LossCount : LossSum != 0 ? LossSum / Batch : double.NaN;

    /// <summary>One step further.</summary>
    /// <param name="batches">Batches of the step.</param>
    /// <param name="examples">Examples in them.</param>
    /// <param name="loss">Their mean loss; NaN where nobody learned.</param>
    /// <param name="seconds">What it took.</param>
    internal RunProgress AfterStep(int batches, int examples, double loss, double seconds) => this with
    {
        Batch = Batch + batches,
        Step = Step + 1,
        Examples = Examples + examples,
        LossSum = LossSum + (double.IsNaN(loss) ? 0 : loss * batches),
        LossCount = (LossCount > 0 ? LossCount : LossSum != 0 ? Batch : 0) + (double.IsNaN(loss) ? 0 : batches),
        Seconds = Seconds + seconds,
    };

    /// <summary>At the beginning of the next epoch.</summary>
    internal RunProgress InNextEpoch() => this with { Epoch = Epoch + 1, Batch = 0, TrainLoss = MeanLoss(), LossSum = 0, LossCount = 0 };

    internal string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.RunProgress);

    /// <exception cref="JsonException">No progress of a run, or one that no run can have come to.</exception>
    internal static RunProgress FromJson(string json)
    {
        try
        {
            var progress = JsonSerializer.Deserialize(json, RunJson.Default.RunProgress)
                ?? throw new JsonException("the run's progress is null");
            return RunProgressCheck.Checked(progress);
        }
        // half of a surrogate pair, say
        catch (Exception error) when (error is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new JsonException($"the run's progress is no text of that form: {error.Message}", error);
        }
    }
}

/// <summary>The run's JSON inside checkpoints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunProgress))]
internal sealed partial class RunJson : JsonSerializerContext;
