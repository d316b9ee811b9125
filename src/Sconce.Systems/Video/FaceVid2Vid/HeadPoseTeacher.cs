using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// Hopenet, which learned from faces of known pose how a head is turned: <c>(N, 3, H, W)</c> in [0, 1] to degrees. A ResNet-50 with three
/// heads of 66 bins. 1710.00925; natanielruiz/deep-head-pose@0b8e19c code/hopenet.py. It is a teacher: frozen, and asked without gradients.
/// </summary>
public sealed partial class HeadPoseTeacher : Module<Tensor, HeadAngles>
{
    private const int Side = 224, Bins = 66;
    private const string Refinement = "fc_finetune.", Heads = "fc_", TrunkPrefix = "trunk.";

    /// <summary>Weights are yet to be loaded.</summary>
    public HeadPoseTeacher()
    {
        RequireGrad(false);
        Eval();
    }

    // The released file has the trunk's layers beside the heads; loading puts them here.
    ResNet Trunk { get; } = new(ResNetConfiguration.ResNet50 with { Classes = 0 });

    [Key("fc_yaw")]
    Linear Yaw { get; } = new(2048, Bins);

    [Key("fc_pitch")]
    Linear Pitch { get; } = new(2048, Bins);

    [Key("fc_roll")]
    Linear Roll { get; } = new(2048, Bins);

    [NotSaved]
    Nn.Buffer Mean { get; } = new(Tensor.From([0.485f, 0.456f, 0.406f], [1, 3, 1, 1]));

    [NotSaved]
    Nn.Buffer Deviation { get; } = new(Tensor.From([0.229f, 0.224f, 0.225f], [1, 3, 1, 1]));

    /// <summary>Loads the released file (<c>hopenet_robust_alpha1.pkl</c> and its kin): <c>conv1</c>, <c>layer1.0…</c>,
    /// <c>fc_yaw</c>, <c>fc_pitch</c>, <c>fc_roll</c>; its layer of refinement is not used.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or does not fit.</exception>
    public void Load(string path) => ModelWeights.Load(this, path, new LoadOptions
    {
        Rename = static key => key.StartsWith(Refinement, StringComparison.Ordinal) ? null
            : key.StartsWith(Heads, StringComparison.Ordinal) || key.StartsWith(TrunkPrefix, StringComparison.Ordinal) ? key
            : TrunkPrefix + key,
    });

    /// <inheritdoc/>
    protected override HeadAngles Forward(Tensor pictures)
    {
        using var off = Gradients.Off();
        var seen = Functional.Interpolate(pictures, [Side, Side], Interpolation.Bilinear);
        var features = Trunk.Call((seen - Mean) / Deviation);
        return new HeadAngles(
            HeadMotion.Degrees(Yaw.Call(features)), HeadMotion.Degrees(Pitch.Call(features)), HeadMotion.Degrees(Roll.Call(features)));
    }
}
