using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How a head is turned, where it is, and what its face does.</summary>
/// <param name="Yaw">Logits of 66 bins of three degrees, <c>(N, 66)</c>.</param>
/// <param name="Pitch">The same.</param>
/// <param name="Roll">The same.</param>
/// <param name="Translation"><c>(N, 3)</c></param>
/// <param name="Expression">By how much each keypoint is off its place, <c>(N, 3·K)</c>.</param>
public sealed record HeadState(Tensor Yaw, Tensor Pitch, Tensor Roll, Tensor Translation, Tensor Expression) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Yaw, Pitch, Roll, Translation, Expression];
}

/// <summary>A bottleneck whose convolutions have biases: <c>(N, C, H, W) -> (N, C, H/stride, W/stride)</c>.</summary>
internal sealed partial class HeadBlock(int channels, int stride = 1) : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new();

    Conv2d Conv1 { get; } = new(channels, channels / 4, 1);

    Conv2d Conv2 { get; } = new(channels / 4, channels / 4, 3, stride, 1);

    Conv2d Conv3 { get; } = new(channels / 4, channels, 1);

    BatchNorm2d Norm1 { get; } = new(channels / 4);

    BatchNorm2d Norm2 { get; } = new(channels / 4);

    BatchNorm2d Norm3 { get; } = new(channels);

    Conv2d? Skip { get; } = stride == 1 ? null : new Conv2d(channels, channels, 1, stride);

    BatchNorm2d? Norm4 { get; } = stride == 1 ? null : new BatchNorm2d(channels);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) =>
        (x.Through(Conv1, Norm1, Relu, Conv2, Norm2, Relu, Conv3, Norm3) + x.Through(Skip, Norm4)).Relu();
}

/// <summary>
/// Pose and expression of a head: <c>(N, 3, H, W)</c> in [0, 1]. 2011.15126 §3.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/keypoint_detector.py <c>HEEstimator</c>.
/// </summary>
public sealed partial class HeadEstimator(int keypoints = 15, int width = 64, int bins = 66, int imageChannels = 3, int features = 2048)
    : Module<Tensor, HeadState>
{
    private Relu Relu { get; } = new();
    private MaxPool2d Pool { get; } = new(3, 2, 1);

    Conv2d Conv1 { get; } = new(imageChannels, width, 7, 2, 3);

    BatchNorm2d Norm1 { get; } = new(width);

    Conv2d Conv2 { get; } = new(width, features / 8, 1);

    BatchNorm2d Norm2 { get; } = new(features / 8);

    Sequential Block1 { get; } = Blocks("b1", features / 8, 3);

    Conv2d Conv3 { get; } = new(features / 8, features / 4, 1);

    BatchNorm2d Norm3 { get; } = new(features / 4);

    HeadBlock Block2 { get; } = new(features / 4, 2);

    Sequential Block3 { get; } = Blocks("b3", features / 4, 3);

    Conv2d Conv4 { get; } = new(features / 4, features / 2, 1);

    BatchNorm2d Norm4 { get; } = new(features / 2);

    HeadBlock Block4 { get; } = new(features / 2, 2);

    Sequential Block5 { get; } = Blocks("b5", features / 2, 5);

    Conv2d Conv5 { get; } = new(features / 2, features, 1);

    BatchNorm2d Norm5 { get; } = new(features);

    HeadBlock Block6 { get; } = new(features, 2);

    Sequential Block7 { get; } = Blocks("b7", features, 2);

    // The names of the two are exchanged in the released code, and so in its checkpoints.
    [Key("fc_roll")]
    Linear Yaw { get; } = new(features, bins);

    [Key("fc_pitch")]
    Linear Pitch { get; } = new(features, bins);

    [Key("fc_yaw")]
    Linear Roll { get; } = new(features, bins);

    [Key("fc_t")]
    Linear Translation { get; } = new(features, 3);

    [Key("fc_exp")]
    Linear Expression { get; } = new(features, 3 * keypoints);

    /// <inheritdoc/>
    protected override HeadState Forward(Tensor pictures)
    {
        var x = pictures.Through(Conv1, Norm1, Relu, Pool, Conv2, Norm2, Relu, Block1);
        x = x.Through(Conv3, Norm3, Relu, Block2, Block3);
        x = x.Through(Conv4, Norm4, Relu, Block4, Block5);
        var seen = x.Through(Conv5, Norm5, Relu, Block6, Block7).Mean([2, 3]);
        return new HeadState(
            Yaw.Call(seen), Pitch.Call(seen), Roll.Call(seen), Translation.Call(seen), Expression.Call(seen));
    }

    private static Sequential Blocks(string name, int channels, int count)
    {
        var blocks = new Sequential();
        for (int k = 0; k < count; k++) blocks[$"{name}_{k}"] = new HeadBlock(channels);
        return blocks;
    }
}
