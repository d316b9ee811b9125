using Sconce.Metrics;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Metrics;

public sealed class FeatureSetTests
{
    [Fact]
    public void The_kernel_distance_is_the_sums_written_out()
    {
        using var scope = new TensorScope();
        // kernel (xy + 1)³ in one dimension: within x 1·1... of {0, 1}: 1; within {2, 3}: 343; between: (1, 1, 27, 64)
        var (mean, deviation) = KernelDistance.Of(Tensor.From([0f, 1f], [2, 1]), Tensor.From([2f, 3f], [2, 1]));
        Assert.Equal(1 + 343 - (2 * 93 / 4.0), mean, 1e-9);
        Assert.Equal(0, deviation);
    }

    [Fact]
    public void Sets_of_one_distribution_are_near_and_shifted_ones_are_not()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(4);
        Tensor Draw() => Tensor.Empty([400, 8], DType.Float32).NormalInPlace(0, 1, generator);
        double same = KernelDistance.Of(Draw(), Draw(), subsets: 20, size: 200).Mean;
        double shifted = KernelDistance.Of(Draw(), Draw() + 1, subsets: 20, size: 200).Mean;
        Assert.InRange(same, -0.2, 0.2);
        Assert.True(shifted > 1);
        Tensor first = Draw(), second = Draw();
        Assert.Equal(KernelDistance.Of(first, second, 3, 100, seed: 1), KernelDistance.Of(first, second, 3, 100, seed: 1));
        Assert.NotEqual(KernelDistance.Of(first, second, 3, 100, seed: 1), KernelDistance.Of(first, second, 3, 100, seed: 2));
    }

    [Fact]
    public void Precision_sees_strangers_and_recall_sees_what_is_missing()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(5);
        var left = Tensor.Empty([100, 4], DType.Float32).NormalInPlace(0, 1, generator);
        var real = Tensor.Cat([left, left + 100], 0);
        Assert.Equal((1, 1), ManifoldPrecision.Of(real, real));
        Assert.Equal((1, 0.5), ManifoldPrecision.Of(real, left));
        Assert.Equal((0.5, 1), ManifoldPrecision.Of(left, real));
        Assert.Equal((0, 0), ManifoldPrecision.Of(left, left + 1000));
    }

    [Fact]
    public void The_nearest_feature_is_found()
    {
        using var scope = new TensorScope();
        var (distances, places) = ManifoldPrecision.Nearest(Tensor.From([0f, 0f], [1, 2]), Tensor.From([9f, 9f, 3f, 4f], [2, 2]));
        Assert.Equal([5.0], distances.ToArray<double>());
        Assert.Equal([1L], places.ToArray<long>());
    }

    [Fact]
    public void Widths_that_differ_and_sets_too_small_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => KernelDistance.Of(Tensor.Zeros([3, 2]), Tensor.Zeros([3, 4])));
        Assert.Throws<ArgumentException>(() => KernelDistance.Of(Tensor.Zeros([1, 2]), Tensor.Zeros([3, 2])));
        Assert.Throws<ArgumentException>(() => ManifoldPrecision.Of(Tensor.Zeros([3, 2]), Tensor.Zeros([9, 2])));
    }
}
