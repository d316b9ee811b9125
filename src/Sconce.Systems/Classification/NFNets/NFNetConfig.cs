using Sconce.Nn;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>Which blocks stochastic depth drops, and what becomes of the others.</summary>
public enum StochasticDepthRule
{
    /// <summary>Block i of n with probability rate · i / n, survivors as they are: the official code.</summary>
    Official,

    /// <summary>Block i of n with probability rate · i / (n − 1), survivors scaled up: the PyTorch carrier.</summary>
    Carrier,
}

/// <summary>A normalizer-free network of any of the three families; names in parentheses are the PyTorch carrier's (timm, aa4b585,
/// NfCfg).</summary>
/// <param name="Depths">Blocks of each stage.</param>
/// <param name="Channels">Width of each stage before <see cref="WidthFactor"/>.</param>
public sealed record NFNetConfig(IReadOnlyList<int> Depths, IReadOnlyList<int> Channels)
{
    /// <summary>What a residual branch is multiplied by.</summary>
    public double Alpha { get; init; } = 0.2;

    /// <summary>The layers before the first stage.</summary>
    public NFNetStem Stem { get; init; } = NFNetStem.Conv3;

    /// <summary>Their width before <see cref="WidthFactor"/>; null for the first stage's.</summary>
    public int? StemChannels { get; init; }

    /// <summary>Widths of its convolutions where they are not those of its kind; null otherwise.</summary>
    public IReadOnlyList<int>? StemWidths { get; init; }

    /// <summary>Channels a group of the 3x3 convolutions; null for one group.</summary>
    public int? GroupSize { get; init; }

    /// <summary>Hidden channels of the squeeze-and-excitation as a share of its channels; null for none.</summary>
    public double? SqueezeExciteRatio { get; init; }

    /// <summary>What those hidden channels are a multiple of (<c>rd_divisor</c>).</summary>
    public int SqueezeExciteDivisor { get; init; } = 8;

    /// <summary>What the gated map is multiplied by (<c>attn_gain</c>).</summary>
    public double SqueezeExciteGain { get; init; } = 2;

    /// <summary>What all widths are multiplied by.</summary>
    public double WidthFactor { get; init; } = 1;

    /// <summary>A bottleneck's width as a share of the block's output, or with <see cref="RegNet"/> of its input.</summary>
    public double BottleneckRatio { get; init; } = 0.5;

    /// <summary>Width of the last convolution before <see cref="WidthFactor"/>; 0 for none (<c>num_features</c>).</summary>
    public int FinalChannels { get; init; }

    /// <summary>What widths are a multiple of (<c>ch_div</c>).</summary>
    public int ChannelDivisor { get; init; } = 8;

    /// <summary>NF-RegNet's block: bottlenecks from the input's width, squeeze-and-excitation inside them (<c>reg</c>).</summary>
    public bool RegNet { get; init; }

    /// <summary>NFNet's second 3x3 convolution (<c>extra_conv</c>).</summary>
    public bool ExtraConvolution { get; init; }

    /// <summary>Whether activations carry γ, as officially, or convolutions do.</summary>
    public bool GammaInActivation { get; init; }

    /// <summary>How maps are padded.</summary>
    public MapPadding Padding { get; init; } = MapPadding.Symmetric;

    /// <summary>The constant of the weight standardisation.</summary>
    public double WeightEps { get; init; } = 1e-5;

    /// <summary>Where it stands.</summary>
    public WeightEpsMode WeightEpsMode { get; init; } = WeightEpsMode.AddedToVariance;

    /// <summary>A learned gain a branch that starts at 0; without it the last convolution's gains do.</summary>
    public bool SkipInit { get; init; }

    /// <summary>Whether the classifier's weight starts at 0 instead of N(0, 0.01).</summary>
    public bool ZeroHead { get; init; }

    /// <summary>The nonlinearity.</summary>
    public Nonlinearity Activation { get; init; } = Nonlinearity.Silu;

    /// <summary>Which form, if it is gelu.</summary>
    public GeluForm Gelu { get; init; } = GeluForm.Exact;

    /// <summary>Channels of the pictures.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Outputs; 0 for pooled features.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>The rate of dropout before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>The rate of stochastic depth; officially 0.25.</summary>
    public double StochasticDepth { get; init; }

    /// <summary>How it is spread over the blocks.</summary>
    public StochasticDepthRule StochasticDepthRule { get; init; } = StochasticDepthRule.Official;

    /// <summary>The numerical flavour of the official JAX code: tanh gelu, and 1e-4 as a floor on the fan-in times the variance. Shapes and
    /// keys stay.</summary>
    public NFNetConfig AsOfficial() => this with
    {
        Gelu = GeluForm.Tanh,
        WeightEps = 1e-4,
        WeightEpsMode = WeightEpsMode.FloorOnFanInVariance,
        StochasticDepthRule = StochasticDepthRule.Official,
    };

    /// <summary>NFNet-F0 to F7 as the converted official weights want it (<c>dm_nfnet_f*</c>); 2102.06171 tables 1 and 2.</summary>
    /// <param name="number">0 to 7: depths are (number + 1) times 1, 2, 6, 3.</param>
    /// <param name="plus">The wider F+.</param>
    public static NFNetConfig F(int number, bool plus = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 7);
        int[] channels = plus ? [384, 768, 2048, 2048] : [256, 512, 1536, 1536];
        int n = number + 1;
        return new([n, 2 * n, 6 * n, 3 * n], channels)
        {
            Stem = NFNetStem.DeepQuad,
            StemChannels = channels[0] / 2,
            StemWidths = [16, 32, 64, channels[0] / 2],
            GroupSize = 128,
            SqueezeExciteRatio = 0.5,
            FinalChannels = 2 * channels[^1],
            ExtraConvolution = true,
            GammaInActivation = true,
            Padding = MapPadding.Same,
            SkipInit = true,
            Activation = Nonlinearity.Gelu,
        };
    }

    /// <summary>NF-ResNet of those depths; 2101.08692.</summary>
    public static NFNetConfig ResNet(params int[] depths) => new(depths, [256, 512, 1024, 2048])
    {
        Stem = NFNetStem.Conv7Pool,
        StemChannels = 64,
        BottleneckRatio = 0.25,
        Activation = Nonlinearity.Relu,
    };

    /// <summary>NF-RegNet of those depths and widths, as the carrier rounds them; 2101.08692 table 7.</summary>
    public static NFNetConfig RegNetB(int[] depths, int[] channels) => new(depths, channels)
    {
        GroupSize = 8,
        WidthFactor = 0.75,
        BottleneckRatio = 2.25,
        FinalChannels = 1280 * channels[^1] / 440,
        RegNet = true,
        SqueezeExciteRatio = 0.5,
    };
}
