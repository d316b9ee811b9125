using Sconce.Data;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>How long a run is, in epochs and in steps, and whether it has come to its end.</summary>
internal sealed class RunLength<TBatch>(IBatchSource<TBatch> batches, TrainerOptions options)
{
    /// <summary>Steps in one epoch.</summary>
    public int StepsPerEpoch => (batches.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;

    /// <summary>Steps of the whole run.</summary>
    public long Steps => options.Steps ?? (long)StepsPerEpoch * options.Epochs;

    /// <summary>Epochs of the whole run; the last may be cut short.</summary>
    public int Epochs => options.Steps is { } steps ? (int)((steps + StepsPerEpoch - 1) / StepsPerEpoch) : options.Epochs;

    /// <summary>Whether all of it is done.</summary>
    public bool IsWhole(RunProgress run) =>
        options.Steps is { } steps ? run.Step >= steps && run.EndedAt == run.Step : run.Epoch >= options.Epochs;

    /// <summary>Whether nothing became better for as long as was to be waited.</summary>
    public bool IsHopeless(RunProgress run) => options.Patience is { } patience && run.Worse >= patience;

    /// <summary>A place beyond an epoch's last batch is none: the file is damaged, or of more pictures.</summary>
    /// <exception cref="CheckpointException">It is such a place.</exception>
    public RunProgress Verified(RunProgress progress, string path)
    {
        if (progress.Batch <= batches.BatchesPerEpoch) return progress;
        throw new CheckpointException(
            path, $"it stands after batch {progress.Batch} of an epoch, which has {batches.BatchesPerEpoch}: it is damaged, or there were "
            + $"more examples");
    }

    /// <summary>A finished run that is asked for more than before goes on.</summary>
    public RunProgress Asked(RunProgress saved)
    {
        bool isLonger = options.Steps is { } steps
            ? steps > (saved.PlannedSteps > 0 ? saved.PlannedSteps : saved.Step)
            : options.Epochs > (saved.PlannedEpochs > 0 ? saved.PlannedEpochs : saved.Epoch);
        var planned = saved with { PlannedEpochs = options.Steps is null ? options.Epochs : 0, PlannedSteps = options.Steps ?? 0 };
        if (!saved.Finished || !isLonger) return planned;
        // Runs begun before lengths were kept: one that ended early by itself stays so.
        return saved.PlannedEpochs == 0 && saved.PlannedSteps == 0 && IsHopeless(saved)
            ? planned : planned with { Finished = false, Worse = 0 };
    }
}
