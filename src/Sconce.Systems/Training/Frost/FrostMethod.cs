using Sconce.Catalogue;
using Sconce.Nn;
using Sconce.Training;

namespace Sconce.Systems.Training.Frost;

/// <summary><c>--method frost</c>: a classifier learns from a few labelled pictures a class and many without labels.</summary>
public sealed class FrostMethod : ClassifierMethod
{
    private const double Rate = 0.03;

    /// <inheritdoc/>
    public override string Name => "frost";

    /// <inheritdoc/>
    public override string Purpose => "a classifier learns from a few labelled pictures a class, and from all others without their labels: guesses it is sure of, a contrastive loss, and its surest guesses as new labels";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Count("labelsPerClass", "Pictures of each class that keep their label, chosen by the seed", 4, 1),
        MethodOption.Path("labelled", "A text file that lists the pictures that keep their label, a path a line relative to the data: instead of --labels-per-class"),
        MethodOption.Count("bootstrap", "What the number of labels a class grows by, twice in a run, from the surest guesses; 1 for never", 4, 1, 1000),
        MethodOption.Count("unlabelledRatio", "Batches of unlabelled pictures a step", 7, 1, 64),
        MethodOption.Real("threshold", "The confidence from which on a guess counts", 0.95, 0, 1),
        MethodOption.Count("balance", "Against guesses of a few classes only: 0 nothing, 1 and 4 lower thresholds for rare classes, 2 and 3 less weight for frequent ones", 0, 0, 4),
        MethodOption.Real("relief", "By how much the threshold of the rarest class falls with --balance 1 and 4", 0.2, 0, 1),
        MethodOption.Real("labelledWeight", "What the labels' loss counts", 1, 0, double.PositiveInfinity, above: true, below: true),
        MethodOption.Real("unlabelledWeight", "What the guesses' loss counts", 1, 0, double.PositiveInfinity, below: true),
        MethodOption.Real("contrastiveWeight", "What the contrastive loss counts", 1, 0, double.PositiveInfinity, below: true),
        MethodOption.Real("temperature", "Of the contrastive loss", 0.5, 0, double.PositiveInfinity, above: true, below: true),
        MethodOption.Count("projection", "Numbers of the contrastive loss' projections, for networks that have no projection head of their own (frost_wrn28_2 has 128)", 128, 2, 65536),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("sconce train resnet18 --method frost --labels-per-class 4 --data photos/ --out run11", "four labels a class; the other pictures' folders are not looked at"),
        ("sconce train frost_wrn28_2 --method frost --labels-per-class 1 --data cifar-10-batches-bin --epochs 256", "the paper's network and setting"),
        ("sconce train resnet18 --method frost --labelled labelled.txt --data photos/", "the labelled pictures by name"),
    ];

    /// <inheritdoc/>
    public override TrainingConfiguration Start => new() { Method = Name, LearningRate = Rate, WeightDecay = 5e-4, WarmUpEpochs = 0, Averaging = Averaging.Exponential };

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new FrostRun(setup, this);

    /// <summary>The network with a projection head, its own or one on its features.</summary>
    internal static FrostNetwork Create(ModelVariant variant, int classes, int? size, int projection)
    {
        if (!FrostVariants.All.Contains(variant)) return new FrostClassifier(variant, classes, size, projection);
        if (size is not (null or 32)) throw new UsageException($"{variant.Name} takes pictures of 32 pixels only: leave --size out");
        return (FrostNetwork)CatalogueClassifier.Create(variant, classes, size);
    }

    /// <summary>What is left after training: a classifier with the catalogue's keys.</summary>
    internal static Module Product(FrostNetwork network) => network is FrostClassifier own ? own.Whole : network;
}
