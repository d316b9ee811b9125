using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>What the blocks share: <c>x · sigmoid(x)</c>, written over its input where nothing is recorded.</summary>
internal static class Swish
{
    internal static Tensor Of(Tensor x) => Gradients.Enabled ? x.Silu() : x.SiluInPlace();
}

/// <summary>A gate for each channel, from the channels' means. <c>(N, C, H, W) -> (N, C, H, W)</c>; timm's <c>SqueezeExcite</c> of
/// EfficientNets.</summary>
internal sealed partial class EfficientNetSqueeze(int channels, int hidden) : Module<Tensor, Tensor>
{
    Conv2d ConvReduce { get; } = new(channels, hidden, 1);

    Conv2d ConvExpand { get; } = new(hidden, channels, 1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var gate = ConvExpand.Call(Swish.Of(ConvReduce.Call(x.Mean([2, 3], keepdim: true)))).Sigmoid();
        return Gradients.Enabled ? x * gate : x.MulInPlace(gate);
    }
}

/// <summary>The first stage's block: depthwise, squeeze, 1x1 without activation.
/// <c>(N, inputs, H, W) -> (N, outputs, ceil(H/stride), ceil(W/stride))</c>; timm's <c>DepthwiseSeparableConv</c>.</summary>
internal sealed partial class SeparableBlock : Module<Tensor, Tensor>
{
    private readonly bool identity;

    internal SeparableBlock(EfficientNetConfig config, int inputs, int outputs, int kernel, int stride, double dropPath)
    {
        identity = stride == 1 && inputs == outputs;
        ConvDw = new SameConv2d(inputs, inputs, kernel, stride, groups: inputs, bias: false);
        Bn1 = new BatchNorm2d(inputs, config.NormEps, config.NormMomentum);
        Se = new EfficientNetSqueeze(inputs, config.Squeeze(inputs));
        ConvPw = new Conv2d(inputs, outputs, 1, bias: false);
        Bn2 = new BatchNorm2d(outputs, config.NormEps, config.NormMomentum);
        DropPath = dropPath > 0 ? new DropPath(dropPath) : null;
    }

    SameConv2d ConvDw { get; }

    BatchNorm2d Bn1 { get; }

    EfficientNetSqueeze Se { get; }

    Conv2d ConvPw { get; }

    BatchNorm2d Bn2 { get; }

    DropPath? DropPath { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var y = Swish.Of(Bn1.Call(ConvDw.Call(x))).Through(Se, ConvPw, Bn2);
        return identity ? y.Through(DropPath).Add(x) : y;
    }
}

/// <summary>1x1 to more channels, depthwise, squeeze, 1x1 back without activation.
/// <c>(N, inputs, H, W) -> (N, outputs, ceil(H/stride), ceil(W/stride))</c>; timm's <c>InvertedResidual</c>.</summary>
internal sealed partial class InvertedBlock : Module<Tensor, Tensor>
{
    private readonly bool identity;

    internal InvertedBlock(EfficientNetConfig config, EfficientNetStage stage, int inputs, int outputs, int stride, double dropPath)
    {
        identity = stride == 1 && inputs == outputs;
        int inner = inputs * stage.Expand;
        ConvPw = new Conv2d(inputs, inner, 1, bias: false);
        Bn1 = new BatchNorm2d(inner, config.NormEps, config.NormMomentum);
        ConvDw = new SameConv2d(inner, inner, stage.Kernel, stride, groups: inner, bias: false);
        Bn2 = new BatchNorm2d(inner, config.NormEps, config.NormMomentum);
        Se = new EfficientNetSqueeze(inner, config.Squeeze(inputs));
        ConvPwl = new Conv2d(inner, outputs, 1, bias: false);
        Bn3 = new BatchNorm2d(outputs, config.NormEps, config.NormMomentum);
        DropPath = dropPath > 0 ? new DropPath(dropPath) : null;
    }

    Conv2d ConvPw { get; }

    BatchNorm2d Bn1 { get; }

    SameConv2d ConvDw { get; }

    BatchNorm2d Bn2 { get; }

    EfficientNetSqueeze Se { get; }

    Conv2d ConvPwl { get; }

    BatchNorm2d Bn3 { get; }

