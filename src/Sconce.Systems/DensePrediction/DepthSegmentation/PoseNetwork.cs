using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How a camera moved, for each of some frames: <c>(N, frames, 1, 3)</c> each.</summary>
/// <param name="AxisAngle">The axis times the angle in radians.</param>
/// <param name="Translation">In the unknown unit of the depths.</param>
public sealed record CameraMotion(Tensor AxisAngle, Tensor Translation) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [AxisAngle, Translation];
}

/// <summary>
/// Camera motion from an encoder's last maps, small at first: <c>(N, channels, h, w) -> </c> six numbers a frame. 1806.01260 §3.4;
/// lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 models/pose_decoder.py.
/// </summary>
public sealed partial class PoseDecoder : Module
{
    private const int Width = 256;

    private readonly int frames;

    /// <summary>PyTorch's default initial weights.</summary>
    /// <param name="channels">Of the encoder's last map.</param>
    /// <param name="inputs">How many encoders' maps come in.</param>
    /// <param name="frames">For how many frames it answers.</param>
    /// <param name="stride">Of both 3x3 convolutions.</param>
    public PoseDecoder(int channels, int inputs = 1, int frames = 2, int stride = 1)
    {
        this.frames = frames;
        Net = new ModuleList<Conv2d>(
            new Conv2d(channels, Width, 1),
            new Conv2d(inputs * Width, Width, 3, stride, 1),
            new Conv2d(Width, Width, 3, stride, 1),
            new Conv2d(Width, 6 * frames, 1));
    }

    ModuleList<Conv2d> Net { get; }

    /// <summary>The motion seen.</summary>
    /// <param name="encoded">The last map of each encoder, <c>(N, channels, h, w)</c>.</param>
    public CameraMotion Motion(params IReadOnlyList<Tensor> encoded)
    {
        using var scope = new TensorScope();
        var x = Tensor.Cat([.. encoded.Select(map => Net[0].Call(map).Relu())], 1);
        x = Net[3].Call(Net[2].Call(Net[1].Call(x).Relu()).Relu());
        var numbers = x.Mean([2, 3]).Reshape([-1, frames, 1, 6]) * 0.01;
        return scope.Keep(new CameraMotion(numbers.Narrow(3, 0, 3), numbers.Narrow(3, 3, 3)));
    }
}

/// <summary>A camera's motion as a matrix.</summary>
public static class CameraTransform
{
    /// <summary>The rigid motion of <c>(N, 1, 3)</c> and <c>(N, 1, 3)</c>, or its inverse: <c>(N, 4, 4)</c>.</summary>
    /// <param name="axisAngle">The axis times the angle in radians.</param>
    /// <param name="translation">After the rotation.</param>
    /// <param name="inverse">The way back, as frames before the one in question need it.</param>
    public static Tensor Of(Tensor axisAngle, Tensor translation, bool inverse = false)
    {
        using var scope = new TensorScope();
        var rotation = Rotation(axisAngle); // (N, 3, 3)
        var offset = translation.Reshape([-1, 3, 1]);
        if (inverse)
        {
            rotation = rotation.Transpose(1, 2);
            offset = -rotation.Matmul(offset);
        }

        var last = Tensor.From([0f, 0, 0, 1], [1, 1, 4]).To(offset.Device, offset.DType).Expand([offset.Size(0), 1, 4]);
        return scope.Keep(Tensor.Cat([Tensor.Cat([rotation, offset], 2), last], 1));
    }

    /// <summary>Rodrigues' formula: <c>(N, 1, 3) -> (N, 3, 3)</c>.</summary>
    private static Tensor Rotation(Tensor axisAngle)
    {
        var vector = axisAngle.Reshape([-1, 3]);
        var angle = vector.Norm(2, [1], keepdim: true);
        var axis = vector / (angle + 1e-7);
        Tensor cos = angle.Cos().Unsqueeze(2), sin = angle.Sin().Unsqueeze(2); // (N, 1, 1)
        Tensor x = axis[.., 0], y = axis[.., 1], z = axis[.., 2], zero = x.ZerosLike();
        var cross = Tensor.Stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).Reshape([-1, 3, 3]);
        var outer = axis.Unsqueeze(2) * axis.Unsqueeze(1);
        return (Tensor.Eye(3).To(axis.Device, axis.DType) * cos) + (cross * sin) + (outer * (1 - cos));
    }
}
