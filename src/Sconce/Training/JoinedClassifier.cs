using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// A classifier of the catalogue in two parts, for methods that want features and logits of one pass. Its keys are the whole classifier's,
/// so that checkpoints fit both. <c>(N, 3, H, W) -> (N, classes)</c>
/// </summary>
public sealed class JoinedClassifier : Module<Tensor, Tensor>, IPositioned
{
    private readonly Module<Tensor, Tensor> trunk;
    private readonly Linear head;
    private readonly string key;

    /// <summary>Initial weights: the trunk's own, and PyTorch's of a linear layer.</summary>
    /// <param name="variant">A classifier.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="size">The pictures' side; null for the official one.</param>
    /// <exception cref="UsageException">The classifier is no trunk with one linear layer.</exception>
    public JoinedClassifier(ModelVariant variant, int classes, int? size)
    {
        key = variant.Get<ImageClassifier>().Head;
        trunk = ClassifierNetwork.Create(variant, 0, size);
        Width = ClassifierNetwork.FeatureWidth(trunk, variant, size);
        head = new Linear(Width, classes);
        using var unset = Init.Skipped();
        using var whole = ClassifierNetwork.Create(variant, classes, size);
        var wanted = whole.StateDict().Select(entry => Entry(entry)).ToHashSet();
        if (key.Length > 0 && wanted.SetEquals(StateDict().Select(Entry))) return;
        Dispose();
        throw new UsageException($"{variant.Name} is no trunk with one linear layer as its classifier, which this method needs");

        static string Entry(StateEntry entry) => $"{entry.Name} [{string.Join(", ", entry.Tensor.Shape.ToArray())}]";
    }

    /// <summary>Numbers of a feature.</summary>
    public int Width { get; }

    /// <summary><c>(N, 3, H, W) -> (N, width)</c></summary>
    public Tensor Features(Tensor pictures) => trunk.Call(pictures);

    /// <summary><c>(N, width) -> (N, classes)</c></summary>
    public Tensor Classify(Tensor features) => head.Call(features);

    /// <inheritdoc/>
    public Tensor? Resample(string key, Tensor found) => (trunk as IPositioned)?.Resample(key, found);

    /// <inheritdoc/>
    public override void Train(bool on = true)
    {
        base.Train(on);
        trunk.Train(on); // it is no child: its members have no prefix
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => head.Call(trunk.Call(pictures));

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        trunk.Accept(visitor);
        visitor.Child(key, head);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        trunk.Dispose();
        base.Dispose(disposing);
    }
}
