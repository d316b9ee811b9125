using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How canonical keypoints are found.</summary>
public sealed record KeypointDetectorConfig
{
    /// <summary>How many.</summary>
    public int Keypoints { get; init; } = 15;

    /// <summary>Channels of the pictures.</summary>
    public int ImageChannels { get; init; } = 3;

    /// <summary>Half the channels of the first level.</summary>
    public int Width { get; init; } = 32;

    /// <summary>The most channels of a level.</summary>
    public int MaxWidth { get; init; } = 1024;

    /// <summary>How often maps are halved and doubled.</summary>
    public int Levels { get; init; } = 5;

    /// <summary>Channels of the map that becomes a volume.</summary>
    public int VolumeChannels { get; init; } = 16384;

    /// <summary>The volume's depth.</summary>
    public int VolumeDepth { get; init; } = 16;

    /// <summary>What heatmaps are divided by before the softmax.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>How much smaller pictures are seen; 1 for their own size.</summary>
    public double Scale { get; init; } = 0.25;

    /// <summary>Whether Jacobians are estimated.</summary>
    public bool HasJacobian { get; init; }

    /// <summary>Whether all keypoints share one map of Jacobians.</summary>
    public bool SharesJacobian { get; init; }
}

/// <summary>From a picture down to a few cells, and as a volume up again: <c>(N, 3, H, W) -> (N, width, D, H, W)</c>.</summary>
internal sealed partial class KeypointHourglass : Module<Tensor, Tensor>
{
    private readonly int depth;

    internal KeypointHourglass(KeypointDetectorConfig config)
    {
        depth = config.VolumeDepth;
        for (int level = 0; level < config.Levels; level++)
        {
            DownBlocks[$"down{level}"] = new DownBlock(level == 0 ? config.ImageChannels : Width(level), Width(level + 1));
            UpBlocks[$"up{level}"] = new VolumeUpBlock(Width(config.Levels - level), Width(config.Levels - level - 1));
        }

        Conv = new Conv2d(Width(config.Levels), config.VolumeChannels, 1);

        int Width(int level) => LevelWidth.Of(config.Width, level, config.MaxWidth);
    }

    Sequential DownBlocks { get; } = new();

    Conv2d Conv { get; }

    Sequential UpBlocks { get; } = new();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var flat = x.Through(DownBlocks, Conv);
        return UpBlocks.Call(flat.Reshape([flat.Size(0), flat.Size(1) / depth, depth, flat.Size(2), flat.Size(3)]));
    }
}

/// <summary>
/// Keypoints of a face as it would be without turning, moving and expression. <c>(N, 3, H, W)</c> in [0, 1]; 2011.15126 §3.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/keypoint_detector.py.
/// </summary>
public sealed partial class KeypointDetector : Module<Tensor, Keypoints>
{
    private readonly KeypointDetectorConfig config;

    /// <summary>PyTorch's default initial weights; Jacobians begin as the identity.</summary>
    /// <exception cref="ArgumentException">The channels do not become the volume that is read.</exception>
    public KeypointDetector(KeypointDetectorConfig config)
    {
        int read = LevelWidth.Of(config.Width, config.Levels, config.MaxWidth);
        if (config.VolumeChannels != read * config.VolumeDepth)
        {
            throw new ArgumentException(
                $"keypoint detector: {config.VolumeChannels} channels are no volume of depth {config.VolumeDepth} with {read} channels");
        }

        this.config = config;
        int width = LevelWidth.Of(config.Width, 0, config.MaxWidth);
        Predictor = new KeypointHourglass(config);
        Kp = new Conv3d(width, config.Keypoints, 3, padding: 1);
        if (config.HasJacobian)
        {
            Jacobian = new Conv3d(width, 9 * JacobianMaps, 3, padding: 1);
            Init.Constant(Jacobian.Weight, 0);
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            Jacobian.Bias!.CopyInPlace(Tensor.Eye(3).Reshape([9]).Repeat([JacobianMaps]));
        }

        Down = config.Scale < 1 ? new AntiAliasedShrink(config.ImageChannels, config.Scale) : null;
    }

    KeypointHourglass Predictor { get; }

    Conv3d Kp { get; }

    Conv3d? Jacobian { get; }

    AntiAliasedShrink? Down { get; }

    private int JacobianMaps => config.SharesJacobian ? 1 : config.Keypoints;

    /// <inheritdoc/>
    protected override Keypoints Forward(Tensor pictures)
    {
        var features = pictures.Through(Down, Predictor);
        var logits = Kp.Call(features); // (N, K, D, H, W)
        var shape = logits.Shape.ToArray();
        var heat = (logits.Reshape([shape[0], shape[1], -1]) / config.Temperature).Softmax(2);
        var places = VolumeGrid.Of(shape[2], shape[3], shape[4], logits).Reshape([-1, 3]);
        var value = heat.Matmul(places);
        if (Jacobian is null) return new Keypoints(value);
        var maps = Jacobian.Call(features).Reshape([shape[0], JacobianMaps, 9, -1]);
        return new Keypoints(value, (heat.Unsqueeze(2) * maps).Sum([3]).Reshape([shape[0], shape[1], 3, 3]));
    }
}
