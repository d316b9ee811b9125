using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// A picture bent at random: an affine map, and thin plates pushed at a grid of points. 2011.15126 A.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/model.py <c>Transform</c>.
/// </summary>
/// <param name="Affine"><c>(N, 2, 3)</c></param>
/// <param name="Pushes">How much each point of a square grid pushes, <c>(N, 1, points²)</c>; null for the affine map alone.</param>
public sealed record FrameBend(Tensor Affine, Tensor? Pushes) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Pushes is null ? [Affine] : [Affine, Pushes];

    /// <summary>One drawn for each picture of a batch.</summary>
    /// <param name="count">How many pictures.</param>
    /// <param name="affine">The deviation of the affine map from the identity.</param>
    /// <param name="plate">The deviation of the pushes.</param>
    /// <param name="points">Points along a side.</param>
    public static FrameBend Draw(long count, double affine = 0.05, double plate = 0.005, int points = 5)
    {
        using var scope = new TensorScope();
        return scope.Keep(Of(Tensor.Randn([count, 2, 3]) * affine, Tensor.Randn([count, 1, points * points]) * plate));
    }

    /// <summary>One of given deviations from the identity.</summary>
    public static FrameBend Of(Tensor affine, Tensor? pushes)
    {
        using var scope = new TensorScope();
        var identity = Tensor.From([1f, 0, 0, 0, 1, 0], [1, 2, 3]).To(affine.Device, affine.DType);
        return scope.Keep(new FrameBend(affine + identity, pushes));
    }

    /// <summary>The pictures bent, mirrored beyond their edges: <c>(N, C, H, W) -> (N, C, H, W)</c>.</summary>
    public Tensor Apply(Tensor pictures)
    {
        using var scope = new TensorScope();
        long height = pictures.Size(2), width = pictures.Size(3);
        var places = Bent(VolumeGrid.Flat(height, width, pictures).Reshape([1, -1, 2]));
        return scope.Keep(Functional.GridSampler(pictures, places.Reshape([-1, height, width, 2]), 0, 2, false));
    }

    /// <summary>Where places lie before they are bent: <c>(N or 1, P, 2) -> (N, P, 2)</c>.</summary>
    public Tensor Bent(Tensor places)
    {
        using var scope = new TensorScope();
        var moved = places.Matmul(Affine.Narrow(2, 0, 2).Transpose(1, 2)) + Affine.Narrow(2, 2, 1).Transpose(1, 2);
        if (Pushes is null) return scope.Keep(moved);
        long points = (long)Math.Round(Math.Sqrt(Pushes.Size(2)));
        var grid = VolumeGrid.Flat(points, points, places).Reshape([1, 1, -1, 2]);
        var distance = (places.Unsqueeze(2) - grid).Abs().Sum([3]); // (N, P, points²)
        var push = (distance * distance * (distance + 1e-6).Log() * Pushes).Sum([2], keepdim: true);
        return scope.Keep(moved + push);
    }
}

/// <summary>
/// What keeps keypoints meaningful and the estimators honest, each <c>()</c> without a weight. 2011.15126 §3.3, A.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/model.py.
/// </summary>
public static class FaceLosses
{
    /// <summary>Keypoints of a bent frame, bent back, are those of the frame.</summary>
    /// <param name="driving">Of the frame.</param>
    /// <param name="bent">Of the bent frame.</param>
    /// <param name="bend">How it was bent.</param>
    public static Tensor Equivariance(Keypoints driving, Keypoints bent, FrameBend bend)
    {
        using var scope = new TensorScope();
        return scope.Keep((driving.Value.Narrow(2, 0, 2) - bend.Bent(bent.Value.Narrow(2, 0, 2))).Abs().Mean());
    }

    /// <summary>
    /// Keypoints keep away from each other, each from itself too as the released code has it, and their mean depth at a place.
    /// </summary>
    /// <param name="keypoints">Of the driving frame.</param>
    /// <param name="distance">Squared, under which two are too near.</param>
    /// <param name="depth">The mean depth.</param>
    public static Tensor Spread(Keypoints keypoints, double distance = 0.1, double depth = 0.33)
    {
        using var scope = new TensorScope();
        var offset = keypoints.Value.Unsqueeze(2) - keypoints.Value.Unsqueeze(1) + 1e-6; // (N, K, K, 3)
        var near = (distance - (offset * offset).Sum([3])).Relu().Mean([0]).Sum();
        var off = (keypoints.Value.Select(2, 2).Mean([1]) - depth).Abs().Mean();
        return scope.Keep(near + off);
    }

    /// <summary>By how many degrees the three angles differ from a teacher's.</summary>
    public static Tensor HeadPose(HeadAngles angles, HeadAngles teacher)
    {
        using var scope = new TensorScope();
        return scope.Keep(
            (angles.Yaw - teacher.Yaw).Abs().Mean()
            + (angles.Pitch - teacher.Pitch).Abs().Mean()
            + (angles.Roll - teacher.Roll).Abs().Mean());
    }

    /// <summary>Expressions are small: the mean over a batch of the sum of absolute offsets.</summary>
    public static Tensor Expression(Tensor expression)
    {
        using var scope = new TensorScope();
        return scope.Keep(expression.Abs().Sum([1]).Mean());
    }

    /// <summary>A painted frame looks to the discriminator as a real one does: the mean difference of each map, summed.</summary>
    public static Tensor FeatureMatching(IReadOnlyList<Tensor> real, IReadOnlyList<Tensor> painted)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.Stack([.. real.Zip(painted, (wanted, made) => (wanted - made).Abs().Mean())]).Sum());
    }
}
