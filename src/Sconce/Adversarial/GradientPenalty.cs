using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>
/// Penalties on the discriminator's gradient by its input. They are differentiated again: every operator in between needs second
/// derivatives.
/// </summary>
public static class GradientPenalty
{
    /// <summary>
    /// The mean over the examples of |∂D/∂x|². With real examples R1 (1801.04406 equation 9, without its γ/2), with fakes R2.
    /// </summary>
    /// <param name="judgements">The discriminator's numbers of the examples, each of its own example alone.</param>
    /// <param name="inputs">
    /// What it judged, <c>(N, …)</c>, on the tape: where an augmentation lies between, those before it or those behind.
    /// </param>
    /// <exception cref="ArgumentException">The inputs are not on the tape.</exception>
    public static Tensor SquaredNorm(Tensor judgements, Tensor inputs)
    {
        using var scope = new TensorScope();
        return scope.Keep(Gradient(judgements, inputs).Square().Flatten(1).Sum([1]).Mean());
    }

    /// <summary>R1 of examples: judged on a copy, so that theirs stay off the tape.</summary>
    /// <param name="judge">The discriminator, with its augmentation.</param>
    /// <param name="examples">Real ones, <c>(N, …)</c>.</param>
    public static Tensor R1(Func<Tensor, Tensor> judge, Tensor examples)
    {
        using var scope = new TensorScope();
        var inputs = examples.Detach();
        inputs.RequiresGrad = true;
        return scope.Keep(SquaredNorm(judge(inputs), inputs));
    }

    /// <summary>
    /// The mean of (|∂D/∂x| − target)² at random points between real examples and fakes. 1704.00028 equation 3, without its λ.
    /// </summary>
    /// <param name="judge">The discriminator.</param>
    /// <param name="real">Real examples, <c>(N, …)</c>.</param>
    /// <param name="fake">As many fakes.</param>
    /// <param name="target">The length wanted.</param>
    /// <param name="generator">Draws the points.</param>
    public static Tensor Interpolated(Func<Tensor, Tensor> judge, Tensor real, Tensor fake, double target = 1, Generator? generator = null)
    {
        using var scope = new TensorScope();
        long[] shape = [real.Size(0), .. Enumerable.Repeat(1L, real.Dimensions - 1)];
        var share = Tensor.Empty(shape, real.DType, device: real.Device).UniformInPlace(0, 1, generator);
        var between = real.Detach().Lerp(fake.Detach(), share);
        between.RequiresGrad = true;
        var lengths = (Gradient(judge(between), between).Square().Flatten(1).Sum([1]) + 1e-12).Sqrt(); // a root at 0 has no derivative
        return scope.Keep((lengths - target).Square().Mean());
    }

    private static Tensor Gradient(Tensor judgements, Tensor inputs)
    {
        if (!inputs.RequiresGrad)
        {
            throw new ArgumentException(
                "gradient penalty: the inputs are not on the tape; ask for their gradient before they are judged", nameof(inputs));
        }
        return Gradients.Of([judgements.Sum()], [inputs], createGraph: true)[0];
    }
}
