using Sconce.Systems.DensePrediction.DepthSegmentation;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.DepthSegmentation;

public sealed class MonodepthTests
{
    private static Tensor Camera => Tensor.From([20f, 0, 12, 0, 0, 20, 8, 0, 0, 0, 1, 0, 0, 0, 0, 1], [1, 4, 4]);

    [Fact]
    public void Without_motion_a_frame_is_made_of_its_own_pixels_whatever_its_depth()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Rand([1, 3, 16, 24]);
        var camera = Camera;
        var made = Reprojection.Warp(
            picture, Tensor.Rand([1, 1, 16, 24]) + 0.5, Tensor.Eye(4).Unsqueeze(0), camera, Functional.LinalgInv(camera));
        Assert.True(made.Allclose(picture, atol: 1e-3));
    }

    [Fact]
    public void A_camera_that_moves_aside_sees_near_things_move_farther()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Arange(24).To(DType.Float32).Expand([1, 1, 16, 24]).Contiguous(); // each pixel says its column
        var camera = Camera;
        var aside = CameraTransform.Of(Tensor.Zeros([1, 1, 3]), Tensor.From([1f, 0, 0], [1, 1, 3]));
        foreach (double depth in (double[])[5, 10])
        {
            var made = Reprojection.Warp(picture, Tensor.Full([1, 1, 16, 24], depth), aside, camera, Functional.LinalgInv(camera));
            Assert.Equal(10 + (20 / depth), made[0, 0, 8, 10].Item<double>(), 1e-3);
        }
    }

    [Fact]
    public void The_way_back_undoes_a_motion_and_a_turn_keeps_lengths()
    {
        using var scope = new TensorScope();
        Tensor turn = Tensor.Randn([3, 1, 3]), move = Tensor.Randn([3, 1, 3]);
        Tensor there = CameraTransform.Of(turn, move), back = CameraTransform.Of(turn, move, inverse: true);
        Assert.True(back.Matmul(there).Allclose(Tensor.Eye(4).Expand([3, 4, 4]), atol: 1e-5));
        var quarter = CameraTransform.Of(Tensor.From([0f, 0, (float)(Math.PI / 2)], [1, 1, 3]), Tensor.Zeros([1, 1, 3]));
        Assert.True(quarter[0, .., 0].Allclose(Tensor.From([0f, 1, 0, 0]), atol: 1e-6)); // x becomes y
    }

    [Fact]
    public void Pictures_that_are_equal_are_not_dissimilar_and_an_even_disparity_costs_nothing()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Rand([2, 3, 9, 11]);
        Assert.True(PhotometricError.Compute(picture, picture).Abs().Max().Item<double>() < 1e-6);
        Assert.True(PhotometricError.Compute(picture, 1 - picture).Mean().Item<double>() > 0.1);
        Assert.Equal(0, PhotometricError.Unevenness(Tensor.Full([2, 1, 9, 11], 0.3), picture).Item<double>(), 1e-9);
    }

    [Fact]
    public void A_scene_that_stands_still_before_the_camera_teaches_nothing()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Rand([1, 3, 16, 24]);
        var camera = Camera;
        var moved = CameraTransform.Of(Tensor.Zeros([1, 1, 3]), Tensor.From([1f, 0, 0], [1, 1, 3]));
        var losses = new MonodepthLoss { TieNoise = 0 }.Compute(
            [Tensor.Rand([1, 1, 16, 24])], [picture], [new NeighbourFrame(picture, moved)], camera, Functional.LinalgInv(camera));
        Assert.Equal(0, losses.Selections[0].Sum().Item<double>());
        var without = new MonodepthLoss { HasAutoMask = false }.Compute(
            [Tensor.Rand([1, 1, 16, 24])], [picture], [new NeighbourFrame(picture, moved)], camera, Functional.LinalgInv(camera));
        Assert.Empty(without.Selections);
        Assert.True(without.Loss.Item<double>() > losses.Loss.Item<double>());
    }

    [Fact]
    public void Disparities_of_one_and_zero_are_the_nearest_and_farthest_depth()
    {
        using var scope = new TensorScope();
        var (_, depth) = MonodepthLoss.ToDepth(Tensor.From([1f, 0]));
        Assert.Equal(0.1, depth[0].Item<double>(), 1e-6);
        Assert.Equal(100, depth[1].Item<double>(), 1e-2);
        Assert.Throws<ArgumentException>(() => new MonodepthLoss().Compute([], [], [], depth, depth));
    }
}
