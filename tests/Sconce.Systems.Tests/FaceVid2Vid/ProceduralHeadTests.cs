using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.FaceVid2Vid;

public sealed class ProceduralHeadTests
{
    [Fact]
    public void A_head_turned_by_nothing_is_itself_and_its_landmarks_lie_on_it()
    {
        using var scope = new TensorScope();
        var head = new ProceduralHead(new Random(1));
        Assert.True(head.Picture(10, 5).Equal(head.Picture(10, 5)));
        Assert.False(head.Picture(10, 5).Equal(head.Picture(-10, 5)));
        Assert.All(head.Keypoints(40, 15), value => Assert.InRange(value, -1, 1));
    }

    [Fact]
    public void Colours_go_from_nought_to_one_as_those_that_a_sigmoid_paints()
    {
        var random = new Random(3);
        for (int k = 0; k < 40; k++)
        {
            using var scope = new TensorScope();
            var picture = new ProceduralHead(random).Picture(10, 5);
            Assert.InRange(picture.Min().Item<double>(), 0, 1);
            Assert.InRange(picture.Max().Item<double>(), 0, 1);
        }
    }

    [Fact]
    public void What_is_seen_at_a_landmark_moves_with_it_in_the_volumes_coordinates()
    {
        var random = new Random(4);
        double moved = 0, still = 0;
        for (int k = 0; k < 40; k++)
        {
            using var scope = new TensorScope();
            var head = new ProceduralHead(random);
            Tensor from = Front(head.Keypoints(-20, 5)), to = Front(head.Keypoints(20, -5));
            var colours = Seen(head.Picture(-20, 5), from);
            var other = head.Picture(20, -5);
            moved += (Seen(other, to) - colours).Abs().Mean().Item<double>();
            still += (Seen(other, from) - colours).Abs().Mean().Item<double>();
        }

        Assert.True(moved < still / 3, $"{moved:0.00} at the landmarks moved, {still:0.00} where they were");
    }

    /// <summary>The last four of the eight, which look at the viewer: <c>(4, 3)</c>.</summary>
    private static Tensor Front(float[] keypoints) => Tensor.From(keypoints, [ProceduralHead.Landmarks, 3]).Narrow(0, 4, 4);

    /// <summary>The picture as a volume of one layer, sampled as the painter samples its own: <c>(3, 4)</c>.</summary>
    private static Tensor Seen(Tensor picture, Tensor keypoints)
    {
        var places = keypoints * Tensor.From([1f, 1, 0]);
        return VolumeGrid.Sample(picture.Unsqueeze(1).Unsqueeze(0), places.Reshape([1, 1, 1, 4, 3])).Reshape([3, 4]);
    }
}
