using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>
/// Noise of the gradient's sign that raises a loss; the network is in evaluation, no gradient reaches its parameters, pictures stay in
/// [0, 1], and the sign of 0 is 0.
/// </summary>
/// <param name="loss">Of pictures <c>(N, C, H, W)</c> in [0, 1]: one number, a sum over the pictures; <c>-> ()</c>.</param>
public sealed class SignAttack(Func<Tensor, Tensor> loss)
{
    /// <summary>The fast gradient sign method: one step of that size in each pixel; 1412.6572 §4.</summary>
    /// <param name="pictures"><c>(N, C, H, W)</c></param>
    /// <param name="epsilon">Of the range [0, 1].</param>
    public Tensor FastGradientSign(Tensor pictures, double epsilon)
    {
        using var scope = new TensorScope();
        return scope.Keep((pictures.Detach() + (Slope(pictures).Sign() * epsilon)).Clamp(0, 1));
    }

    /// <summary>
    /// Projected gradient descent from the picture itself: small steps of sign, held in a box around it; 1706.06083 §2.1.
    /// </summary>
    /// <param name="pictures"><c>(N, C, H, W)</c></param>
    /// <param name="epsilon">Half the box's side.</param>
    /// <param name="step">Of each pixel at each step.</param>
    /// <param name="steps">How many.</param>
    public Tensor Projected(Tensor pictures, double epsilon, double step, int steps)
    {
        using var scope = new TensorScope();
        var origin = pictures.Detach();
        var attacked = origin;
        for (int k = 0; k < steps; k++)
        {
            var moved = attacked + (Slope(attacked).Sign() * step);
            attacked = (origin + (moved - origin).Clamp(-epsilon, epsilon)).Clamp(0, 1);
        }

        return scope.Keep(attacked);
    }

    /// <summary>The control: signs that mean nothing, of the same size.</summary>
    /// <param name="pictures"><c>(N, C, H, W)</c></param>
    /// <param name="epsilon">Of the range [0, 1].</param>
    /// <param name="generator">Of the signs, on the processor.</param>
    public static Tensor RandomSigns(Tensor pictures, double epsilon, Generator generator)
    {
        using var scope = new TensorScope();
        var signs = (Tensor.Rand([.. pictures.Shape], generator) - 0.5).Sign().To(pictures.Device);
        return scope.Keep((pictures.Detach() + (signs * epsilon)).Clamp(0, 1));
    }

    /// <summary>The loss's gradient with respect to the pictures alone.</summary>
    public Tensor Slope(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var gradients = Gradients.On();
        var leaf = pictures.Detach().WithGrad();
        return scope.Keep(Gradients.Of([loss(leaf)], [leaf])[0]);
    }
}
