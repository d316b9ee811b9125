using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>
/// Noise that a person does not see and that turns the wheel: it raises Σ (π(x) - u)². The network is in evaluation, and no gradient
/// reaches its parameters. Pictures stay in [0, 1].
/// </summary>
/// <param name="policy">From pictures to numbers of the shape of the targets.</param>
public sealed class PictureAttacks(Module<Tensor, Tensor> policy)
{
    /// <inheritdoc cref="SignAttack.FastGradientSign"/>
    /// <param name="pictures"><c>(N, C, H, W)</c></param>
    /// <param name="targets">What the policy should answer.</param>
    /// <param name="eps">Of the range [0, 1].</param>
    public Tensor FastGradientSign(Tensor pictures, Tensor targets, double eps) => Of(targets).FastGradientSign(pictures, eps);

    /// <inheritdoc cref="SignAttack.Projected"/>
    /// <param name="pictures"><c>(N, C, H, W)</c></param>
    /// <param name="targets">What the policy should answer.</param>
    /// <param name="eps">Half the box's side.</param>
    /// <param name="step">Of each pixel at each step.</param>
    /// <param name="steps">How many.</param>
    public Tensor Projected(Tensor pictures, Tensor targets, double eps, double step, int steps) =>
        Of(targets).Projected(pictures, eps, step, steps);

    /// <summary>One step of that length along each picture's gradient; this one alone may leave [0, 1].</summary>
    /// <param name="pictures"><c>(N, C, H, W)</c></param>
    /// <param name="targets">What the policy should answer.</param>
    /// <param name="length">In the Euclidean norm of the whole picture.</param>
    public Tensor AlongGradient(Tensor pictures, Tensor targets, double length)
    {
        using var scope = new TensorScope();
        var slope = Of(targets).Slope(pictures);
        var unit = slope / slope.Norm(2, [1, 2, 3], keepdim: true).ClampMin(1e-12);
        return scope.Keep(pictures.Detach() + (unit * length));
    }

    private SignAttack Of(Tensor targets) => new(pictures => (policy.Call(pictures) - targets).Square().Sum());
}
