using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>What is done to the camera's picture.</summary>
public enum CameraAttack
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Signs by chance: what noise of that size does by itself.</summary>
    Random,

    /// <summary>One step along the signs of the gradient (FGSM).</summary>
    Fgsm,

    /// <summary>Five smaller steps, held within the same size (PGD).</summary>
    Pgd,
}

/// <summary>A policy whose camera is tampered with.</summary>
/// <param name="policy">In evaluation.</param>
/// <param name="attack">What is done to pictures.</param>
/// <param name="eps">Most that is added to a pixel, of [0, 1].</param>
/// <param name="random">Of signs by chance.</param>
internal sealed class AttackedDriver(DrivingPolicy policy, CameraAttack attack, double eps, Random random)
{
    private const int Steps = 5;

    /// <summary>What it steers where cars are. The attack wants it as far from the expert as can be.</summary>
    public double[] Steer(LaneCars cars) => Steer(cars.Views, cars.Expert).Steering;

    /// <summary>The same, and the pictures that it saw, <c>(N, 1, 24, 48)</c>.</summary>
    public (double[] Steering, float[] Pictures) Steer(IReadOnlyList<CarView> views, double[] expert)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var pictures = Attacked(CarView.See(views), expert);
        return (policy.Call(pictures).To(DType.Float64).Flatten().ToArray<double>(), pictures.Contiguous().ToArray<float>());
    }

    private Tensor Attacked(Tensor pictures, double[] expert)
    {
        var attacks = new PictureAttacks(policy);
        var targets = Tensor.From([.. expert.Select(value => (float)value)], [expert.Length, 1]);
        switch (attack)
        {
            case CameraAttack.Random:
                float[] signs = new float[pictures.Size(0) * pictures.Size(2) * pictures.Size(3)];
                for (int k = 0; k < signs.Length; k++) signs[k] = random.Next(2) == 0 ? -1 : 1;
                return (pictures + (Tensor.From(signs, pictures.Shape) * eps)).Clamp(0, 1);
            case CameraAttack.Fgsm:
                return attacks.FastGradientSign(pictures, targets, eps);
            case CameraAttack.Pgd:
                return attacks.Projected(pictures, targets, eps, eps / 2, Steps);
            default:
                return pictures;
        }
    }
}
