using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sconce.Training;

/// <summary>One evaluation of a run.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Step">Steps done.</param>
/// <param name="TrainLoss">The mean loss of the epoch's batches.</param>
/// <param name="Figures">By name: accuracy, loss, …</param>
public sealed record Evaluation(int Epoch, long Step, double TrainLoss, IReadOnlyDictionary<string, double> Figures);

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

    /// <summary>Whether the run is over.</summary>
    public bool Finished { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.RunProgress);

    internal static RunProgress FromJson(string json) => JsonSerializer.Deserialize(json, RunJson.Default.RunProgress) ?? throw new JsonException("the run's progress is null");
}

/// <summary>The run's JSON inside checkpoints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunProgress))]
internal sealed partial class RunJson : JsonSerializerContext;
