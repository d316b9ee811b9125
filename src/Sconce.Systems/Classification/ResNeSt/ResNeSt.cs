using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>What a stage tells each of its blocks.</summary>
/// <param name="Inputs">Channels that come in.</param>
/// <param name="Planes">The stage's width; four times as many channels leave.</param>
/// <param name="Stride">Of the block.</param>
/// <param name="Dilation">Of the 3x3 convolution.</param>
/// <param name="Averages">Whether it is the first block of a stage that averages.</param>
internal sealed record ResNeStBlockPlan(int Inputs, int Planes, int Stride, int Dilation, bool Averages);

/// <summary>The bottleneck around a split-attention convolution. <c>(N, inputs, H, W) -> (N, 4·planes, H/stride, W/stride)</c>;
/// resnest/torch/models/resnet.py.</summary>
internal sealed partial class ResNeStBlock : Module<Tensor, Tensor>
{
    internal const int Expansion = 4;

    private Relu Relu { get; } = new(inPlace: true);
    private AvgPool2d? Before { get; }
    private AvgPool2d? After { get; }

    internal ResNeStBlock(ResNeStConfig config, ResNeStBlockPlan plan, Sequential? downsample, DropBlock2d? dropBlock)
    {
        int width = (int)(plan.Planes * (config.BottleneckWidth / 64.0)) * config.Cardinality, stride = plan.Stride;
        if (config.AverageInBlock && (stride > 1 || plan.Averages))
        {
            var pool = new AvgPool2d(3, stride, 1); // padded zeros count
            (Before, After) = config.AverageFirst ? (pool, null) : ((AvgPool2d?)null, pool);
            stride = 1;
        }

        Conv1 = new Conv2d(plan.Inputs, width, 1, bias: false);
        Bn1 = new BatchNorm2d(width);
        Conv2 = config.Radix > 0
            ? new SplitAttentionConv2d(
                new SplitAttentionConfig(width, width)
                {
                    Stride = stride,
                    Padding = plan.Dilation,
                    Dilation = plan.Dilation,
                    Cardinality = config.Cardinality,
                    Radix = config.Radix
                },
                dropBlock)
            : new Conv2d(width, width, 3, stride, plan.Dilation, plan.Dilation, config.Cardinality, bias: false);
        Bn2 = config.Radix > 0 ? null : new BatchNorm2d(width);
        Conv3 = new Conv2d(width, plan.Planes * Expansion, 1, bias: false);
        Bn3 = new BatchNorm2d(plan.Planes * Expansion);
        Downsample = downsample;
        DropBlock = dropBlock;
    }

    internal Parameter LastGain => Bn3.Weight!;

    Conv2d Conv1 { get; }

    BatchNorm2d Bn1 { get; }

    Module<Tensor, Tensor> Conv2 { get; }

    BatchNorm2d? Bn2 { get; }

    Conv2d Conv3 { get; }

    BatchNorm2d Bn3 { get; }

    Sequential? Downsample { get; }

    DropBlock2d? DropBlock { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        bool plain = Bn2 is not null; // a plain convolution has its activation here, split attention inside
        var branch = x.Through(Conv1, Bn1, DropBlock, Relu, Before, Conv2, Bn2, plain ? DropBlock : null, plain ? Relu : null, After, Conv3,
            Bn3, DropBlock);
        return branch.AddInPlace(x.Through(Downsample)).ReluInPlace();
    }
}

/// <summary>
/// ResNeSt: a ResNet-D whose 3x3 convolutions are split-attention ones. <c>(N, 3, H, W) -> (N, classes)</c> logits, or
/// <c>(N, 2048)</c> features where it has no classes; 2004.08955 §3 and 4.
/// </summary>
public sealed partial class ResNeSt : Module<Tensor, Tensor>
{
    private static readonly int[] StagePlanes = [64, 128, 256, 512];

    private Relu Relu { get; } = new(inPlace: true);
    private MaxPool2d MaxPool { get; } = new(3, 2, 1);
    private GlobalAvgPool2d AveragePool { get; } = new();

