using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How a motion field is estimated.</summary>
public sealed record MotionFieldConfig
{
    /// <summary>Half the channels of the first level.</summary>
    public int Width { get; init; } = 32;

    /// <summary>The most channels of a level.</summary>
    public int MaxWidth { get; init; } = 1024;

    /// <summary>How often the volume is halved and doubled.</summary>
    public int Levels { get; init; } = 5;

    /// <summary>The volume's depth.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>To how many channels the appearance is brought.</summary>
    public int Compressed { get; init; } = 4;
}

/// <summary>Where each place of the driven face lies in the source.</summary>
/// <param name="Mask">How much each keypoint's motion counts, the identity first, <c>(N, K + 1, D, H, W)</c>.</param>
/// <param name="Deformation">Places in the source from -1 to 1, x first, <c>(N, D, H, W, 3)</c>.</param>
/// <param name="Occlusion">What the source shows, in (0, 1), <c>(N, 1, H, W)</c>; null where it is not estimated.</param>
public sealed record MotionFieldOutput(Tensor Mask, Tensor Deformation, Tensor? Occlusion) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Occlusion is null ? [Mask, Deformation] : [Mask, Deformation, Occlusion];
}

/// <summary>
/// A mixture of the keypoints' motions at each place: (appearance <c>(N, C, D, H, W)</c>, driving, source keypoints). 2011.15126 §3.2;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/dense_motion.py.
/// </summary>
public sealed partial class MotionField : Module<Tensor, Keypoints, Keypoints, MotionFieldOutput>
{
    private const double Variance = 0.01;

    /// <summary>PyTorch's default initial weights.</summary>
    /// <param name="keypoints">How many.</param>
    /// <param name="channels">Of the appearance.</param>
    /// <param name="config">The rest.</param>
    /// <param name="hasOcclusion">Whether it says what the source does not show.</param>
    public MotionField(int keypoints, int channels, MotionFieldConfig config, bool hasOcclusion = true)
    {
        Hourglass = new Hourglass(config.Width, (keypoints + 1) * (config.Compressed + 1), config.Levels, config.MaxWidth);
        Mask = new Conv3d(Hourglass.Outputs, keypoints + 1, 7, padding: 3);
        Compress = new Conv3d(channels, config.Compressed, 1);
        Norm = new BatchNorm3d(config.Compressed);
        Occlusion = hasOcclusion ? new Conv2d(Hourglass.Outputs * config.Depth, 1, 7, padding: 3) : null;
    }

    Hourglass Hourglass { get; }

    Conv3d Mask { get; }

    Conv3d Compress { get; }

    BatchNorm3d Norm { get; }

    Conv2d? Occlusion { get; }

    /// <summary>
    /// Where each place lies if it moves with one keypoint, or not at all, which comes first:
    /// <c>(N, K + 1, D, H, W, 3)</c>, from the driven face back to the source.
    /// </summary>
    /// <param name="volume">Of which the size is wanted, <c>(N, C, D, H, W)</c>.</param>
    /// <param name="driving">Keypoints of the driving frame.</param>
    /// <param name="source">Keypoints of the source.</param>
    public static Tensor SparseMotions(Tensor volume, Keypoints driving, Keypoints source)
    {
        using var scope = new TensorScope();
        var still = VolumeGrid.Of(volume.Size(2), volume.Size(3), volume.Size(4), volume); // (D, H, W, 3)
        var offset = still - Wide(driving.Value);
        if (driving.Jacobian is { } turned && source.Jacobian is { } original)
        {
            var turn = original.Matmul(Functional.LinalgInv(turned)).Unsqueeze(2).Unsqueeze(2).Unsqueeze(2); // (N, K, 1, 1, 1, 3, 3)
            offset = turn.Matmul(offset.Unsqueeze(-1)).Squeeze(-1);
        }

        var moved = offset + Wide(source.Value);
        return scope.Keep(Tensor.Cat([still.Unsqueeze(0).Unsqueeze(0).Expand([moved.Size(0), 1, .. still.Shape]), moved], 1));
    }

    /// <summary>The volume moved each of those ways: <c>(N, K + 1, C, D, H, W)</c>.</summary>
    public static Tensor Deformed(Tensor volume, Tensor motions)
    {
        using var scope = new TensorScope();
        var shape = volume.Shape.ToArray();
        long count = motions.Size(1);
        var repeated = volume.Unsqueeze(1).Expand([shape[0], count, .. shape[1..]]).Reshape([-1, .. shape[1..]]);
        var sampled = VolumeGrid.Sample(repeated, motions.Reshape([-1, .. shape[2..], 3]));
        return scope.Keep(sampled.Reshape([shape[0], count, .. shape[1..]]));
    }

    /// <summary>Where keypoints come from and go to, the identity's zeros first: <c>(N, K + 1, 1, D, H, W)</c>.</summary>
    public static Tensor Heatmaps(Tensor volume, Keypoints driving, Keypoints source)
    {
        using var scope = new TensorScope();
        var places = VolumeGrid.Of(volume.Size(2), volume.Size(3), volume.Size(4), volume);
        var difference = Gaussian(driving) - Gaussian(source); // (N, K, D, H, W)
        return scope.Keep(Tensor.Cat([difference.Narrow(1, 0, 1).ZerosLike(), difference], 1).Unsqueeze(2));

        Tensor Gaussian(Keypoints keypoints)
        {
            var offset = places - Wide(keypoints.Value);
            return ((offset * offset).Sum([5]) * (-0.5 / Variance)).Exp();
        }
    }

    /// <inheritdoc/>
    protected override MotionFieldOutput Forward(Tensor volume, Keypoints driving, Keypoints source)
    {
        var compressed = Norm.Call(Compress.Call(volume)).Relu();
        var motions = SparseMotions(compressed, driving, source);
        var input = Tensor.Cat([Heatmaps(compressed, driving, source), Deformed(compressed, motions)], 2);
        var features = Hourglass.Call(input.Flatten(1, 2));
        var mask = Mask.Call(features).Softmax(1);
        var deformation = (motions * mask.Unsqueeze(-1)).Sum([1]);
        return new MotionFieldOutput(mask, deformation, Occlusion?.Call(features.Flatten(1, 2)).Sigmoid());
    }

    /// <summary><c>(N, K, 3) -> (N, K, 1, 1, 1, 3)</c></summary>
    private static Tensor Wide(Tensor keypoints) => keypoints.Unsqueeze(2).Unsqueeze(2).Unsqueeze(2);
}
