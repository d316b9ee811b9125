using Sconce.Systems.DensePrediction.DepthSegmentation;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.DepthSegmentation;

public sealed class DepthMixTests
{
    [Fact]
    public void The_nearer_of_two_surfaces_is_always_seen()
    {
        using var scope = new TensorScope();
        var disparities = Tensor.Rand([2, 1, 12, 16]);
        var mixed = DepthMix.Mixed(disparities, new DepthMix { Margin = 0 }.Mask(disparities));
        var nearest = disparities.Amax([0], keepdim: true).Expand([2, 1, 12, 16]);
        Assert.True(mixed.Equal(nearest));
    }

    [Fact]
    public void What_is_not_in_front_is_never_put_before_another_picture()
    {
        using var scope = new TensorScope();
        var disparities = Tensor.Rand([2, 1, 12, 16]);
        var mask = new DepthMix { Foreground = 0.5 }.Mask(disparities);
        Assert.Equal(0, (mask * (disparities < 0.5).To(DType.Float32)).Sum().Item<double>());
        Assert.Throws<TorchException>(() => new DepthMix().Mask(Tensor.Rand([3, 1, 4, 4])));
    }

    [Fact]
    public void Disparities_without_a_unit_are_brought_to_the_range_from_zero_to_one()
    {
        using var scope = new TensorScope();
        var normalized = DepthMix.Normalized((Tensor.Rand([2, 1, 6, 7]) * 9) - 4);
        Assert.Equal(0, normalized.Amin([1, 2, 3]).Abs().Max().Item<double>(), 1e-6);
        Assert.Equal(1, normalized.Amax([1, 2, 3]).Min().Item<double>(), 1e-6);
    }

    [Fact]
    public void A_batch_counts_by_its_share_of_sure_pixels_and_what_nothing_is_said_about_is_ignored()
    {
        using var scope = new TensorScope();
        var probabilities = Tensor.Zeros([1, 2, 1, 4]);
        probabilities.FillInPlace(1, 0, 1, 0, 0);
        probabilities.FillInPlace(0.6, 0, 0, 0, 1..3);
        var (classes, weight) = PseudoLabels.Of(probabilities);
        Assert.Equal([1L, 0, 0, PseudoLabels.Ignored], classes.Reshape([-1]).ToArray<long>());
        Assert.Equal(0.25, weight.Item<double>(), 1e-6);
        var even = PseudoLabels.Loss(Tensor.Zeros([1, 2, 1, 4]), classes, weight);
        Assert.Equal(0.25 * 0.75 * Math.Log(2), even.Item<double>(), 1e-6);
    }

    [Fact]
    public void A_perfect_student_has_no_error_and_far_pixels_and_the_bonnet_do_not_count()
    {
        using var scope = new TensorScope();
        var teacher = Tensor.Full([100, 60], 0.5);
        Assert.Equal(0, DepthDistances.StudentError(teacher, teacher));
        var student = teacher.Clone();
        student.FillInPlace(0.9, 87..);
        Assert.Equal(0, DepthDistances.StudentError(student, teacher));
        student.FillInPlace(0.9, 10, 10);
        Assert.True(DepthDistances.StudentError(student, teacher) > 0);
        teacher.FillInPlace(0.01, 12, 12); // within three pixels
        Assert.Equal(0, DepthDistances.StudentError(student, teacher));
        var mask = teacher.OnesLike();
        Assert.Equal(0, DepthDistances.BerHu(teacher, teacher, mask).Item<double>());
    }

    [Fact]
    public void Entropy_is_one_where_every_class_is_as_likely()
    {
        using var scope = new TensorScope();
        Assert.Equal(1, DepthDistances.Entropy(Tensor.Zeros([1, 7, 2, 2])).Mean().Item<double>(), 1e-5);
    }

    [Fact]
    public void The_farthest_pictures_come_from_clusters_that_have_no_label()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(5);
        var centres = Tensor.From([0f, 0, 50, 0, 0, 50], [3, 2]);
        var places = centres.Expand([10, 3, 2]).Reshape([30, 2, 1, 1]) + Tensor.Randn([30, 2, 1, 1]);
        var distances = LabelSelection.Distances(places, isStandardized: false);
        var chosen = LabelSelection.Farthest(distances, [0], 2);
        Assert.Equal([1, 2], chosen.Chosen.Select(picture => picture % 3).Order());
        Assert.True(chosen.Distances[0] >= chosen.Distances[1]);

        var biased = LabelSelection.Biased(distances, Tensor.Arange(30).Eq(3).To(DType.Float32), [0], 1000);
        Assert.Equal(3, LabelSelection.Farthest(biased, [0], 1).Chosen.Single());
        Assert.Equal([7], LabelSelection.Farthest(distances, [0], 1, [6, 7]).Chosen);
        Assert.Equal([4, 2], LabelSelection.LeastCertain([0.1, 0.9, 0.5, 0.2, 0.7], [1], 2));
        Assert.Throws<ArgumentException>(() => LabelSelection.Farthest(distances, [], 1));
        Assert.Throws<ArgumentException>(() => LabelSelection.Farthest(distances, [30], 1));
    }
}
