using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Cross-entropy of logits with a batch's hard labels, or with the soft targets that MixUp leaves.</summary>
/// <param name="classes">How many classes there are.</param>
/// <param name="labelSmoothing">The share of each label that is spread over all classes, in [0, 1).</param>
/// <param name="device">Where the logits are.</param>
public sealed class LabelLoss(int classes, double labelSmoothing = 0, Device? device = null)
{
    private readonly Device place = device ?? Device.Cpu;

    /// <summary>
    /// What each class counts in the loss; null for all alike. With weights the mean is that of the weighted losses over the weights
    /// (PyTorch's <c>weight</c>).
    /// </summary>
    /// <exception cref="ArgumentException">There is not one number a class, or one is negative or none.</exception>
    public IReadOnlyList<double>? ClassWeights
    {
        get;
        init
        {
            if (value is not null && (value.Count != classes || value.Any(weight => !(weight >= 0 && double.IsFinite(weight)))))
            {
                throw new ArgumentException($"class weights are {classes} numbers from 0 on, not {string.Join(", ", value)}",
                    nameof(ClassWeights));
            }

            field = value;
        }
    }

    /// <summary>The loss.</summary>
    /// <param name="logits"><c>(N, classes)</c></param>
    /// <param name="batch">With labels or soft targets.</param>
    /// <returns><c>()</c></returns>
    /// <exception cref="TrainingException">The logits are of another shape, or a label is of no class.</exception>
    public Tensor Of(Tensor logits, ImageBatch batch)
    {
        if (logits.Dimensions != 2 || logits.Size(1) != classes)
        {
            throw new TrainingException($"the network answers with the shape [{string.Join(", ", logits.Shape.ToArray())}], where (N, "
                + $"{classes}) is wanted");
        }

        using var scope = new TensorScope();
        var weights = ClassWeights is { } given ? Tensor.From(given.Select(weight => (float)weight).ToArray()).To(place) : null;
        var wanted = batch.Targets ?? Labels(batch);
        return scope.Keep(Functional.CrossEntropy(logits, wanted.To(place), weight: weights, labelSmoothing: labelSmoothing));
    }

    /// <summary>A batch's labels, each of a class that there is.</summary>
    /// <exception cref="TrainingException">There are none, or one is outside.</exception>
    public Tensor Labels(ImageBatch batch)
    {
        var labels = batch.Labels ?? throw new TrainingException($"a batch without labels: {BatchFaults.First(batch.Names)}");
        long[] numbers = labels.ToArray<long>();
        int wrong = Array.FindIndex(numbers, label => label < 0 || label >= classes);
        if (wrong >= 0)
            throw new TrainingException($"{batch.Names[wrong]} has the label {numbers[wrong]}, outside 0 to {classes - 1}, the {classes} "
                + $"classes there are");
        return labels;
    }

    /// <summary>
    /// Weights by which every class counts the same, whatever its share: <c>N / (classes · n)</c>; 0 for a class without examples.
    /// </summary>
    /// <param name="labels">Of all examples.</param>
    /// <param name="classes">How many classes there are.</param>
    public static IReadOnlyList<double> Balanced(IReadOnlyList<int> labels, int classes)
    {
        int[] counts = new int[classes];
        foreach (int label in labels) counts[label]++;
        return [.. counts.Select(count => count > 0 ? (double)labels.Count / (classes * count) : 0)];
    }
}
