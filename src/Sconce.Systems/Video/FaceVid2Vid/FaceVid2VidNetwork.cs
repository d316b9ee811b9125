using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How the three networks of a talking head are built.</summary>
public sealed record FaceVid2VidConfig
{
    /// <summary>What finds canonical keypoints.</summary>
    public KeypointDetectorConfig Detector { get; init; } = new();

    /// <summary>What paints.</summary>
    public FaceGeneratorConfig Generator { get; init; } = new();

    /// <summary>Channels after the first convolution of what sees pose and expression.</summary>
    public int EstimatorWidth { get; init; } = 64;

    /// <summary>Channels after its last convolution, from which angles, position and expression are read; a multiple of 32.</summary>
    public int EstimatorFeatures { get; init; } = 2048;

    /// <summary>The side of the pictures, in pixels.</summary>
    public int Side { get; init; } = 256;
}

/// <summary>A picture of somebody with keypoints, ready to be moved.</summary>
/// <param name="Appearance">Its volume, <c>(N, C, D, h, w)</c>.</param>
/// <param name="Canonical">Its face without turning, moving and expression.</param>
/// <param name="Keypoints">Its face as it is.</param>
public sealed record FaceSource(Tensor Appearance, Keypoints Canonical, Keypoints Keypoints) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Appearance, .. Canonical.Tensors, .. Keypoints.Tensors];

    /// <summary>The same with tensors that belong to no scope; whoever asks disposes them.</summary>
    internal FaceSource Held() => new(Appearance.Hold(), Held(Canonical), Held(Keypoints));

    private static Keypoints Held(Keypoints keypoints) => new(keypoints.Value.Hold(), keypoints.Jacobian?.Hold());
}

/// <summary>
/// A talking head from one picture: keypoints of its face in space, moved as another head moves. 2011.15126;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25, config/vox-256.yaml.
/// </summary>
public sealed partial class FaceVid2VidNetwork(FaceVid2VidConfig config) : Module
{
    /// <summary>What it was built from.</summary>
    public FaceVid2VidConfig Config { get; } = config;

    /// <summary>The side of its pictures, in pixels.</summary>
    public int Side => Config.Side;

    /// <summary>What paints.</summary>
    public FaceGenerator Generator { get; } = new(config.Generator);

    /// <summary>What finds canonical keypoints.</summary>
    public KeypointDetector KpDetector { get; } = new(config.Detector);

    /// <summary>What sees pose and expression.</summary>
    public HeadEstimator HeEstimator { get; } =
        new(config.Detector.Keypoints, config.EstimatorWidth, imageChannels: config.Detector.ImageChannels,
            features: config.EstimatorFeatures);

    /// <summary>What does not change from frame to frame.</summary>
    /// <param name="picture"><c>(N, 3, H, W)</c> in [0, 1].</param>
    public FaceSource Source(Tensor picture)
    {
        using var scope = new TensorScope();
        var canonical = KpDetector.Call(picture);
        return scope.Keep(new FaceSource(Generator.Appearance(picture), canonical, HeadMotion.Apply(canonical, HeEstimator.Call(picture))));
    }

    /// <summary>The source's face as a frame's head is turned and speaks.</summary>
    /// <param name="source">Whose canonical keypoints are moved.</param>
    /// <param name="frame"><c>(N, 3, H, W)</c> in [0, 1].</param>
    /// <param name="turn">Other angles for those that were seen; null for those.</param>
    public Keypoints Driven(FaceSource source, Tensor frame, Func<HeadAngles, HeadAngles>? turn = null)
    {
        using var scope = new TensorScope();
        var head = HeEstimator.Call(frame);
        return scope.Keep(HeadMotion.Apply(source.Canonical, head, turn?.Invoke(HeadAngles.Of(head))));
    }

    /// <summary>The source with other keypoints: <c>(N, 3, H, W)</c> in (0, 1).</summary>
    public Tensor Paint(FaceSource source, Keypoints driving)
    {
        using var scope = new TensorScope();
        return scope.Keep(Generator.Paint(source.Appearance, driving, source.Keypoints).Picture);
    }

    /// <summary>Loads the re-implementation's checkpoints, whose other networks and optimisers are left alone.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or does not fit.</exception>
    public void Load(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        string[] own = ["generator.", "kp_detector.", "he_estimator."];
        ModelWeights.Load(this, checkpoint, new LoadOptions
        {
            Rename = name => own.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) ? name : null,
        });
    }
}
