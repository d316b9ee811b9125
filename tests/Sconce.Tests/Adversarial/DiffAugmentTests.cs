using Sconce.Adversarial;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Adversarial;

public sealed class DiffAugmentTests
{
    private static readonly DiffAugmentPolicy Full = DiffAugmentPolicy.Parse("color,translation,cutout");

    [Fact]
    public void A_policy_is_read_in_its_order_and_unknown_words_are_refused()
    {
        Assert.Equal([DiffAugmentation.Cutout, DiffAugmentation.Color], DiffAugmentPolicy.Parse("cutout, color").Words);
        Assert.Equal("color,translation,cutout", Full.ToString());
        Assert.Empty(DiffAugmentPolicy.Parse("").Words);
        Assert.Contains("'blur'", Assert.Throws<FormatException>(() => DiffAugmentPolicy.Parse("color,blur")).Message);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(40, 42)]
    [InlineData(5, 9)]
    [InlineData(1, 1)]
    public void Pictures_of_any_size_keep_their_shape(int height, int width)
    {
        using var scope = new TensorScope();
        Assert.Equal([2, 3, height, width], Full.Apply(Tensor.Randn([2, 3, height, width])).Shape.ToArray());
    }

    [Fact]
    public void Equal_seeds_give_equal_changes_and_fresh_draws_differ()
    {
        using var scope = new TensorScope();
        var images = Tensor.Randn([4, 3, 16, 16]);
        var first = Full.Apply([images, images], 7);
        Assert.True(first[0].Equal(first[1]));
        Assert.True(first[0].Equal(Full.Apply([images], 7)[0]));
        Assert.False(first[0].Equal(Full.Apply([images], 8)[0]));
        using var generator = new Generator(1);
        Assert.False(Full.Apply(images, generator).Equal(Full.Apply(images, generator)));
        Assert.Throws<ArgumentException>(() => Full.Apply([images, images[..2]], 7));
    }

    [Fact]
    public void A_picture_and_its_mask_at_half_size_are_moved_alike()
    {
        using var scope = new TensorScope();
        var policy = DiffAugmentPolicy.Parse("cutout");
        var changed = policy.Apply([Tensor.Ones([16, 1, 32, 32]), Tensor.Ones([16, 1, 16, 16])], 3);
        var halved = changed[0].AvgPool2d([2, 2]);
        Assert.True((halved - changed[1]).Abs().Sum([1, 2, 3]).Amax([0]).Item<double>() <= 24); // the hole's rim, a cell wide
        Assert.True(changed[1].Eq(0).Any().Item<bool>());
    }

    [Fact]
    public void Shifts_reach_an_eighth_of_the_side_and_no_further()
    {
        using var scope = new TensorScope();
        var policy = DiffAugmentPolicy.Parse("translation");
        var images = Tensor.Zeros([512, 1, 16, 16]);
        images.FillInPlace(1, TensorIndex.Slice(), 0, 8, 8);
        var places = policy.Apply([images], 5)[0].Reshape([512, -1]).Argmax(1).ToArray<long>();
        Assert.Equal([6, 7, 8, 9, 10], places.Select(place => place / 16).Distinct().Order());
        Assert.Equal([6, 7, 8, 9, 10], places.Select(place => place % 16).Distinct().Order());
    }

    [Fact]
    public void What_is_shifted_in_is_zero()
    {
        using var scope = new TensorScope();
        var shifted = DiffAugmentFunctions.Translate(Tensor.Ones([1, 1, 4, 4]), Tensor.From([2L]), Tensor.From([-9L]));
        Assert.Equal(0, shifted.Sum().Item<double>());
        var rows = DiffAugmentFunctions.Translate(Tensor.Ones([1, 1, 4, 4]), Tensor.From([1L]), Tensor.From([0L])).Sum([3]).Reshape([-1]);
        Assert.Equal([4f, 4f, 4f, 0f], rows.ToArray<float>());
    }

    [Fact]
    public void Below_probability_one_some_pictures_stay_and_at_zero_all_do()
    {
        using var scope = new TensorScope();
        var policy = DiffAugmentPolicy.Parse("cutout") with { Probability = 0.5 };
        var images = Tensor.Ones([200, 1, 8, 8]);
        double whole = (policy.Apply([images], 2)[0].Amin([1, 2, 3]) > 0).To(DType.Float64).Mean().Item<double>();
        Assert.InRange(whole, 0.35, 0.65);
        Assert.True((policy with { Probability = 0 }).Apply([images], 2)[0].Equal(images));
    }

    [Fact]
    public void Gradients_pass_through_every_change()
    {
        using var scope = new TensorScope();
        var images = Tensor.Randn([2, 3, 8, 8]);
        images.RequiresGrad = true;
        var gradient = Gradients.Of([Full.Apply(images).Square().Sum()], [images], createGraph: true)[0];
        Assert.True(gradient.Abs().Sum().Item<double>() > 0);
        Gradients.Backward([gradient.Square().Sum()]); // and a second time, for R1 before the augmentation
        Assert.True(images.Grad!.Abs().Sum().Item<double>() > 0);
    }

    [Fact]
    public void Draws_of_another_policy_or_batch_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => Full.Apply(Tensor.Zeros([2, 3, 8, 8]), Full.Draw(3)));
        Assert.Throws<ArgumentException>(() => Full.Apply(Tensor.Zeros([2, 3, 8, 8]), DiffAugmentPolicy.Parse("color").Draw(2)));
    }
}
