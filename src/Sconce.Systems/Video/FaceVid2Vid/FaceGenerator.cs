using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How a face is painted.</summary>
public sealed record FaceGeneratorConfig
{
    /// <summary>How many keypoints.</summary>
    public int Keypoints { get; init; } = 15;

    /// <summary>Channels of the pictures.</summary>
    public int ImageChannels { get; init; } = 3;

    /// <summary>Channels after the first convolution.</summary>
    public int Width { get; init; } = 64;

    /// <summary>The most channels, and those of the map that becomes the volume.</summary>
    public int MaxWidth { get; init; } = 512;

    /// <summary>How often pictures are halved.</summary>
    public int Halvings { get; init; } = 2;

    /// <summary>The volume's channels.</summary>
    public int VolumeChannels { get; init; } = 32;

    /// <summary>The volume's depth.</summary>
    public int VolumeDepth { get; init; } = 16;

    /// <summary>Residual blocks of the volume, and in the original painter of the map.</summary>
    public int Blocks { get; init; } = 6;

    /// <summary>Whether it is said what the source does not show.</summary>
    public bool HasOcclusion { get; init; } = true;

    /// <summary>How motion is estimated.</summary>
    public MotionFieldConfig Motion { get; init; } = new();

    /// <summary>Whether SPADE paints, as in the released weights, or the paper's residual blocks.</summary>
    public bool IsSpade { get; init; } = true;

    /// <summary>Whether SPADE's convolutions have spectral norms, as checkpoints have them.</summary>
    public bool IsSpectral { get; init; } = true;
}

/// <summary>A painted face, and how it came about.</summary>
/// <param name="Picture"><c>(N, 3, H, W)</c> in (0, 1).</param>
/// <param name="Motion">From the source.</param>
public sealed record PaintedFace(Tensor Picture, MotionFieldOutput Motion) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Picture, .. Motion.Tensors];
}

/// <summary>
/// A source picture with other keypoints: (picture <c>(N, 3, H, W)</c> in [0, 1], driving, source keypoints). 2011.15126 §3.2;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/generator.py.
/// </summary>
public sealed partial class FaceGenerator : Module<Tensor, Keypoints, Keypoints, PaintedFace>
{
    private readonly FaceGeneratorConfig config;

    /// <summary>PyTorch's default initial weights.</summary>
    /// <exception cref="ArgumentException">Channels that do not become the volume or the painter's input.</exception>
    public FaceGenerator(FaceGeneratorConfig config)
    {
        int painted = config.Width << config.Halvings;
        if (config.VolumeChannels * config.VolumeDepth != config.MaxWidth)
        {
            throw new ArgumentException(
                $"face generator: {config.MaxWidth} channels are no volume of {config.VolumeChannels} x {config.VolumeDepth}");
        }

        if (config.IsSpade && painted != SpadeDecoder.Inputs)
        {
            throw new ArgumentException($"face generator: SPADE paints from {SpadeDecoder.Inputs} channels, not from {painted}");
        }

        this.config = config;
        DenseMotionNetwork = new MotionField(config.Keypoints, config.VolumeChannels, config.Motion, config.HasOcclusion);
        First = new SameBlock(config.ImageChannels, config.Width, config.IsSpade ? 3 : 7);
        DownBlocks = new ModuleList<DownBlock>(
            Enumerable.Range(0, config.Halvings).Select(level => new DownBlock(Width(level), Width(level + 1))));
        Second = new Conv2d(Width(config.Halvings), config.MaxWidth, 1);
        for (int k = 0; k < config.Blocks; k++) Resblocks3d[$"3dr{k}"] = new VolumeResBlock(config.VolumeChannels);
        Third = new SameBlock(config.MaxWidth, painted, 3, leaky: true);
        Fourth = new Conv2d(painted, painted, 1);
        if (config.IsSpade)
        {
            Decoder = new SpadeDecoder(config.IsSpectral, config.ImageChannels);
            return;
        }

        Resblocks2d = new Sequential();
        for (int k = 0; k < config.Blocks; k++) Resblocks2d[$"2dr{k}"] = new ResBlock(painted);
        UpBlocks = new Sequential(Enumerable.Range(0, config.Halvings).Select(
            level => new UpBlock(config.Width << (config.Halvings - level), config.Width << (config.Halvings - level - 1))));
        Final = new Conv2d(config.Width, config.ImageChannels, 7, padding: 3);

        int Width(int level) => LevelWidth.Of(config.Width, level, config.MaxWidth);
    }

    MotionField DenseMotionNetwork { get; }

    SameBlock First { get; }

    ModuleList<DownBlock> DownBlocks { get; }

    Conv2d Second { get; }

    [Key("resblocks_3d")]
    Sequential Resblocks3d { get; } = new();

    SameBlock Third { get; }

    Conv2d Fourth { get; }

    SpadeDecoder? Decoder { get; }

    [Key("resblocks_2d")]
    Sequential? Resblocks2d { get; }

    Sequential? UpBlocks { get; }

    Conv2d? Final { get; }

    /// <summary>A source's appearance, which does not change from frame to frame: <c>(N, 3, H, W) -> (N, C, D, h, w)</c>.</summary>
    public Tensor Appearance(Tensor source)
    {
        using var scope = new TensorScope();
        var x = First.Call(source);
        foreach (var block in DownBlocks) x = block.Call(x);
        var flat = Second.Call(x);
        var volume = flat.Reshape([flat.Size(0), config.VolumeChannels, config.VolumeDepth, flat.Size(2), flat.Size(3)]);
        return scope.Keep(Resblocks3d.Call(volume));
    }

    /// <summary>Paints an appearance with other keypoints.</summary>
    /// <param name="appearance">What <see cref="Appearance"/> gave.</param>
    /// <param name="driving">As the face shall be.</param>
    /// <param name="source">As it is.</param>
    public PaintedFace Paint(Tensor appearance, Keypoints driving, Keypoints source)
    {
        using var scope = new TensorScope();
        var motion = DenseMotionNetwork.Call(appearance, driving, source);
        var moved = VolumeGrid.Sample(appearance, motion.Deformation).Flatten(1, 2);
        var map = moved.Through(Third, Fourth);
        if (motion.Occlusion is { } occlusion) map = map * occlusion;
        var picture = Decoder is not null ? Decoder.Call(map) : map.Through(Resblocks2d, UpBlocks, Final).Sigmoid();
        return scope.Keep(new PaintedFace(picture, motion));
    }

    /// <inheritdoc/>
    protected override PaintedFace Forward(Tensor source, Keypoints driving, Keypoints original) =>
        Paint(Appearance(source), driving, original);
}
