using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>The examples of one step.</summary>
/// <param name="Labelled">Weakly augmented.</param>
/// <param name="Labels">Of them <c>(B)</c>.</param>
/// <param name="Weak">Unlabelled examples, weakly augmented; the labels are guessed from them.</param>
/// <param name="Strong">The same, strongly augmented.</param>
/// <param name="FirstView">Examples of the contrastive loss, strongly augmented.</param>
/// <param name="SecondView">The same, augmented again.</param>
public sealed record FrostBatch(Tensor Labelled, Tensor Labels, Tensor Weak, Tensor Strong, Tensor FirstView, Tensor SecondView);

/// <summary>One step's losses.</summary>
/// <param name="Supervised">Of the labels.</param>
/// <param name="Unlabelled">Of the guessed ones; 0 where none was kept.</param>
/// <param name="Contrastive">Of the views.</param>
/// <param name="Total">Their weighted sum.</param>
public sealed record FrostLoss(Tensor Supervised, Tensor Unlabelled, Tensor Contrastive, Tensor Total) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Supervised, Unlabelled, Contrastive, Total];
}

/// <summary>One step of FROST; 2011.09471 algorithm 1, MLDL/FROST@a397f08 PT-FROST/frost.py <c>train_one_epoch</c>.</summary>
/// <param name="Guesser">Who labels the unlabelled.</param>
public sealed record FrostStep(LabelGuesser Guesser)
{
    /// <summary>What the labels' loss counts.</summary>
    public double SupervisedWeight { get; init; } = 1;

    /// <summary>What the guessed labels' loss counts; 0 leaves guessing out.</summary>
    public double UnlabelledWeight { get; init; } = 1;

    /// <summary>What the contrastive loss counts; 0 leaves the views out.</summary>
    public double ContrastiveWeight { get; init; } = 1;

    /// <summary>Of the contrastive loss.</summary>
    public double Temperature { get; init; } = 0.5;

    /// <summary>The losses of a batch, on the tape. Each view passes through the network in one batch with all the rest, and the two
    /// passes' logits are averaged.</summary>
    public FrostLoss Compute(FrostNetwork network, FrostBatch batch)
    {
        using var scope = new TensorScope();
        var guessed = UnlabelledWeight > 0 ? Guesser.Guess(network, batch.Weak) : new PseudoLabels([], [], [], []);
        long labelled = batch.Labelled.Size(0), kept = guessed.Places.Count;
        var shared = kept > 0 ? Tensor.Cat([batch.Labelled, batch.Strong[Tensor.From(guessed.Places.ToArray())]], 0) : batch.Labelled;
        if (ContrastiveWeight <= 0)
        {
            var logits = network.Outputs(shared).Logits;
            return scope.Keep(Combine(logits.Narrow(0, 0, labelled), batch.Labels, logits.Narrow(0, labelled, kept), guessed, null));
        }

        var first = network.Outputs(Tensor.Cat([shared, batch.FirstView], 0));
        var second = network.Outputs(Tensor.Cat([shared, batch.SecondView], 0));
        var mean = (first.Logits + second.Logits) / 2;
        long views = batch.FirstView.Size(0), start = labelled + kept;
        var contrastive = FrostLosses.Contrastive(first.Projection.Narrow(0, start, views),
            second.Projection.Narrow(0, start, views), Temperature);
        return scope.Keep(Combine(mean.Narrow(0, 0, labelled), batch.Labels, mean.Narrow(0, labelled, kept), guessed, contrastive));
    }

    /// <summary>Puts the losses together from a step's logits.</summary>
    /// <param name="logits">Of the labelled examples.</param>
    /// <param name="labels">Theirs.</param>
    /// <param name="strong">Logits of the strong views of the examples kept.</param>
    /// <param name="guessed">Their labels.</param>
    /// <param name="contrastive">Null where it is left out.</param>
    public FrostLoss Combine(Tensor logits, Tensor labels, Tensor strong, PseudoLabels guessed, Tensor? contrastive)
    {
        using var scope = new TensorScope();
        var supervised = Functional.CrossEntropy(logits, labels);
        var unlabelled = FrostLosses.Unlabelled(strong, guessed, Guesser.Weighs) ?? Tensor.Zeros([]);
        var views = contrastive ?? Tensor.Zeros([]);
        return scope.Keep(new FrostLoss(supervised, unlabelled, views,
            (supervised * SupervisedWeight) + (unlabelled * UnlabelledWeight) + (views * ContrastiveWeight)));
    }
}
