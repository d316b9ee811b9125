using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Cross-entropy of a classifier of pictures, with hard labels or with the soft targets that MixUp leaves.</summary>
/// <param name="network"><c>(N, 3, H, W) -> (N, classes)</c></param>
/// <param name="classes">How many there are.</param>
/// <param name="labelSmoothing">The share of each label that is spread over all classes, in [0, 1).</param>
/// <param name="device">Where the network is.</param>
public sealed class ClassifierObjective(Module<Tensor, Tensor> network, int classes, double labelSmoothing = 0, Device? device = null) : Objective<ImageBatch>
{
    private const int Named = 4;
    private readonly Device place = device ?? Device.Cpu;

    /// <inheritdoc/>
    public override Module Network => network;

    /// <inheritdoc/>
    public override Tensor Loss(ImageBatch batch)
    {
        var logits = network.Call(batch.Images.To(place)).Float(); // (N, classes)
        if (logits.Dimensions != 2 || logits.Size(1) != classes) throw new TrainingException($"the network answers with the shape [{string.Join(", ", logits.Shape.ToArray())}], where (N, {classes}) is wanted");
        if (batch.Targets is { } targets) return Functional.CrossEntropy(logits, targets.To(place), labelSmoothing: labelSmoothing);
        var labels = batch.Labels ?? throw new TrainingException($"a batch without labels: {Describe(batch)}");
        Verify(batch, labels);
        return Functional.CrossEntropy(logits, labels.To(place), labelSmoothing: labelSmoothing);
    }

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) =>
        string.Join(", ", batch.Names.Take(Named)) + (batch.Names.Count > Named ? $" and {batch.Names.Count - Named} more" : "");

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch)
    {
        using var scope = new TensorScope();
        bool[] finite = batch.Images.Isfinite().Flatten(1).All(1).ToArray<bool>();
        int first = Array.IndexOf(finite, false);
        if (first >= 0) return $"the picture {batch.Names[first]} holds NaN or infinity";
        return batch.Targets is { } targets && !targets.Isfinite().All().Item<bool>() ? "the batch's soft targets hold NaN or infinity" : null;
    }

    private void Verify(ImageBatch batch, Tensor labels)
    {
        long[] numbers = labels.ToArray<long>();
        int wrong = Array.FindIndex(numbers, label => label < 0 || label >= classes);
        if (wrong >= 0) throw new TrainingException($"{batch.Names[wrong]} has the label {numbers[wrong]}, outside 0 to {classes - 1}, the {classes} classes there are");
    }
}
