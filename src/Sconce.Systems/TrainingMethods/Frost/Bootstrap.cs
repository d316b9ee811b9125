using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>The most confident examples of each class, which become labelled ones.</summary>
/// <param name="Places">For each class its examples, the surest first; fewer where the network gives a class to fewer.</param>
/// <param name="Confidence">The sureness of every example <c>(N)</c>.</param>
public sealed record BootstrapSelection(IReadOnlyList<IReadOnlyList<long>> Places, IReadOnlyList<float> Confidence);

/// <summary>Self-training within one run: the averaged network's surest predictions, the same number in each class; 2011.09471 §3.3,
/// PT-FROST/frost.py <c>sort_unlabeled</c>.</summary>
public static class Bootstrap
{
    /// <summary>Chooses from an averaged network's logits in evaluation mode.</summary>
    /// <param name="logits"><c>(N, classes)</c>, of every training example.</param>
    /// <param name="perClass">How many of each class.</param>
    public static BootstrapSelection Select(Tensor logits, int perClass)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        using var scope = new TensorScope();
        var (best, at) = logits.Detach().Softmax(-1).Max(-1);
        float[] confidence = best.ToArray<float>();
        long[] labels = at.ToArray<long>();
        List<long>[] places = [.. Enumerable.Range(0, (int)logits.Size(1)).Select(_ => new List<long>())];
        foreach (int k in Enumerable.Range(0, labels.Length).OrderByDescending(k => confidence[k]))
        {
            if (places[labels[k]].Count < perClass) places[labels[k]].Add(k);
        }

        return new BootstrapSelection(places, confidence);
    }

    /// <summary>When examples are chosen, and how many of each class: at a third and at two thirds of the run, four times as many each
    /// time.</summary>
    /// <param name="epochs">Of the run.</param>
    /// <param name="labelsPerClass">At the start.</param>
    /// <param name="factor">The official <c>--bootstrap</c>.</param>
    public static IReadOnlyList<(int Epoch, int PerClass)> Schedule(int epochs, int labelsPerClass = 1, int factor = 4) =>
        [(epochs / 3, labelsPerClass * factor), (epochs / 3 * 2, labelsPerClass * factor * factor)];
}