    /// <summary>The official initial weights: normal by fan-out, groups not counted; norms at one and zero.</summary>
    /// <exception cref="ArgumentException">Not four stages, a dilation other than 1, 2, 4, or channels that do not divide.</exception>
    public ResNeSt(ResNeStConfig config)
    {
        if (config.Layers.Count != 4) throw new ArgumentException($"a ResNeSt has four stages, not {config.Layers.Count}", nameof(config));
        if (config.Dilation is not (1 or 2 or 4))
            throw new ArgumentException($"a dilation of {config.Dilation}: 1, 2 and 4 are possible", nameof(config));
        int inputs = config.DeepStem ? 2 * config.StemWidth : 64;
        DropBlock = config.DropBlock is { } rate ? new DropBlock2d(rate) : null;
        Conv1 = config.DeepStem ? DeepStem(config.StemWidth) : new Conv2d(3, inputs, 7, 2, 3, bias: false);
        Bn1 = new BatchNorm2d(inputs);
        Layer1 = Stage(0, 1, 1);
        Layer2 = Stage(1, 2, 1);
        Layer3 = config.Dilation == 4 ? Stage(2, 1, 2) : Stage(2, 2, 1);
        Layer4 = config.Dilation == 1 ? Stage(3, 2, 1) : Stage(3, 1, config.Dilation);
        Dropout = config.Dropout > 0 ? new Dropout(config.Dropout) : null;
        Fc = config.Classes > 0 ? new Linear(inputs, config.Classes) : null;
        Initialize(config.ZeroInitResidual);

        Sequential Stage(int index, int stride, int dilation)
        {
            var blocks = new Sequential();
            for (int k = 0; k < config.Layers[index]; k++)
            {
                bool first = k == 0;
                int outputs = StagePlanes[index] * ResNeStBlock.Expansion;
                var downsample = first && (stride != 1 || inputs != outputs) ? Shortcut(config.AverageDown, inputs, outputs, stride) : null;
                var plan = new ResNeStBlockPlan(inputs, StagePlanes[index], first ? stride : 1,
                    first ? Math.Max(1, dilation / 2) : dilation, Averages: first && index > 0);
                blocks.Add(new ResNeStBlock(config, plan, downsample, index >= 2 ? DropBlock : null));
                inputs = outputs;
            }

            return blocks;
        }
    }

    Module<Tensor, Tensor> Conv1 { get; }

    BatchNorm2d Bn1 { get; }

    /// <summary>Stride 4.</summary>
    public Sequential Layer1 { get; }

    /// <summary>Stride 8.</summary>
    public Sequential Layer2 { get; }

    /// <summary>Stride 16, or 8 dilated.</summary>
    public Sequential Layer3 { get; }

    /// <summary>Stride 32, or 16 or 8 dilated.</summary>
    public Sequential Layer4 { get; }

    Dropout? Dropout { get; }

    /// <summary>The classifier; null where there are no classes.</summary>
    public Linear? Fc { get; }

    /// <summary>Drops squares in the last two stages while training; raise its rate with <see cref="ResNeStTraining.DropBlockRate"/>. Null
    /// where the configuration has none.</summary>
    public DropBlock2d? DropBlock { get; }

    /// <summary>The map after the max-pooling: <c>(N, 3, H, W) -> (N, 64 or 128, H/4, W/4)</c>.</summary>
    public Tensor Stem(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(pictures.Through(Conv1, Bn1, Relu, MaxPool));
    }

    /// <summary>The four stages' maps: <c>(N, 3, H, W) -> 4 x (N, 256 … 2048, h, w)</c>, for detectors and segmenters.</summary>
    public Tensor[] Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var stem = Stem(pictures);
        var first = Layer1.Call(stem);
        var second = Layer2.Call(first);
        var third = Layer3.Call(second);
        return scope.Keep<Tensor[]>([first, second, third, Layer4.Call(third)]);
    }

    /// <summary>What the classifier says of the last map: <c>(N, 2048, h, w) -> (N, classes)</c>.</summary>
    public Tensor Classify(Tensor lastMap)
    {
        using var scope = new TensorScope();
        return scope.Keep(lastMap.Through(AveragePool, Dropout, Fc));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) =>
        pictures.Through(Conv1, Bn1, Relu, MaxPool, Layer1, Layer2, Layer3, Layer4, AveragePool, Dropout, Fc);

    private static Sequential DeepStem(int width) => new(
        new Conv2d(3, width, 3, 2, 1, bias: false),
        new BatchNorm2d(width),
        new Relu(inPlace: true),
        new Conv2d(width, width, 3, 1, 1, bias: false),
        new BatchNorm2d(width),
        new Relu(inPlace: true),
        new Conv2d(width, 2 * width, 3, 1, 1, bias: false));

    private static Sequential Shortcut(bool average, int inputs, int outputs, int stride) => average
        ? new Sequential(new AvgPool2d(stride, stride, ceilMode: true, countIncludePad: false), new Conv2d(inputs, outputs, 1, bias: false),
            new BatchNorm2d(outputs))
        : new Sequential(new Conv2d(inputs, outputs, 1, stride, bias: false), new BatchNorm2d(outputs));

    private void Initialize(bool zeroResidual)
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution) Init.Normal(convolution.Weight, Math.Sqrt(2.0 / Init.Fan(convolution.Weight, FanMode.Out)));
            if (zeroResidual && module is ResNeStBlock block) Init.Constant(block.LastGain, 0);
        }
    }
}
