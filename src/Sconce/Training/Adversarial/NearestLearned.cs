using Sconce.Torch;

namespace Sconce.Training;

/// <summary>The distance of each of some pictures to the nearest of many, which come batch by batch and are not kept.</summary>
/// <param name="asked">Features of those that are asked about, <c>(N, D)</c>; not owned.</param>
/// <param name="own">Of each its number among the many, where it is one of them, so that it is not its own neighbour; -1 else.</param>
internal sealed class NearestLearned(Tensor asked, IReadOnlyList<int> own)
{
    // Differences, not products: a copy is to have no distance at all.
    private const long WithoutProducts = 2;
    private readonly double[] nearest = [.. Enumerable.Repeat(double.PositiveInfinity, own.Count)];

    /// <summary>Distances; infinite before anything came.</summary>
    public IReadOnlyList<double> Distances => nearest;

    /// <summary>Some of the many.</summary>
    /// <param name="features"><c>(M, D)</c></param>
    /// <param name="numbers">Of each.</param>
    public void Add(Tensor features, IReadOnlyList<int> numbers)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        double[] all = Functional.Cdist(asked.To(DType.Float64), features.To(DType.Float64), 2, WithoutProducts).ToArray<double>();
        for (int row = 0; row < nearest.Length; row++)
        {
            for (int column = 0; column < numbers.Count; column++)
            {
                if (numbers[column] == own[row]) continue;
                nearest[row] = Math.Min(nearest[row], all[(row * numbers.Count) + column]);
            }
        }
    }
}
