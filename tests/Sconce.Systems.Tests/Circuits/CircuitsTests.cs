using Sconce.Systems.Analysis.Circuits;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Circuits;

public class CircuitsTests
{
    [Theory]
    [InlineData(8, 12)]
    [InlineData(9, 13)]
    public void A_spectrum_becomes_a_picture_of_its_size_and_moves_low_frequencies_most(int height, int width)
    {
        using var scope = new TensorScope();
        long[] shape = FourierImage.SpectrumShape(2, 3, height, width);
        Assert.Equal([2, 3, height, width], FourierImage.Of(Tensor.Randn(shape), width).Shape.ToArray());
        Tensor low = Tensor.Zeros(shape), high = Tensor.Zeros(shape);
        low.FillInPlace(1, 0, 0, 0, 0, 1);
        high.FillInPlace(1, 0, 0, 0, 0, 4);
        Assert.True(FourierImage.Of(low, width).Norm().Item<double>() > 2 * FourierImage.Of(high, width).Norm().Item<double>());
    }

    [Fact]
    public void Colours_that_can_be_shown_are_in_range_with_and_without_the_sigmoid()
    {
        using var scope = new TensorScope();
        var channels = Tensor.Randn([1, 3, 4, 4]) * 5;
        foreach (bool sigmoid in (bool[])[true, false])
        {
            var colours = NaturalColour.Valid(channels, sigmoid: sigmoid);
            Assert.InRange(colours.Min().Item<double>(), 0, 1);
            Assert.InRange(colours.Max().Item<double>(), 0, 1);
        }
    }

    [Fact]
    public void No_rotation_and_no_scaling_change_nothing()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Rand([1, 3, 7, 9]);
        foreach (bool bilinear in (bool[])[true, false])
        {
            Assert.True((RobustTransforms.Rotate(picture, 0, bilinear) - picture).Abs().Max().Item<double>() < 1e-6);
        }

        Assert.True((RobustTransforms.Resize(picture, 1) - picture).Abs().Max().Item<double>() < 1e-6);
        Assert.Throws<ArgumentOutOfRangeException>(() => RobustTransforms.Resize(picture, 0.01));
    }

    [Fact]
    public void Drawn_transforms_stay_in_their_ranges()
    {
        var random = new Random(4);
        for (int k = 0; k < 200; k++)
        {
            var draw = TransformDraw.Random(random);
            Assert.InRange(draw.First.Row, 0, 8);
            Assert.InRange(draw.Second.Column, 0, 4);
            Assert.InRange(draw.Scale, 0.9 - 1e-9, 1.1 + 1e-9);
            Assert.InRange(draw.Degrees, -10, 10);
        }
    }

    [Fact]
    public void Equal_pictures_are_as_like_as_can_be()
    {
        using var scope = new TensorScope();
        var one = Tensor.Randn([1, 4, 5, 5]);
        Assert.Equal(2, Objectives.Likeness(Tensor.Cat([one, one, one])).Item<double>(), 1e-5);
        Assert.True(Objectives.Likeness(Tensor.Randn([3, 4, 5, 5])).Item<double>() < 2);
    }

    [Fact]
    public void The_high_side_turns_with_the_angle()
    {
        using var scope = new TensorScope();
        Tensor high = Tensor.From([20f, 20]), low = Tensor.From([2f, 2]);
        var pictures = HighLowStimulus.Of(Tensor.From([0f, (float)Math.PI]), high, low, 48);
        static double Roughness(Tensor side) => (side[.., 1..] - side[.., ..^1]).Abs().Mean().Item<double>();
        Assert.True(Roughness(pictures[0, .., 30..]) > 2 * Roughness(pictures[0, .., ..18]));
        Assert.True(Roughness(pictures[1, .., ..18]) > 2 * Roughness(pictures[1, .., 30..]));
    }

    [Fact]
    public void A_turned_filter_is_found_among_anothers_forms()
    {
        using var scope = new TensorScope();
        var filter = Tensor.Randn([1, 2, 5, 5]);
        var cosines = FilterOrbits.Cosines(FilterOrbits.Of(Tensor.Cat([filter, filter.Rot90(1, [-2, -1])])));
        Assert.Equal([2, 8, 8, 2], cosines.Shape.ToArray());
        Assert.Equal(1, cosines[0, 1, 0, 1].Item<double>(), 1e-5); // one quarter turn of the first is the second
        Assert.Equal(1, cosines[0, 0, 0, 0].Item<double>(), 1e-5);
    }

    [Fact]
    public void A_spectrum_of_another_width_is_refused()
    {
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => FourierImage.Of(Tensor.Zeros([2, 1, 3, 8, 5]), 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => HighLowStimulus.Of(Tensor.Zeros([1]), Tensor.Zeros([1]), Tensor.Zeros([1]), 1));
    }
}
