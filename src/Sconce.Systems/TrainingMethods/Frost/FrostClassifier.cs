using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>Any classifier of the catalogue with a projection head on its features (FROST's own has it on the whole last map).</summary>
internal sealed partial class FrostClassifier : FrostNetwork
{
    private const int Hidden = 512;

    /// <exception cref="UsageException">The classifier is no trunk with one linear layer.</exception>
    internal FrostClassifier(ModelVariant variant, int classes, int? size, int projection)
    {
        Classifier = new JoinedClassifier(variant, classes, size);
        G = new Sequential(new Linear(Classifier.Width, Hidden, bias: false), new BatchNorm1d(Hidden), new Relu(inPlace: true),
            new Linear(Hidden, projection));
    }

    /// <summary>What is left after training.</summary>
    internal JoinedClassifier Whole => Classifier;

    JoinedClassifier Classifier { get; }

    Sequential G { get; }

    /// <inheritdoc/>
    public override FrostOutputs Outputs(Tensor inputs)
    {
        using var scope = new TensorScope();
        var features = Classifier.Features(inputs);
        return scope.Keep(new FrostOutputs(Classifier.Classify(features), G.Call(features)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Classifier.Call(pictures);
}

/// <summary>All that a run of FROST has to save: the network, and the label of every training picture that has one by now.</summary>
internal sealed partial class FrostState(FrostNetwork network, long[] assigned) : Module
{
    /// <summary>What is trained.</summary>
    internal FrostNetwork Trained => Network;

    /// <summary>The labels by now <c>(N)</c>; -1 for none.</summary>
    internal long[] Labels => Assigned.Cpu().ToArray<long>();

    FrostNetwork Network { get; } = network;

    Nn.Buffer Assigned { get; } = new(Tensor.From(assigned));

    /// <summary>Takes new labels over.</summary>
    internal void Assign(long[] labels)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Assigned.CopyInPlace(Tensor.From(labels));
    }
}
