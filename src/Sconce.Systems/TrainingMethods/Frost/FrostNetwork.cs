using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>What FROST reads from a network.</summary>
/// <param name="Logits"><c>(N, classes)</c></param>
/// <param name="Projection"><c>(N, D)</c>, before its length is made 1.</param>
public sealed record FrostOutputs(Tensor Logits, Tensor Projection) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Logits, Projection];
}

/// <summary>A classifier with a projection head: what FROST trains. <c>(N, …) -> (N, classes)</c> logits when it is called.</summary>
public abstract class FrostNetwork : Module<Tensor, Tensor>
{
    /// <summary>Logits and projections of one pass.</summary>
    public abstract FrostOutputs Outputs(Tensor inputs);
}

/// <summary>
/// Two pre-activated 3x3 convolutions and a shortcut: of the activated input in the network's first block, of the raw one elsewhere.
/// <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c>; MLDL/FROST@a397f08 PT-FROST/model.py <c>BasicBlockPreAct</c>.
/// </summary>
internal sealed partial class FrostBlock(int inputs, int outputs, int stride, bool activatedShortcut) : Module<Tensor, Tensor>
{
    internal const double NormMomentum = 0.001, Slope = 0.1;

    BatchNorm2d Bn1 { get; } = new(inputs, momentum: NormMomentum);

    Conv2d Conv1 { get; } = new(inputs, outputs, 3, stride, 1, bias: false);

    BatchNorm2d Bn2 { get; } = new(outputs, momentum: NormMomentum);

    Conv2d Conv2 { get; } = new(outputs, outputs, 3, 1, 1, bias: false);

    Conv2d? Downsample { get; } = inputs == outputs && stride == 1 ? null : new Conv2d(inputs, outputs, 1, stride, bias: false);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var active = Bn1.Call(x).LeakyRelu(Slope);
        var branch = Conv2.Call(Bn2.Call(Conv1.Call(active)).LeakyReluInPlace(Slope));
        return branch.AddInPlace((activatedShortcut ? active : x).Through(Downsample));
    }
}

/// <summary>The convolutional part. <c>(N, 3, H, W) -> (N, 64k, H/4, W/4)</c></summary>
internal sealed partial class FrostBackbone : Module<Tensor, Tensor>
{
    internal FrostBackbone(int depth, int widen)
    {
        if (depth < 10 || (depth - 4) % 6 != 0)
            throw new ArgumentException($"a wide residual network's depth is 6n + 4 (10, 16, 22, 28, …), not {depth}", nameof(depth));
        int blocks = (depth - 4) / 6;
        Conv1 = new Conv2d(3, 16, 3, 1, 1, bias: false);
        Layer1 = Stage(16, 16 * widen, 1);
        Layer2 = Stage(16 * widen, 32 * widen, 2);
        Layer3 = Stage(32 * widen, 64 * widen, 2);
        BnLast = new BatchNorm2d(64 * widen, momentum: FrostBlock.NormMomentum);
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution) Init.KaimingNormal(convolution.Weight);
        }

        Init.Normal(Conv1.Weight, 1 / Math.Sqrt(0.5 * 9 * 16));

        Sequential Stage(int inputs, int outputs, int stride) =>
            new(Enumerable.Range(0, blocks)
                .Select(k => new FrostBlock(k == 0 ? inputs : outputs, outputs, k == 0 ? stride : 1, activatedShortcut: k == 0
                    && inputs == 16 && stride == 1)));
    }

    Conv2d Conv1 { get; }

    Sequential Layer1 { get; }

    Sequential Layer2 { get; }

    Sequential Layer3 { get; }

    BatchNorm2d BnLast { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Conv1, Layer1, Layer2, Layer3, BnLast).LeakyReluInPlace(FrostBlock.Slope);
}

/// <summary>
/// FROST's wide residual network: a classifier on the mean of the last map, a projection head on the whole flattened map, and so for
/// pictures of 32 px only. <c>(N, 3, 32, 32) -> (N, classes)</c> logits, or <c>(N, 64k)</c> features; PT-FROST/model.py <c>WideResnet</c>,
/// with its keys.
/// </summary>
public sealed partial class FrostWideResNet : FrostNetwork
{
    private const int Cells = 64; // of the last map of a picture of 32 px

    /// <summary>Normal weights by fan-in; the heads have PyTorch's.</summary>
    /// <param name="classes">Outputs of the classifier; 0 for features.</param>
    /// <param name="widen">k.</param>
    /// <param name="depth">n, 6 times the blocks of a stage plus 4.</param>
    /// <param name="projection">The width of the contrastive space.</param>
    public FrostWideResNet(int classes = 10, int widen = 2, int depth = 28, int projection = 128)
    {
        Backbone = new FrostBackbone(depth, widen);
        Classifier = classes > 0 ? new Linear(64 * widen, classes) : null;
        G = new Sequential(new Linear(64 * widen * Cells, 512, bias: false), new BatchNorm1d(512), new Relu(inPlace: true),
            new Linear(512, projection));
    }

    internal FrostBackbone Backbone { get; }

    /// <summary>On the mean of the last map; null in a network of features.</summary>
    public Linear? Classifier { get; }

    /// <summary>The projection head: <c>(N, 64k·64) -> (N, D)</c>.</summary>
    public Sequential G { get; }

    /// <summary>The flattened last map of length 1: <c>(N, 3, 32, 32) -> (N, 64k·64)</c>.</summary>
    public Tensor Feature(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Normalize(Backbone.Call(pictures).Flatten(1), -1));
    }

    /// <inheritdoc/>
    public override FrostOutputs Outputs(Tensor inputs)
    {
        if (inputs.Size(2) != 32 || inputs.Size(3) != 32)
            throw new ArgumentException($"FROST's projection head takes pictures of 32x32, not {inputs.Size(2)}x{inputs.Size(3)}",
                nameof(inputs));
        using var scope = new TensorScope();
        var map = Backbone.Call(inputs);
        return scope.Keep(new FrostOutputs(map.Mean([2, 3]).Through(Classifier), G.Call(map.Flatten(1))));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Backbone.Call(pictures).Mean([2, 3]).Through(Classifier);
}
