using System.Globalization;

namespace Sconce.Training;

/// <summary>Errors of numbers that are none: where they came up, what made them, and which checkpoint is left.</summary>
internal sealed class NumberFaults<TBatch>(TrainingProgram<TBatch> program, RunFolder? folder)
{
    /// <summary>A loss or gradient of a step.</summary>
    /// <param name="what">What is wrong with it.</param>
    /// <param name="batch">The batch that gave it.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="run">Before the step.</param>
    public TrainingException InStep(string what, TBatch batch, double rate, RunProgress run)
    {
        string items = program.Describe(batch);
        string cause = program.Fault(batch) is { } fault
            ? $": {fault}. Repair or remove it"
            : $" at the learning rate {rate.ToString("G4", CultureInfo.InvariantCulture)}{(items.Length > 0 ? $" for {items}" : "")}. The "
            + $"data are finite: lower the learning rate, warm up longer, or clip the gradients";
        return new TrainingException(string.Create(CultureInfo.InvariantCulture, $"{what} at step {run.Step + 1} (epoch {run.Epoch + 1}, "
            + $"batch {run.Batch + 1}){cause}{Kept()}"));
    }

    /// <summary>Weights that were to be saved.</summary>
    /// <param name="name">Theirs.</param>
    /// <param name="run">Where it stands.</param>
    public TrainingException InWeights(string name, RunProgress run) =>
        new($"after step {run.Step} (epoch {run.Epoch + 1}) the weights '{name}' hold NaN or infinity, so they "
            + $"are not saved{Kept()}. Lower the learning rate, or clip the gradients");

    private string Kept()
    {
        if (folder is not { HasCheckpoint: true }) return "";
        return string.Create(CultureInfo.InvariantCulture,
            $". {folder.Last} is the last good checkpoint, of step {RunCheckpoint.Peek(folder.Last).Progress.Step}");
    }
}
