using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>A head's angles in degrees, <c>(N)</c> each.</summary>
/// <param name="Yaw">To the side.</param>
/// <param name="Pitch">Up and down.</param>
/// <param name="Roll">To a shoulder.</param>
public sealed record HeadAngles(Tensor Yaw, Tensor Pitch, Tensor Roll) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Yaw, Pitch, Roll];

    /// <summary>The expected angles of a head's bins.</summary>
    public static HeadAngles Of(HeadState head)
    {
        using var scope = new TensorScope();
        return scope.Keep(new HeadAngles(HeadMotion.Degrees(head.Yaw), HeadMotion.Degrees(head.Pitch), HeadMotion.Degrees(head.Roll)));
    }
}

/// <summary>
/// Canonical keypoints turned, moved and expressed: <c>x = R x + t + d</c>. 2011.15126 eq. 1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/model.py.
/// </summary>
public static class HeadMotion
{
    /// <summary>As the released code has it; weights have learned with it.</summary>
    private const double HalfTurn = 3.14;

    /// <summary>The expected angle: bins of three degrees from -99 on. <c>(N, bins) -> (N)</c></summary>
    public static Tensor Degrees(Tensor logits)
    {
        using var scope = new TensorScope();
        var bins = Tensor.Arange(logits.Size(1)).To(logits.Device, logits.DType);
        return scope.Keep(((logits.Softmax(1) * bins).Sum([1]) * 3) - 99);
    }

    /// <summary>About x by the pitch, y by the yaw, z by the roll, the last first: <c>(N, 3, 3)</c>.</summary>
    public static Tensor Rotation(HeadAngles angles)
    {
        using var scope = new TensorScope();
        var pitch = About(angles.Pitch, (cos, sin, zero, one) => [one, zero, zero, zero, cos, -sin, zero, sin, cos]);
        var yaw = About(angles.Yaw, (cos, sin, zero, one) => [cos, zero, sin, zero, one, zero, -sin, zero, cos]);
        var roll = About(angles.Roll, (cos, sin, zero, one) => [cos, -sin, zero, sin, cos, zero, zero, zero, one]);
        return scope.Keep(pitch.Matmul(yaw).Matmul(roll));
    }

    /// <summary>A face's keypoints with a head's state.</summary>
    /// <param name="canonical">Without turning, moving and expression.</param>
    /// <param name="head">What is added.</param>
    /// <param name="angles">Other angles than the head's own, for a free view; null for those.</param>
    public static Keypoints Apply(Keypoints canonical, HeadState head, HeadAngles? angles = null)
    {
        using var scope = new TensorScope();
        var rotation = Rotation(angles ?? HeadAngles.Of(head));
        var turned = canonical.Value.Matmul(rotation.Transpose(1, 2));
        var value = turned + head.Translation.Unsqueeze(1) + head.Expression.Reshape([head.Expression.Size(0), -1, 3]);
        return scope.Keep(new Keypoints(value, canonical.Jacobian is { } jacobian ? rotation.Unsqueeze(1).Matmul(jacobian) : null));
    }

    private static Tensor About(Tensor degrees, Func<Tensor, Tensor, Tensor, Tensor, Tensor[]> rows)
    {
        var angle = degrees / 180 * HalfTurn;
        return Tensor.Stack(rows(angle.Cos(), angle.Sin(), angle.ZerosLike(), angle.OnesLike()), 1).Reshape([-1, 3, 3]);
    }
}
