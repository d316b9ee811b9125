using Sconce.Torch;

namespace Sconce.Metrics;

/// <summary>
/// The kernel distance of two sets of features: the squared maximum mean discrepancy under <c>(x·y / D + 1)³</c>, unbiased, so that small
/// sets can be compared and it may fall below 0. With Inception's features it is the KID of 1801.01401.
/// </summary>
public static class KernelDistance
{
    /// <summary>The mean over random subsets, and the deviation between them.</summary>
    /// <param name="first">Features <c>(N, D)</c>.</param>
    /// <param name="second">Features <c>(M, D)</c>.</param>
    /// <param name="subsets">How many.</param>
    /// <param name="size">Features of each set in a subset; fewer where there are fewer.</param>
    /// <param name="seed">Of the subsets.</param>
    /// <exception cref="ArgumentException">Widths differ, or a set has fewer than two features.</exception>
    public static (double Mean, double Deviation) Of(Tensor first, Tensor second, int subsets = 100, int size = 1000, int seed = 0)
    {
        FeatureSets.Check(first, second, 2);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int count = (int)Math.Min(size, Math.Min(first.Size(0), second.Size(0)));
        if (count == first.Size(0) && count == second.Size(0)) return (Discrepancy(first.To(DType.Float64), second.To(DType.Float64)), 0);
        var random = new Random(seed);
        var values = new double[subsets];
        for (int k = 0; k < subsets; k++)
        {
            using var inner = new TensorScope();
            values[k] = Discrepancy(Subset(first, count, random), Subset(second, count, random));
        }

        double mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }

    private static Tensor Subset(Tensor features, int count, Random random)
    {
        var places = Enumerable.Range(0, (int)features.Size(0)).ToArray();
        random.Shuffle(places);
        return features.IndexSelect(0, Tensor.From([.. places.Take(count).Select(place => (long)place)]).To(features.Device))
            .To(DType.Float64);
    }

    private static double Discrepancy(Tensor x, Tensor y)
    {
        double n = x.Size(0), m = y.Size(0);
        Tensor within = Kernel(x, x), other = Kernel(y, y);
        double first = (within.Sum() - within.Trace()).Item<double>() / (n * (n - 1));
        double second = (other.Sum() - other.Trace()).Item<double>() / (m * (m - 1));
        return first + second - (2 * Kernel(x, y).Mean().Item<double>());
    }

    private static Tensor Kernel(Tensor x, Tensor y) => (x.Matmul(y.T()) / x.Size(1) + 1).Pow(3);
}

/// <summary>
/// Precision (how many generated features lie within the real ones' manifold) and recall (how many real ones lie within the generated
/// ones'), both in [0, 1]. A manifold is the union of balls about its features that reach to their k-th nearest neighbour. 1904.06991
/// equations 1 and 2.
/// </summary>
public static class ManifoldPrecision
{
    /// <summary>Precision and recall.</summary>
    /// <param name="real">Features <c>(N, D)</c>.</param>
    /// <param name="generated">Features <c>(M, D)</c>; 1904.06991 §3 takes as many.</param>
    /// <param name="neighbours">k; a point is not its own neighbour.</param>
    /// <exception cref="ArgumentException">Widths differ, or a set has not more features than k.</exception>
    public static (double Precision, double Recall) Of(Tensor real, Tensor generated, int neighbours = 3)
    {
        FeatureSets.Check(real, generated, neighbours + 1);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Tensor truth = real.To(Device.Cpu, DType.Float64), answer = generated.To(Device.Cpu, DType.Float64);
        return (Covered(answer, truth, neighbours), Covered(truth, answer, neighbours));
    }

    /// <summary>
    /// For each feature the nearest of another set, <c>(N, D), (M, D) -> distances (N), places (N)</c>: has a sample been memorised?
    /// </summary>
    public static (Tensor Distances, Tensor Places) Nearest(Tensor features, Tensor among)
    {
        FeatureSets.Check(features, among, 1);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var (distances, places) = Functional.Cdist(features.To(DType.Float64), among.To(DType.Float64)).Min(1);
        return scope.Keep((distances, places));
    }

    /// <summary>The share of the points that lie in a ball about one of the others.</summary>
    private static double Covered(Tensor points, Tensor manifold, int neighbours)
    {
        var radii = Functional.Cdist(manifold, manifold).Kthvalue(neighbours + 1, 1).Values; // the nearest is the point itself
        return (Functional.Cdist(points, manifold) <= radii.Unsqueeze(0)).Any(1).To(DType.Float64).Mean().Item<double>();
    }
}

internal static class FeatureSets
{
    internal static void Check(Tensor first, Tensor second, int least)
    {
        bool fits = first.Dimensions == 2 && second.Dimensions == 2 && first.Size(1) == second.Size(1);
        if (!fits)
        {
            string one = string.Join(", ", first.Shape.ToArray()), other = string.Join(", ", second.Shape.ToArray());
            throw new ArgumentException($"features of shapes [{one}] and [{other}]: two sets (N, D) of one width are compared");
        }

        if (Math.Min(first.Size(0), second.Size(0)) < least)
        {
            throw new ArgumentException($"{first.Size(0)} and {second.Size(0)} features: {least} of each are needed at least");
        }
    }
}