    DropPath? DropPath { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var y = Swish.Of(x.Through(ConvPw, Bn1));
        y = Swish.Of(y.Through(ConvDw, Bn2)).Through(Se, ConvPwl, Bn3);
        return identity ? y.Through(DropPath).Add(x) : y;
    }
}

/// <summary>
/// EfficientNet as TensorFlow pads it. <c>(N, 3, H, W) -> (N, classes)</c> logits, or <c>(N, width)</c> features; 1905.11946,
/// huggingface/pytorch-image-models@aa4b585 timm/models/efficientnet.py <c>tf_efficientnet_*</c>, with its keys.
/// </summary>
public sealed partial class EfficientNet : Module<Tensor, Tensor>
{
    /// <summary>Google's initial weights: convolutions normal by fan-out, the classifier uniform.</summary>
    public EfficientNet(EfficientNetConfig config)
    {
        int width = config.Channels(config.Stem), total = config.Stages.Sum(config.Repeats), done = 0;
        ConvStem = new SameConv2d(3, width, 3, 2, bias: false);
        Bn1 = new BatchNorm2d(width, config.NormEps, config.NormMomentum);
        Blocks = new Sequential();
        foreach (var stage in config.Stages)
        {
            var blocks = new Sequential();
            int outputs = config.Channels(stage.Channels);
            for (int k = 0; k < config.Repeats(stage); k++)
            {
                double dropPath = config.DropPath * done++ / total;
                int stride = k == 0 ? stage.Stride : 1;
                blocks.Add(stage.Expand == 1
                    ? new SeparableBlock(config, width, outputs, stage.Kernel, stride, dropPath)
                    : new InvertedBlock(config, stage, width, outputs, stride, dropPath));
                width = outputs;
            }

            Blocks.Add(blocks);
        }

        int head = config.Channels(config.Head);
        ConvHead = new Conv2d(width, head, 1, bias: false);
        Bn2 = new BatchNorm2d(head, config.NormEps, config.NormMomentum);
        Dropout = config.Dropout > 0 ? new Dropout(config.Dropout) : null;
        Classifier = config.Classes > 0 ? new Linear(head, config.Classes) : null;
        Initialize();
    }

    /// <summary>The first convolution, of stride 2.</summary>
    public SameConv2d ConvStem { get; }

    /// <summary>After the stem.</summary>
    public BatchNorm2d Bn1 { get; }

    /// <summary>The stages.</summary>
    public Sequential Blocks { get; }

    /// <summary>To the classifier's width.</summary>
    public Conv2d ConvHead { get; }

    /// <summary>After the head: the norm whose statistics FixRes takes anew.</summary>
    public BatchNorm2d Bn2 { get; }

    Dropout? Dropout { get; }

    /// <summary>The classifier; null in a network of features.</summary>
    public Linear? Classifier { get; }

    /// <summary>The stem's map, every stage's, and the head's: <c>(N, 3, H, W) -> (N, c, h, w)</c> each.</summary>
    public IReadOnlyList<Tensor> Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        var maps = new List<Tensor> { Swish.Of(pictures.Through(ConvStem, Bn1)) };
        foreach (var stage in Blocks) maps.Add(stage.Call(maps[^1]));
        maps.Add(Swish.Of(maps[^1].Through(ConvHead, Bn2)));
        return scope.Keep(maps.ToArray());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        var map = Swish.Of(pictures.Through(ConvStem, Bn1)).Through(Blocks, ConvHead, Bn2);
        return Swish.Of(map).Mean([2, 3]).Through(Dropout, Classifier);
    }

    private void Initialize()
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is SameConv2d same)
                Init.Normal(same.Weight, Math.Sqrt(2.0 * same.Groups / (same.Weight.Size(0) * same.Weight.Size(2) * same.Weight.Size(3))));
            if (module is not Conv2d convolution) continue;
            Init.Normal(convolution.Weight, Math.Sqrt(2.0 / convolution.Weight.Size(0)));
            if (convolution.Bias is { } offsets) Init.Constant(offsets, 0);
        }

        if (Classifier is null) return;
        double bound = 1 / Math.Sqrt(Classifier.Weight.Size(0));
        Init.Uniform(Classifier.Weight, -bound, bound);
        Init.Constant(Classifier.Bias!, 0);
    }
}
