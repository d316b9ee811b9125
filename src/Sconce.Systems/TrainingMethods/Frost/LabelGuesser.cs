using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>How pseudo-labels are kept from running to a few classes; the numbers are the official <c>--balance</c>.</summary>
public enum ClassBalance
{
    /// <summary>Every label above the threshold is kept.</summary>
    None = 0,

    /// <summary>Rare classes have a lower threshold.</summary>
    LowerThresholds = 1,

    /// <summary>Labels of frequent classes weigh less, counted over the whole batch.</summary>
    Weights = 2,

    /// <summary>Labels of frequent classes weigh less, counted over those kept.</summary>
    KeptWeights = 3,

    /// <summary>Rare classes have a lower threshold, as in 1; the weights, which the loss leaves out, count those kept.</summary>
    LowerThresholdsKept = 4,
}

/// <summary>Labels guessed for a batch.</summary>
/// <param name="Kept">Whether each example of the batch has one <c>(N)</c>.</param>
/// <param name="Places">The places of those that have one, in order.</param>
/// <param name="Labels">Their labels.</param>
/// <param name="Weights">Their weights, whose mean is 1.</param>
public sealed record PseudoLabels(IReadOnlyList<bool> Kept, IReadOnlyList<long> Places, IReadOnlyList<long> Labels,
    IReadOnlyList<float> Weights);

/// <summary>Takes confident answers to weakly augmented pictures for labels; MLDL/FROST@a397f08 PT-FROST/label_guessor.py.</summary>
/// <param name="Threshold">The confidence that is asked for, in [0, 1].</param>
/// <param name="Balance">See <see cref="ClassBalance"/>.</param>
/// <param name="Relief">By how much the threshold of the rarest class falls (delT); 1 and 4 only.</param>
public sealed record LabelGuesser(double Threshold = 0.95, ClassBalance Balance = ClassBalance.None, double Relief = 0.2)
{
    /// <summary>Whether the loss weighs its examples.</summary>
    public bool Weighs => Balance is ClassBalance.Weights or ClassBalance.KeptWeights;

    /// <summary>Guesses by a network in training mode, whose running statistics do not move. Nothing is recorded.</summary>
    /// <param name="network">It stays in the mode it was in.</param>
    /// <param name="weak">Weakly augmented examples.</param>
    public PseudoLabels Guess(FrostNetwork network, Tensor weak)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        bool training = network.Training;
        var before = network.StateDict().Where(entry => entry.Tensor is not Parameter)
            .Select(entry => (entry.Tensor, Value: entry.Tensor.Clone())).ToList();
        network.Train();
        try
        {
            return Guess(network.Call(weak));
        }
        finally
        {
            foreach (var (buffer, value) in before) buffer.CopyInPlace(value);
            network.Train(training);
        }
    }

    /// <summary>Guesses from logits <c>(N, classes)</c>.</summary>
    public PseudoLabels Guess(Tensor logits)
    {
        using var scope = new TensorScope();
        var (best, at) = logits.Detach().Softmax(-1).Max(-1);
        float[] scores = best.ToArray<float>();
        long[] labels = at.ToArray<long>();
        float threshold = (float)Threshold;
        var counts = labels.CountBy(label => label).ToDictionary();
        double most = counts.Values.Max();
        bool[] kept = [.. labels.Select((label, k) => Balance switch
        {
            ClassBalance.None => scores[k] > threshold,
            ClassBalance.LowerThresholds or ClassBalance.LowerThresholdsKept =>
                scores[k] >= (float)(Threshold - (Relief * (1 - (counts[label] / most)))),
            _ => scores[k] >= threshold, // the official rule joins "above" and "at least"
        })];
        long[] places = [.. Enumerable.Range(0, labels.Length).Where(k => kept[k]).Select(k => (long)k)];
        long[] chosen = [.. places.Select(place => labels[place])];
        return new PseudoLabels(kept, places, chosen, Weights(chosen, counts));
    }

    private float[] Weights(long[] chosen, Dictionary<long, int> counts)
    {
        if (Balance == ClassBalance.None || chosen.Length == 0) return [.. chosen.Select(_ => 1f)];
        if (Balance is ClassBalance.KeptWeights or ClassBalance.LowerThresholdsKept) counts = chosen.CountBy(label => label).ToDictionary();
        double[] inverse = [.. chosen.Select(label => 1.0 / counts[label])];
        double scale = chosen.Length / inverse.Sum();
        return [.. inverse.Select(value => (float)(value * scale))];
    }
}
