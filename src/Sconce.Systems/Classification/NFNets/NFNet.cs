using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>Pooling, dropout and the classifier: <c>(N, C, H, W) -> (N, classes)</c>.</summary>
public sealed partial class NFNetHead : Module<Tensor, Tensor>
{
    internal NFNetHead(int channels, NFNetConfig config)
    {
        Drop = new Dropout(config.Dropout);
        if (config.Classes == 0) return;
        Classifier = new Linear(channels, config.Classes);
        if (config.ZeroHead) Init.Constant(Classifier.Weight, 0);
        else Init.Normal(Classifier.Weight, 0.01);
        Init.Constant(Classifier.Bias!, 0);
    }

    /// <summary>None where pooled features are wanted.</summary>
    [Key("fc")]
    public Linear? Classifier { get; }

    private Dropout Drop { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features)
    {
        var pooled = Drop.Call(features.Mean([2, 3])); // (N, C)
        return Classifier?.Call(pooled) ?? pooled;
    }
}

/// <summary>A normalizer-free network: <c>(N, 3, H, W) normalised pictures -> (N, classes) logits</c>. 2102.06171 §4, 2101.08692.</summary>
public sealed partial class NFNet : Module<Tensor, Tensor>
{
    /// <summary>Builds the network with initial weights.</summary>
    /// <param name="config">Its configuration.</param>
    /// <exception cref="ArgumentException">Stages and widths do not match, or widths do not divide.</exception>
    public NFNet(NFNetConfig config)
    {
        if (config.Depths.Count == 0 || config.Depths.Count != config.Channels.Count)
            throw new ArgumentException($"{config.Depths.Count} depths for {config.Channels.Count} stage widths");
        Config = config;
        double gamma = GammaActivation.Gamma(config.Activation);
        double carried = config.GammaInActivation ? gamma : 1;
        var weights = new WeightStandardization(config.GammaInActivation ? 1 : gamma, config.WeightEps, config.WeightEpsMode,
            config.Padding);
        int width = Width(config.StemChannels ?? config.Channels[0]);
        (Stem, int stemStride) = NFNetStems.Build(config, width, weights, carried);
        Stages = [];
        foreach (var stage in Places(config, width, stemStride))
            Stages.Add(new Sequential(stage.Select(place => new NFBlock(config, place))));
        int last = Width(config.Channels[^1]);
        if (config.FinalChannels > 0)
        {
            FinalConvolution = new ScaledStdConv2d(last, Width(config.FinalChannels), 1, weights);
            last = Width(config.FinalChannels);
        }

        FinalActivation = new GammaActivation(config.Activation, carried, config.Gelu, inPlace: FinalConvolution is not null);
        FeatureChannels = last;
        Head = new NFNetHead(last, config);

        int Width(int channels) => Channels.Divisible(channels * config.WidthFactor, config.ChannelDivisor);
    }

    /// <summary>What it was built from.</summary>
    public NFNetConfig Config { get; }

    /// <summary>Channels of <see cref="Features"/>.</summary>
    public int FeatureChannels { get; }

    private Sequential Stem { get; }

    private Sequential Stages { get; }

    [Key("final_conv")]
    private ScaledStdConv2d? FinalConvolution { get; }

    [Key("final_act")]
    private GammaActivation FinalActivation { get; }

    /// <summary>Pooling and the classifier.</summary>
    public NFNetHead Head { get; }

    /// <summary>The last map: <c>(N, 3, H, W) -> (N, FeatureChannels, H/32, W/32)</c>.</summary>
    public Tensor Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Finish(Stages.Call(Stem.Call(pictures))));
    }

    /// <summary>Every map on the way: the stem's, each stage's, and last the features.</summary>
    /// <returns>Stages + 2 maps; the caller's scope frees them.</returns>
    public IReadOnlyList<Tensor> FeatureMaps(Tensor pictures)
    {
        using var scope = new TensorScope();
        var maps = new List<Tensor> { Stem.Call(pictures) };
        foreach (var stage in Stages) maps.Add(stage.Call(maps[^1]));
        maps.Add(Finish(maps[^1]));
        return scope.Keep(maps);
    }

    /// <summary>
    /// The blocks' places, stage by stage. The variance predicted for a block's input grows by α² a block; a stage's first block uses what
    /// the stage before left, and only then it is set back to 1: 2102.06171 §2.
    /// </summary>
    internal static IEnumerable<IReadOnlyList<NFBlockPlace>> Places(NFNetConfig config, int stemChannels, int stemStride)
    {
        int inputs = stemChannels, index = 0, blocks = config.Depths.Sum();
        double variance = 1;
        for (int stage = 0; stage < config.Depths.Count; stage++)
        {
            int outputs = Channels.Divisible(config.Channels[stage] * config.WidthFactor, config.ChannelDivisor);
            var places = new List<NFBlockPlace>();
            for (int block = 0; block < config.Depths[stage]; block++, index++)
            {
                int stride = block > 0 || (stage == 0 && stemStride > 2) ? 1 : 2;
                double ratio = config.RegNet && index == 0 ? 1 : config.BottleneckRatio;
                double share = config.StochasticDepthRule == StochasticDepthRule.Official
                    ? (double)index / blocks : (double)index / Math.Max(1, blocks - 1);
                places.Add(new NFBlockPlace(inputs, outputs, stride, 1 / Math.Sqrt(variance), ratio, config.StochasticDepth * share));
                if (block == 0) variance = 1;
                variance += config.Alpha * config.Alpha;
                inputs = outputs;
            }

            yield return places;
        }
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Head.Call(Features(pictures));

    private Tensor Finish(Tensor map)
    {
        if (FinalConvolution is null) return FinalActivation.Call(map);
        var wide = FinalConvolution.Call(map);
        var features = FinalActivation.Call(wide);
        if (!ReferenceEquals(wide, features)) wide.Dispose();
        return features;
    }
}
