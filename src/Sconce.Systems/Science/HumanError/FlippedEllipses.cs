using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>How often an annotator writes what is there.</summary>
/// <param name="Foreground">P(foreground | foreground).</param>
/// <param name="Background">P(background | background).</param>
internal readonly record struct Reliability(double Foreground, double Background);

/// <summary>Pictures of one bright ellipse in noise, its mask, and annotators who flip pixels independently.</summary>
internal static class FlippedEllipses
{
    internal const int Side = 24, Classes = 2;

    /// <summary>Pictures <c>(count, 1, 24, 24)</c> and masks <c>(count, 24, 24)</c> of 0 and 1.</summary>
    internal static (Tensor Pictures, Tensor Masks) Sample(int count, Generator generator)
    {
        using var scope = new TensorScope();
        var place = ((Tensor.Arange(Side).To(DType.Float32) + 0.5) / Side * 2) - 1;
        var (x, y) = (place.Reshape([1, 1, -1]) - Between(-0.4, 0.4), place.Reshape([1, -1, 1]) - Between(-0.4, 0.4));
        var inside = (x / Between(0.25, 0.5)).Square() + (y / Between(0.25, 0.5)).Square() <= 1; // (count, 24, 24)
        var pictures = (inside.To(DType.Float32) * Between(0.5, 1))
            + (Tensor.Empty([count, Side, Side], DType.Float32).NormalInPlace(0, 1, generator) * 0.25);
        return scope.Keep((pictures.Unsqueeze(1), inside.To(DType.Int64)));

        Tensor Between(double low, double high) => Tensor.Empty([count, 1, 1], DType.Float32).UniformInPlace(low, high, generator);
    }

    /// <summary>What one annotator writes.</summary>
    internal static Tensor Annotate(Tensor masks, Reliability annotator, Generator generator)
    {
        using var scope = new TensorScope();
        var right = Functional.Where(masks.Eq(1), Tensor.FromScalar((float)annotator.Foreground),
            Tensor.FromScalar((float)annotator.Background));
        var kept = Tensor.Empty(masks.Shape, DType.Float32).UniformInPlace(0, 1, generator) < right;
        return scope.Keep(Functional.Where(kept, masks, 1 - masks));
    }
}
