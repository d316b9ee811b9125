using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Looks;

/// <summary>
/// What a map has that speaks for a score: its channels weighed by their mean gradients, and cut below 0; 1610.02391 §3.
/// </summary>
internal static class GradientMap
{
    /// <summary>The largest is 1; all zeros where nothing speaks for the score.</summary>
    /// <param name="map"><c>(1, C, h, w)</c>, or tokens <c>(1, tokens, C)</c>, which are laid on a square grid.</param>
    /// <param name="slope">The score's gradient there.</param>
    public static HeatMap Of(Tensor map, Tensor slope)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        Tensor maps = Grid(map), slopes = Grid(slope);
        var heat = (maps * slopes.Mean([2, 3], keepdim: true)).Sum([1]).Relu()[0].To(DType.Float64).Cpu();
        double largest = heat.Max().Item<double>();
        double[] values = (largest > 0 ? heat / largest : heat).ToArray<double>();
        return new HeatMap(values, (int)heat.Size(1), (int)heat.Size(0));
    }

    /// <summary>Tokens before the largest square, such as the class token, are left out.</summary>
    private static Tensor Grid(Tensor answer)
    {
        if (answer.Dimensions == 4) return answer;
        if (answer.Dimensions != 3)
            throw new UsageException($"a layer that answers with {answer.Dimensions} dimensions has no places that could be shown");
        long tokens = answer.Size(1), side = (long)Math.Sqrt(tokens);
        return answer.Narrow(1, tokens - (side * side), side * side).Transpose(1, 2)
            .Reshape([answer.Size(0), answer.Size(2), side, side]);
    }
}
