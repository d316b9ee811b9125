using Sconce.Networks;
using Sconce.Nn;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary><c>--method frost</c>: a classifier learns from a few labelled pictures a class and many without labels.</summary>
public sealed class FrostMethod : ClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "frost";

    /// <inheritdoc/>
    public override string Purpose =>
        "a classifier learns from a few labelled pictures a class, and from all others without their labels: guesses it is sure of, a "
        + "contrastive loss, and its surest guesses as new labels";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<FrostSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("resnet18 --method frost --labels-per-class 4 --data photos/ --out run11",
            "four labels a class; the other pictures' folders are not looked at"),
        ("frost_wrn28_2 --method frost --labels-per-class 1 --data cifar-10-batches-bin --epochs 256", "the paper's network and setting"),
        ("resnet18 --method frost --labelled labelled.txt --data photos/", "the labelled pictures by name"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<FrostPictures>.Open(owned => FrostRun.Plan(setup, this, owned));

    /// <summary>The network with a projection head, its own or one on its features.</summary>
    internal static FrostNetwork Create(ModelVariant variant, int classes, int? size, int projection)
    {
        if (!FrostVariants.All.Contains(variant)) return new FrostClassifier(variant, classes, size, projection);
        if (size is not (null or 32))
            throw new SettingsException("size", called => $"{variant.Name} takes pictures of 32 pixels only: leave {called} out");
        return (FrostNetwork)ClassifierNetwork.Create(variant, classes, size);
    }

    /// <summary>What is left after training: a classifier with the catalogue's keys.</summary>
    internal static Module Product(FrostNetwork network) => network is FrostClassifier own ? own.Whole : network;
}
