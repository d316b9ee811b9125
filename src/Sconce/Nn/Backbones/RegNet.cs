using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>One RegNet, or any network of its blocks.</summary>
/// <param name="Stages">Usually <see cref="RegNetDesign.Stages"/>.</param>
public sealed record RegNetConfig(IReadOnlyList<RegNetStage> Stages)
{
    /// <summary>The squeeze's width as a share of the block's INPUT width: 0.25 in RegNetY; null for RegNetX, which has none.</summary>
    public double? SqueezeRatio { get; init; }

    /// <summary>The inner width of a block as a multiple of its outer one.</summary>
    public double BottleneckMultiplier { get; init; } = 1;

    /// <summary>Channels of the pictures.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Channels of the stem.</summary>
    public int StemWidth { get; init; } = 32;

    /// <summary>Of the stem.</summary>
    public int StemStride { get; init; } = 2;

    /// <summary>Added to variances by the norms.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>The norms' share of a new batch in the running statistics.</summary>
    public double NormMomentum { get; init; } = 0.1;

    /// <summary>Outputs of the classifier; 0 for a trunk.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>The inner width of a stage's blocks.</summary>
    public int Inner(RegNetStage stage) => (int)Math.Round(stage.Width * BottleneckMultiplier);

    /// <summary>The squeeze's width in a block of that input width; 0 without one.</summary>
    public int Squeeze(int inputs) => SqueezeRatio is { } ratio ? (int)Math.Round(ratio * inputs) : 0;
}

/// <summary>
/// 1x1, grouped 3x3, squeeze-and-excitation in Y, 1x1, and a shortcut. <c>(N, inputs, H, W) -> (N, width, H/stride, W/stride)</c>;
/// 2003.13678 Figure 4, torchvision 0.14.1 models/regnet.py <c>ResBottleneckBlock</c>.
/// </summary>
internal sealed partial class RegNetBlock : Module<Tensor, Tensor>
{
    internal RegNetBlock(RegNetConfig config, int inputs, RegNetStage stage, int stride)
    {
        int inner = config.Inner(stage);
        if (inner % stage.GroupWidth != 0)
            throw new ArgumentException($"RegNet: {inner} channels do not divide into groups of {stage.GroupWidth}", nameof(stage));
        if (inputs != stage.Width || stride != 1)
            Proj = new Sequential(new Conv2d(inputs, stage.Width, 1, stride, bias: false), Norm(stage.Width));
        F = new Sequential
        {
            ["a"] = new Sequential(new Conv2d(inputs, inner, 1, bias: false), Norm(inner), new Relu(inPlace: true)),
            ["b"] = new Sequential(new Conv2d(inner, inner, 3, stride, 1, groups: inner / stage.GroupWidth, bias: false), Norm(inner),
                new Relu(inPlace: true)),
        };
        if (config.Squeeze(inputs) is > 0 and var squeeze) F["se"] = new SqueezeExcite(inner, squeeze, inPlace: true);
        F["c"] = new Sequential(new Conv2d(inner, stage.Width, 1, bias: false), Norm(stage.Width));

        BatchNorm2d Norm(int channels) => new(channels, config.NormEps, config.NormMomentum);
    }

    Sequential? Proj { get; }

    Sequential F { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => F.Call(x).AddInPlace(x.Through(Proj)).ReluInPlace();
}

/// <summary>
/// RegNet: a stem, stages of bottlenecks without bottleneck, a global mean, a linear classifier. <c>(N, 3, H, W) -> (N, classes)</c>
/// logits, or <c>(N, width)</c> features; 2003.13678 §3, torchvision 0.14.1 models/regnet.py, with its keys.
/// </summary>
public sealed partial class RegNet : Module<Tensor, Tensor>
{
    private GlobalAvgPool2d AveragePool { get; } = new();

    /// <summary>torchvision's initial weights: convolutions normal by fan-out, groups not counted; the classifier normal of deviation
    /// 0.01.</summary>
    /// <exception cref="ArgumentException">No stage, or widths that do not divide into groups.</exception>
    public RegNet(RegNetConfig config)
    {
        if (config.Stages.Count == 0) throw new ArgumentException("a RegNet has one stage at least", nameof(config));
        Stem = new Sequential(
            new Conv2d(config.InputChannels, config.StemWidth, 3, config.StemStride, 1, bias: false),
            new BatchNorm2d(config.StemWidth, config.NormEps, config.NormMomentum),
            new Relu(inPlace: true));
        TrunkOutput = new Sequential();
        int inputs = config.StemWidth;
        for (int s = 1; s <= config.Stages.Count; s++)
        {
            var stage = config.Stages[s - 1];
            var blocks = new Sequential();
            for (int k = 0; k < stage.Depth; k++)
            {
                blocks[$"block{s}-{k}"] = new RegNetBlock(config, inputs, stage, k == 0 ? stage.Stride : 1);
                inputs = stage.Width;
            }

            TrunkOutput[$"block{s}"] = blocks;
        }

        Width = inputs;
        Fc = config.Classes > 0 ? new Linear(inputs, config.Classes) : null;
        Initialize();
    }

    /// <summary>Channels of the last map, and of the features.</summary>
    public int Width { get; }

    /// <summary>The first convolution.</summary>
    public Sequential Stem { get; }

    /// <summary>The stages, under the keys block1, block2, …</summary>
    public Sequential TrunkOutput { get; }

    /// <summary>The classifier; null in a trunk.</summary>
    public Linear? Fc { get; }

    /// <summary>Every stage's map, at strides 4, 8, 16, 32: <c>(N, 3, H, W) -> stages x (N, width, h, w)</c>.</summary>
    public Tensor[] Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        var x = Stem.Call(pictures);
        var maps = new Tensor[TrunkOutput.Count];
        for (int s = 0; s < maps.Length; s++) x = maps[s] = TrunkOutput[s].Call(x);
        return scope.Keep(maps);
    }

    /// <summary>The mean of the last map, without the classifier: <c>(N, 3, H, W) -> (N, Width)</c>.</summary>
    public Tensor Pooled(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(pictures.Through(Stem, TrunkOutput, AveragePool));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => pictures.Through(Stem, TrunkOutput, AveragePool, Fc);

    private void Initialize()
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is not Conv2d convolution) continue;
            Init.Normal(convolution.Weight, Math.Sqrt(2.0 / Init.Fan(convolution.Weight, FanMode.Out)));
            double bound = 1 / Math.Sqrt(Init.Fan(convolution.Weight, FanMode.In));
            if (convolution.Bias is { } offsets) Init.Uniform(offsets, -bound, bound); // the squeeze's keep PyTorch's default
        }

        if (Fc is null) return;
        Init.Normal(Fc.Weight, 0.01);
        Init.Constant(Fc.Bias!, 0);
    }
}
