using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>Points that stand for many.</summary>
public static class KMeans
{
    private const double Smallest = 1e-12;

    /// <summary>
    /// Points of the data, far from each other: each next one is drawn with a chance in proportion to its squared distance from the nearest
    /// so far (k-means++, Arthur and Vassilvitskii 2007). From libtorch's own generator.
    /// </summary>
    /// <param name="points"><c>(points, width)</c></param>
    /// <param name="count">How many; at most as many as there are points.</param>
    /// <returns><c>(count, width)</c></returns>
    public static Tensor Seeds(Tensor points, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, points.Size(0));
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        List<Tensor> seeds = [points.IndexSelect(0, Tensor.Randint(points.Size(0), [1], DType.Int64).To(points.Device))];
        var nearest = (points - seeds[0]).Square().Sum([1]);
        while (seeds.Count < count)
        {
            using var step = new TensorScope();
            var place = (nearest + Smallest).Cpu().Multinomial(1).To(points.Device);
            seeds.Add(step.Keep(points.IndexSelect(0, place)));
            nearest = step.Keep(nearest.Minimum((points - seeds[^1]).Square().Sum([1])));
        }

        return scope.Keep(Tensor.Cat([.. seeds], 0));
    }

    /// <summary>Lloyd's steps: each centre moves to the mean of the points nearest to it; one without any stays.</summary>
    /// <param name="points"><c>(points, width)</c></param>
    /// <param name="centres"><c>(count, width)</c></param>
    /// <param name="steps">How many.</param>
    public static Tensor Refined(Tensor points, Tensor centres, int steps)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        for (int k = 0; k < steps; k++)
        {
            var choice = Nearest(points, centres).OneHot(centres.Size(0)).To(points.DType); // (points, count)
            var counts = choice.Sum([0]).Unsqueeze(1);
            centres = Functional.Where(counts > 0, choice.T().Matmul(points) / counts.ClampMin(1), centres);
        }

        return scope.Keep(centres * 1);
    }

    /// <summary>The number of the nearest centre of each point, the first among equals: <c>(points, width) -> (points)</c>.</summary>
    public static Tensor Nearest(Tensor points, Tensor centres)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var distances = centres.Square().Sum([1]) - (points.Matmul(centres.T()) * 2);
        return scope.Keep(distances.Argmin(1));
    }
}
