using FsCheck;
using FsCheck.Fluent;
using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Maths;

public class BoxesTests
{
    [Fact]
    public void Corners_and_centres_are_each_others_inverse()
    {
        using var scope = new TensorScope();
        var centres = Tensor.From([0.5f, 0.25f, 0.5f, 0.125f], [1, 4]);
        Assert.Equal([0.25f, 0.1875f, 0.75f, 0.3125f], Boxes.ToCorners(centres).ToArray<float>());
        Assert.Equal(centres.ToArray<float>(), Boxes.ToCentres(Boxes.ToCorners(centres)).ToArray<float>());
    }

    [Fact]
    public void Overlaps_are_those_worked_by_hand()
    {
        using var scope = new TensorScope();
        var a = Tensor.From([0f, 0, 2, 2], [1, 4]);
        var b = Tensor.From([1f, 1, 3, 3, 0, 0, 2, 2, 4, 0, 6, 2], [3, 4]);
        Assert.Equal([1 / 7f, 1, 0], Boxes.PairwiseIou(a, b).ToArray<float>());
        // The hulls are 3 x 3, 2 x 2 and 6 x 2; the unions 7, 4 and 8.
        float[] generalized = Boxes.PairwiseGeneralizedIou(a, b).ToArray<float>();
        Assert.Equal((1 / 7f) - (2 / 9f), generalized[0], 1e-6);
        Assert.Equal(1, generalized[1], 1e-6);
        Assert.Equal(-4 / 12f, generalized[2], 1e-6);
    }

    [Fact]
    public void Generalised_overlap_lies_between_minus_one_and_the_overlap() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)(uint)seed);
        Tensor a = Boxes.ToCorners(Tensor.Rand([5, 4], generator) + 0.01), b = Boxes.ToCorners(Tensor.Rand([7, 4], generator) + 0.01);
        Tensor iou = Boxes.PairwiseIou(a, b), generalized = Boxes.PairwiseGeneralizedIou(a, b);
        return (generalized > -1).All().Item<bool>() && (generalized <= iou + 1e-6).All().Item<bool>();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void Three_numbers_are_no_box()
    {
        using var scope = new TensorScope();
        Assert.Contains("[2, 3]", Assert.Throws<TorchException>(() => Boxes.ToCorners(Tensor.Zeros([2, 3]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Suppression_keeps_the_surest_of_a_class_and_leaves_other_classes()
    {
        DetectedBox best = new(0, 0, 10, 10, 0, 0.9), doubled = new(1, 0, 11, 10, 0, 0.8), other = new(0, 0, 10, 10, 1, 0.7),
            far = new(20, 0, 30, 10, 0, 0.6);
        Assert.Equal([best, other, far], DetectedBox.Suppress([far, doubled, other, best], 0.5));
        Assert.Equal(4, DetectedBox.Suppress([far, doubled, other, best], 0.9).Count);
    }
}
