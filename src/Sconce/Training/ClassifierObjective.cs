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
    public override Tensor Loss(ImageBatch batch) => Loss(network.Call(batch.Images.To(place)).Float(), batch);

    /// <summary>The loss of a batch whose logits are there already.</summary>
    /// <param name="logits"><c>(N, classes)</c></param>
    /// <param name="batch">With labels or soft targets.</param>
    public Tensor Loss(Tensor logits, ImageBatch batch)
    {
        if (logits.Dimensions != 2 || logits.Size(1) != classes) throw new TrainingException($"the network answers with the shape [{string.Join(", ", logits.Shape.ToArray())}], where (N, {classes}) is wanted");
        if (batch.Targets is { } targets) return Functional.CrossEntropy(logits, targets.To(place), labelSmoothing: labelSmoothing);
        return Functional.CrossEntropy(logits, Labels(batch).To(place), labelSmoothing: labelSmoothing);
    }

    /// <summary>A batch's labels, each of a class that there is.</summary>
    /// <exception cref="TrainingException">There are none, or one is outside.</exception>
    public Tensor Labels(ImageBatch batch)
    {
        var labels = batch.Labels ?? throw new TrainingException($"a batch without labels: {Describe(batch)}");
        Verify(batch, labels);
        return labels;
    }

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch)
    {
        using var scope = new TensorScope();
        if (NotFinite(batch.Images) is { } first) return $"the picture {batch.Names[first]} holds NaN or infinity";
        return batch.Targets is { } targets && !targets.Isfinite().All().Item<bool>() ? "the batch's soft targets hold NaN or infinity" : null;
    }

    /// <summary>The first items' names, for errors.</summary>
    public static string First(IReadOnlyList<string> names) => string.Join(", ", names.Take(Named)) + (names.Count > Named ? $" and {names.Count - Named} more" : "");

    /// <summary>The first picture of a batch that holds NaN or infinity; null where none does.</summary>
    public static int? NotFinite(Tensor pictures)
    {
        using var scope = new TensorScope();
        int first = Array.IndexOf(pictures.Isfinite().Flatten(1).All(1).ToArray<bool>(), false);
        return first >= 0 ? first : null;
    }

    private void Verify(ImageBatch batch, Tensor labels)
    {
        long[] numbers = labels.ToArray<long>();
        int wrong = Array.FindIndex(numbers, label => label < 0 || label >= classes);
        if (wrong >= 0) throw new TrainingException($"{batch.Names[wrong]} has the label {numbers[wrong]}, outside 0 to {classes - 1}, the {classes} classes there are");
    }
}
