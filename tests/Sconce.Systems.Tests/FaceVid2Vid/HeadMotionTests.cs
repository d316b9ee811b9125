using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.FaceVid2Vid;

public sealed class HeadMotionTests
{
    [Fact]
    public void An_angle_is_three_degrees_a_bin_from_minus_ninety_nine_on()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Zeros([2, 66]);
        logits.FillInPlace(1000, 0, 0);
        logits.FillInPlace(1000, 1, 43);
        Assert.Equal([-99f, 30], HeadMotion.Degrees(logits).ToArray<float>());
    }

    [Fact]
    public void A_turn_and_the_turn_back_leave_the_face()
    {
        using var scope = new TensorScope();
        var angles = new HeadAngles(Tensor.Randn([3]) * 40, Tensor.Randn([3]) * 40, Tensor.Randn([3]) * 40);
        var rotation = HeadMotion.Rotation(angles);
        Assert.True(rotation.Matmul(rotation.Transpose(1, 2)).Allclose(Tensor.Eye(3).Expand([3, 3, 3]), atol: 1e-5));
        var yaw = HeadMotion.Rotation(new HeadAngles(Tensor.Full([1], 180 / 3.14 * Math.PI / 2), Tensor.Zeros([1]), Tensor.Zeros([1])));
        Assert.True(yaw[0, .., 2].Allclose(Tensor.From([1f, 0, 0]), atol: 1e-5)); // what looked ahead looks to the side
    }

    [Fact]
    public void A_head_at_rest_has_its_canonical_keypoints()
    {
        using var scope = new TensorScope();
        var keypoints = new Keypoints(Tensor.Randn([2, 5, 3]));
        Tensor zero = Tensor.Zeros([2]), bins = Tensor.Zeros([2, 66]);
        var head = new HeadState(bins, bins, bins, Tensor.Zeros([2, 3]), Tensor.Zeros([2, 15]));
        Assert.True(HeadMotion.Apply(keypoints, head, new HeadAngles(zero, zero, zero)).Value.Allclose(keypoints.Value, atol: 1e-6));
        var moved = HeadMotion.Apply(keypoints, head with { Translation = Tensor.Ones([2, 3]) }, new HeadAngles(zero, zero, zero));
        Assert.True((moved.Value - keypoints.Value).Allclose(Tensor.Ones([2, 5, 3]), atol: 1e-6));
    }

    [Fact]
    public void A_bend_of_nothing_is_the_identity_and_keypoints_that_follow_a_bend_cost_nothing()
    {
        using var scope = new TensorScope();
        var places = Tensor.Rand([2, 5, 2]);
        var none = FrameBend.Of(Tensor.Zeros([2, 2, 3]), Tensor.Zeros([2, 1, 25]));
        Assert.True(none.Bent(places).Allclose(places, atol: 1e-6));
        var bend = FrameBend.Draw(2);
        var after = new Keypoints(Tensor.Rand([2, 5, 3]));
        var before = new Keypoints(Tensor.Cat([bend.Bent(after.Value.Narrow(2, 0, 2)), Tensor.Rand([2, 5, 1])], 2));
        Assert.Equal(0, FaceLosses.Equivariance(before, after, bend).Item<double>(), 1e-6);
        Assert.True(FaceLosses.Equivariance(after, after, bend).Item<double>() > 0);
        Assert.Equal([2, 3, 8, 9], bend.Apply(Tensor.Rand([2, 3, 8, 9])).Shape.ToArray());
    }

    [Fact]
    public void Keypoints_far_apart_at_the_right_depth_cost_only_their_distance_to_themselves()
    {
        using var scope = new TensorScope();
        var apart = Tensor.From([-1f, 0, 0.33f, 1, 0, 0.33f], [1, 2, 3]);
        Assert.Equal(0.2, FaceLosses.Spread(new Keypoints(apart)).Item<double>(), 1e-5); // two of 0.1 each
        Assert.True(FaceLosses.Spread(new Keypoints(apart * 0.01)).Item<double>() > 0.6);
    }

    [Fact]
    public void A_smaller_picture_keeps_an_even_colour_away_from_its_edges()
    {
        using var scope = new TensorScope();
        using var shrink = new AntiAliasedShrink(3, 0.25);
        var small = shrink.Call(Tensor.Full([1, 3, 64, 48], 0.7));
        Assert.Equal([1, 3, 16, 12], small.Shape.ToArray());
        Assert.True((small[.., .., 2..14, 2..10] - 0.7).Abs().Max().Item<double>() < 1e-5);
    }
}
