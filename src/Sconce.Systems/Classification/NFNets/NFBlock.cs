using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>The shortcut of a block that changes size or width: 2x2 mean where it strides, then a 1x1 convolution.</summary>
internal sealed partial class AverageDownsample(int inputs, int outputs, int stride, WeightStandardization standardization)
    : Module<Tensor, Tensor>
{
    [Key("conv")]
    public ScaledStdConv2d Convolution { get; } = new(inputs, outputs, 1, standardization);

    protected override Tensor Forward(Tensor x) =>
        Convolution.Call(stride > 1 ? x.AvgPool2d([2, 2], [stride, stride], [0, 0], ceilMode: true, countIncludePad: false) : x);
}

/// <summary>Where a block stands in its network.</summary>
/// <param name="Inputs">Channels in.</param>
/// <param name="Outputs">Channels out.</param>
/// <param name="Stride">The step of its 3x3 convolution.</param>
/// <param name="Beta">1 / √(the variance predicted for its input).</param>
/// <param name="BottleneckRatio">The bottleneck's width as a share of the outputs, or with RegNets of the inputs.</param>
/// <param name="DropRate">The probability that stochastic depth drops its branch.</param>
public sealed record NFBlockPlace(int Inputs, int Outputs, int Stride, double Beta, double BottleneckRatio, double DropRate = 0);

/// <summary>
/// The normalizer-free residual block: <c>x -> shortcut + α · gain · f(β · act(x))</c>;
/// <c>(N, Inputs, H, W) -> (N, Outputs, ⌈H/s⌉, ⌈W/s⌉)</c>. 2102.06171 figure 3; timm@aa4b585 NormFreeBlock.
/// </summary>
public sealed partial class NFBlock : Module<Tensor, Tensor>
{
    private readonly double alpha;

    /// <summary>Builds the block for its place.</summary>
    /// <param name="config">What the network's blocks share.</param>
    /// <param name="place">What differs.</param>
    public NFBlock(NFNetConfig config, NFBlockPlace place)
    {
        alpha = config.Alpha;
        double gamma = GammaActivation.Gamma(config.Activation);
        double carried = config.GammaInActivation ? gamma : 1;
        var weights = new WeightStandardization(config.GammaInActivation ? 1 : gamma, config.WeightEps, config.WeightEpsMode,
            config.Padding);
        var (inputs, outputs, stride, beta, ratio, _) = place;
        int middle = Channels.Divisible((config.RegNet ? inputs : outputs) * ratio, config.ChannelDivisor), groups = 1;
        if (config.GroupSize is { } size)
        {
            groups = middle / size;
            if (groups == 0) throw new ArgumentException($"a bottleneck of {middle} channels is narrower than its groups of {size}");
            if (size % config.ChannelDivisor == 0) middle = size * groups;
        }

        if (config.SkipInit) SkipInitGain = Parameter.Zeros();
        if (inputs != outputs || stride != 1) Downsample = new AverageDownsample(inputs, outputs, stride, weights);
        Act1 = new GammaActivation(config.Activation, carried * beta, config.Gelu);
        Act = new GammaActivation(config.Activation, carried, config.Gelu, inPlace: true);
        Conv1 = new ScaledStdConv2d(inputs, middle, 1, weights);
        Conv2 = new ScaledStdConv2d(middle, middle, 3, weights, stride, groups);
        if (config.ExtraConvolution) Conv2b = new ScaledStdConv2d(middle, middle, 3, weights, 1, groups);
        if (config.RegNet) Attention = Gate(config, middle);
        Conv3 = new ScaledStdConv2d(middle, outputs, 1, weights, gain: config.SkipInit ? 1 : 0);
        if (!config.RegNet) LastAttention = Gate(config, outputs);
        StochasticDepth = new DropPath(place.DropRate, config.StochasticDepthRule == StochasticDepthRule.Carrier);
    }

    /// <summary>A scalar that starts at 0, so that the block starts as its shortcut.</summary>
    [Key("skipinit_gain")]
    public Parameter? SkipInitGain { get; }

    private GammaActivation Act1 { get; }

    private GammaActivation Act { get; }

    private AverageDownsample? Downsample { get; }

    private ScaledStdConv2d Conv1 { get; }

    private ScaledStdConv2d Conv2 { get; }

    [Key("conv2b")]
    private ScaledStdConv2d? Conv2b { get; }

    [Key("attn")]
    private SqueezeExcite? Attention { get; }

    private ScaledStdConv2d Conv3 { get; }

    [Key("attn_last")]
    private SqueezeExcite? LastAttention { get; }

    [Key("drop_path")]
    private DropPath StochasticDepth { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = Act1.Call(x); // (N, Inputs, H, W), of variance 1 where x has the predicted one
        var shortcut = Downsample?.Call(branch) ?? x;
        branch = Then(branch, Conv1);
        branch = Then(Then(branch, Act), Conv2);
        if (Conv2b is not null) branch = Then(Then(branch, Act), Conv2b);
        if (Attention is not null) branch = Then(branch, Attention);
        branch = Then(Then(branch, Act), Conv3);
        if (LastAttention is not null) branch = Then(branch, LastAttention);
        branch = Then(branch, StochasticDepth);
        if (Gradients.Enabled) return (SkipInitGain is null ? branch * alpha : branch * (SkipInitGain * alpha)).AddInPlace(shortcut);
        if (SkipInitGain is not null) branch.MulInPlace(SkipInitGain);
        return branch.MulInPlace(alpha).AddInPlace(shortcut);
    }

    /// <summary>The next module's answer; what it read is freed at once, as Python's reference counting does it.</summary>
    private static Tensor Then(Tensor x, Module<Tensor, Tensor> next)
    {
        var y = next.Call(x);
        if (!ReferenceEquals(x, y)) x.Dispose();
        return y;
    }

    private static SqueezeExcite? Gate(NFNetConfig config, int channels) => config.SqueezeExciteRatio is { } ratio
        ? new(channels, Channels.Divisible(channels * ratio, config.SqueezeExciteDivisor, limit: 0),
            config.SqueezeExciteGain, inPlace: true)
        : null;
}
