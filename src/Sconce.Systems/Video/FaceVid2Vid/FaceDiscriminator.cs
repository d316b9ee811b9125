using System.Globalization;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How faces are judged.</summary>
public sealed record FaceDiscriminatorConfig
{
    /// <summary>Channels of the pictures.</summary>
    public int ImageChannels { get; init; } = 3;

    /// <summary>Half the channels of the first block.</summary>
    public int Width { get; init; } = 32;

    /// <summary>The most channels.</summary>
    public int MaxWidth { get; init; } = 512;

    /// <summary>How many blocks.</summary>
    public int Blocks { get; init; } = 4;

    /// <summary>Whether convolutions have spectral norms, as checkpoints have them.</summary>
    public bool IsSpectral { get; init; } = true;
}

/// <summary>What a discriminator sees.</summary>
/// <param name="Features">The maps between, which feature matching compares.</param>
/// <param name="Judgement">Large where a place seems real, <c>(N, 1, h, w)</c>.</param>
public sealed record FaceJudgement(IReadOnlyList<Tensor> Features, Tensor Judgement) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [.. Features, Judgement];
}

/// <summary>A 4x4 convolution without padding, a norm but in the first, a leaky ReLU, means of 2x2 cells but in the last.</summary>
internal sealed partial class JudgingBlock(int inputs, int outputs, bool isFirst, bool isLast, bool isSpectral) : Module<Tensor, Tensor>
{
    private LeakyRelu Activation { get; } = new(0.2);
    private AvgPool2d? Pool { get; } = isLast ? null : new AvgPool2d(2);

    Module<Tensor, Tensor> Conv { get; } = Spectral.Of(new Conv2d(inputs, outputs, 4), isSpectral);

    InstanceNorm2d? Norm { get; } = isFirst ? null : new InstanceNorm2d(outputs, affine: true);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Conv, Norm, Activation, Pool);
}

/// <summary>Patches judged as real or painted: <c>(N, 3, H, W)</c> in [0, 1]; 1611.07004 §3.2.</summary>
public sealed partial class FaceDiscriminator : Module<Tensor, FaceJudgement>
{
    /// <summary>PyTorch's default initial weights.</summary>
    public FaceDiscriminator(FaceDiscriminatorConfig config)
    {
        DownBlocks = new ModuleList<JudgingBlock>(Enumerable.Range(0, config.Blocks).Select(k => new JudgingBlock(
            k == 0 ? config.ImageChannels : Width(k), Width(k + 1), k == 0, k == config.Blocks - 1, config.IsSpectral)));
        Conv = Spectral.Of(new Conv2d(Width(config.Blocks), 1, 1), config.IsSpectral);

        int Width(int level) => LevelWidth.Of(config.Width, level, config.MaxWidth);
    }

    ModuleList<JudgingBlock> DownBlocks { get; }

    Module<Tensor, Tensor> Conv { get; }

    /// <inheritdoc/>
    protected override FaceJudgement Forward(Tensor pictures)
    {
        var maps = new List<Tensor>();
        var x = pictures;
        foreach (var block in DownBlocks) maps.Add(x = block.Call(x));
        return new FaceJudgement(maps, Conv.Call(x));
    }
}

/// <summary>
/// A discriminator for each size at which pictures are seen, by scale.
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/discriminator.py.
/// </summary>
public sealed partial class MultiScaleDiscriminator : Module
{
    private readonly IReadOnlyList<double> scales;

    /// <summary>One a scale.</summary>
    public MultiScaleDiscriminator(IReadOnlyList<double> scales, FaceDiscriminatorConfig config)
    {
        this.scales = scales;
        foreach (double scale in scales) Discs.Add(Key(scale), new FaceDiscriminator(config));
    }

    ModuleDictionary<FaceDiscriminator> Discs { get; } = new();

    /// <summary>A judgement a scale, in their order.</summary>
    /// <param name="pyramid">The pictures by scale.</param>
    public IReadOnlyList<FaceJudgement> Judge(IReadOnlyDictionary<double, Tensor> pyramid) =>
        [.. scales.Select(scale => Discs[Key(scale)].Call(pyramid[scale]))];

    private static string Key(double scale) => scale.ToString(CultureInfo.InvariantCulture).Replace('.', '-');
}
