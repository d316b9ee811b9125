using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>What a network consists of.</summary>
public sealed record DepthSegmentationConfig
{
    /// <summary>The encoder.</summary>
    public ResNetConfiguration Backbone { get; init; } =
        ResNetConfiguration.ResNet101 with { ReplaceStrideWithDilation = (false, false, true) };

    /// <summary>The decoders.</summary>
    public DepthDecoderConfig Decoder { get; init; } = new() { AsppRates = [6, 12, 18], Widths = [64, 128, 128, 256, 256] };

    /// <summary>Classes; Cityscapes has 19.</summary>
    public int Classes { get; init; } = 19;

    /// <summary>A segmentation beside depth; null for none.</summary>
    public SegmentationHeadConfig? Segmentation { get; init; }

    /// <summary>Depth and segmentation that exchange features; null for none.</summary>
    public MultiTaskConfig? MultiTask { get; init; }

    /// <summary>Whether there is a decoder of depth alone.</summary>
    public bool HasDepth { get; init; }

    /// <summary>Whether there is a network of camera motion, for learning depth from clips.</summary>
    public bool HasPose { get; init; }
}

/// <summary>What a network sees in pictures.</summary>
public sealed record DepthSegmentationOutput : ITensorContainer
{
    /// <summary>By stage, <c>(N, 1, H/2ˢ, W/2ˢ)</c> in (0, 1), large where near; null or absent where a stage has none.</summary>
    public IReadOnlyList<Tensor?> Disparities { get; init; } = [];

    /// <summary>Features of the depth decoder by stage, where it stands alone.</summary>
    public IReadOnlyList<Tensor?> DepthMaps { get; init; } = [];

    /// <summary>Logits <c>(N, classes, H, W)</c>; null without a segmentation.</summary>
    public Tensor? Semantics { get; init; }

    /// <summary>Logits before the exchange, smaller; null where there are none.</summary>
    public Tensor? SideSemantics { get; init; }

    /// <summary>The disparity of the picture's size.</summary>
    /// <exception cref="InvalidOperationException">The network tells none.</exception>
    public Tensor Disparity =>
        Disparities is [{ } whole, ..] ? whole : throw new InvalidOperationException("the network tells no disparity");

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors =>
        Disparities.Concat(DepthMaps).Append(Semantics).Append(SideSemantics).OfType<Tensor>();
}

/// <summary>
/// Depth, classes, or both, from one picture. 2012.10782; lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029
/// models/joint_segmentation_depth.py.
/// </summary>
public sealed partial class DepthSegmentationNetwork : Module
{
    /// <summary>
    /// Sides have to be multiples of it, two at least: the decoder joins maps that were halved five times, and mirrors the smallest.
    /// </summary>
    public const int Multiple = 32;

    /// <summary>Initial weights.</summary>
    /// <exception cref="ArgumentException">Parts that do not fit together.</exception>
    public DepthSegmentationNetwork(DepthSegmentationConfig config)
    {
        if (config is { MultiTask: not null, Segmentation: not null } or { MultiTask: not null, HasDepth: true })
        {
            throw new ArgumentException("depth segmentation: a multi-task decoder tells depth and classes itself; no other goes with it");
        }

        Config = config;
        Encoder = new DepthEncoder(config.Backbone);
        if (config.HasPose)
        {
            PoseEncoder = new DepthEncoder(ResNetConfiguration.ResNet18 with { InputChannels = 6 });
            Pose = new PoseDecoder(PoseEncoder.Widths[^1]);
        }

        if (config.MultiTask is { } both) MtlDecoder = new MultiTaskDecoder(Encoder.Widths, config.Decoder, config.Classes, both);
        if (config.HasDepth) Depth = new DepthDecoder(Encoder.Widths, config.Decoder);
        if (config.Segmentation is { } head) Segmentation = new SegmentationDecoder(Encoder.Widths, config.Decoder, config.Classes, head);
    }

    /// <summary>What it was built from.</summary>
    public DepthSegmentationConfig Config { get; }

    /// <summary>Whether it tells classes of pixels.</summary>
    internal bool TellsClasses => Segmentation is not null || MtlDecoder is not null;

    /// <summary>What all decoders read.</summary>
    public DepthEncoder Encoder { get; }

    DepthEncoder? PoseEncoder { get; }

    PoseDecoder? Pose { get; }

    /// <summary>Whether it sees how a camera moves.</summary>
    internal bool HasMotion => Pose is not null && Depth is not null;

    /// <summary>Both tasks together; null where they are apart.</summary>
    public MultiTaskDecoder? MtlDecoder { get; }

    DepthDecoder? Depth { get; }

    SegmentationDecoder? Segmentation { get; }

    /// <summary>All answers.</summary>
    /// <param name="pictures"><c>(N, 3, H, W)</c> in [0, 1], sides multiples of <see cref="Multiple"/>.</param>
    /// <exception cref="TorchException">The shape is another.</exception>
    public DepthSegmentationOutput Predict(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(1) != 3 || pictures.Size(2) % Multiple != 0 || pictures.Size(3) % Multiple != 0)
        {
            throw new TorchException(
                $"depth segmentation: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], "
                + $"where (N, 3, H, W) with sides that are multiples of {Multiple} is wanted");
        }

        using var scope = new TensorScope();
        var encoded = Encoder.Maps(pictures);
        if (MtlDecoder is { } both) return scope.Keep(both.Predict(encoded));
        var decoded = Depth?.Decode(encoded);
        return scope.Keep(new DepthSegmentationOutput
        {
            Disparities = decoded?.Disparities ?? [],
            DepthMaps = decoded?.Maps ?? [],
            Semantics = Segmentation?.Logits(encoded),
        });
    }

    /// <summary>Loads encoder and depth of a run of depth; what else this network has stays as it is.</summary>
    /// <param name="file">The run's checkpoint, of the same encoder and decoder.</param>
    /// <exception cref="CheckpointException">Damaged, or of another network.</exception>
    internal void LoadDepth(string file)
    {
        const string encoder = "encoder.", depth = "depth.";
        string[] own = [.. this.Children().Select(child => child.Key + ".")];
        ModelWeights.Load(this, file, new LoadOptions
        {
            Rename = name => name.StartsWith(encoder, StringComparison.Ordinal)
                || (Depth is not null && name.StartsWith(depth, StringComparison.Ordinal)) ? name : null,
            Leave = [.. own.Where(prefix => prefix != encoder && prefix != depth)],
        });
    }

    /// <summary>How the camera moved from one frame to another, as a matrix <c>(N, 4, 4)</c> from the earlier one's points.</summary>
    /// <param name="frame">The frame whose depth is told, <c>(N, 3, H, W)</c> in [0, 1].</param>
    /// <param name="other">A frame beside it.</param>
    /// <param name="isEarlier">Whether the other was taken before it: the motion is then inverted.</param>
    /// <returns>Points as <paramref name="frame"/>'s camera sees them, to how the other's does.</returns>
    /// <exception cref="InvalidOperationException">The network has no part for motion.</exception>
    public Tensor Motion(Tensor frame, Tensor other, bool isEarlier)
    {
        if (PoseEncoder is null || Pose is null) throw new InvalidOperationException("the network tells no camera motion");
        using var scope = new TensorScope();
        var pair = Tensor.Cat(isEarlier ? [other, frame] : [frame, other], 1);
        var motion = Pose.Motion(PoseEncoder.Maps(pair)[^1]);
        return scope.Keep(CameraTransform.Of(motion.AxisAngle[.., 0], motion.Translation[.., 0], isEarlier));
    }
}
