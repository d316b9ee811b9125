using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>
/// What a picture is optimised for, from the activations <c>(N, C, H, W)</c> of a layer; lucid's objectives.py. All but the penalties are
/// to be raised.
/// </summary>
public static class Objectives
{
    private const double Eps = 1e-4, LeastCosine = 0.1;

    /// <summary>A channel's mean.</summary>
    public static Tensor Channel(Tensor activations, int channel) => activations.Select(1, channel).Mean();

    /// <summary>A channel's unit in the middle.</summary>
    public static Tensor Neuron(Tensor activations, int channel) =>
        activations[.., channel, (int)activations.Size(2) / 2, (int)activations.Size(3) / 2].Mean();

    /// <summary>How far activations go in a direction; with a power, how well they agree with it besides.</summary>
    /// <param name="activations">Of a layer.</param>
    /// <param name="direction"><c>(C)</c>.</param>
    /// <param name="cosinePower">Of the cosine, which is 0.1 at least; 0 for none.</param>
    public static Tensor Direction(Tensor activations, Tensor direction, double cosinePower = 0)
    {
        using var scope = new TensorScope();
        var along = (activations * direction.Reshape([-1, 1, 1])).Sum([1]);
        if (cosinePower == 0) return scope.Keep(along.Mean());
        var cosine = along / (activations.Norm(2, [1]) + Eps) / (direction.Norm() + Eps);
        return scope.Keep((along * cosine.ClampMin(LeastCosine).Pow(cosinePower)).Mean());
    }

    /// <summary>A penalty: the sum of absolute differences between neighbours.</summary>
    public static Tensor TotalVariation(Tensor activations)
    {
        using var scope = new TensorScope();
        var down = activations[.., .., 1.., ..] - activations[.., .., ..^1, ..];
        var right = activations[.., .., .., 1..] - activations[.., .., .., ..^1];
        return scope.Keep(down.Abs().Sum() + right.Abs().Sum());
    }

    /// <summary>A penalty: the distance of everything from a constant.</summary>
    public static Tensor L2(Tensor activations, double constant = 0, double eps = 1e-6)
    {
        using var scope = new TensorScope();
        return scope.Keep(((activations - constant).Square().Sum() + eps).Sqrt());
    }

    /// <summary>A penalty: how alike the pictures of a batch are, by the channels that go together in each.</summary>
    public static Tensor Likeness(Tensor activations)
    {
        using var scope = new TensorScope();
        var flat = activations.Flatten(2, 3);
        var grams = flat.Matmul(flat.Transpose(1, 2)).Flatten(1, 2);                        // (N, C²)
        grams /= grams.Square().Sum([1], keepdim: true).ClampMin(1e-10).Sqrt();
        var products = grams.Matmul(grams.T());
        return scope.Keep((products.Sum() - products.Trace()) / activations.Size(0));
    }
}
