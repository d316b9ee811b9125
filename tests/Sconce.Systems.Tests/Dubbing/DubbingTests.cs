using Sconce.Nn;
using Sconce.Systems.Video.Dubbing;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Dubbing;

public sealed class DubbingTests
{
    [Fact]
    public void Keys_and_shapes_are_the_official_checkpoints()
    {
        using var skipped = Init.Skipped();
        using var painter = new LipPainter();
        using var expert = new SyncExpert();
        using var quality = new FaceQuality();
        Assert.Equal(
            (36_298_035, 16_435_072, 14_113_793), (painter.ParameterCount, expert.ParameterCount, quality.ParameterCount));
        Assert.Equal(0x5a73634156f8014dUL, StateHash.Of(painter));
        Assert.Equal(0xa8f4e1318fb60bb4, StateHash.Of(expert));
    }

    [Fact]
    public void Several_moments_are_painted_as_each_alone()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        using var painter = new LipPainter();
        painter.Eval();
        Tensor speech = Tensor.Randn([2, 2, 1, 80, 16]), faces = Tensor.Rand([2, 6, 2, 96, 96]);
        var together = painter.Call(speech, faces);
        Assert.Equal([2, 3, 2, 96, 96], together.Shape.ToArray());
        var alone = painter.Call(speech[1, 0].Unsqueeze(0), faces[1, .., 0].Unsqueeze(0));
        Assert.True(together[1, .., 0].Allclose(alone[0], atol: 1e-4));
    }

    [Fact]
    public void Vectors_have_length_one_and_agree_with_themselves()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        using var expert = new SyncExpert();
        expert.Eval();
        var halves = SyncExpert.LowerHalves(Tensor.Rand([2, 3, SyncExpert.Frames, 96, 96]));
        Assert.Equal([2, 15, 48, 96], halves.Shape.ToArray());
        var seen = expert.Call(Tensor.Randn([2, 1, 80, 16]), halves);
        Assert.True(seen.Face.Square().Sum([1]).Allclose(Tensor.Ones([2]), atol: 1e-4));
        Assert.True(seen.Speech.Min().Item<double>() >= 0);
        var same = new SyncVectors(seen.Face, seen.Face);
        Assert.True(LipLoss.Sync(same, Tensor.Ones([2, 1])).Item<double>() < 1e-4);
        Assert.True(LipLoss.Sync(same, Tensor.Zeros([2, 1])).Item<double>() > 5);
    }

    [Fact]
    public void Lower_halves_stand_in_the_channels_frame_by_frame()
    {
        using var scope = new TensorScope();
        var frames = Tensor.Rand([1, 3, 5, 8, 6]);
        var halves = SyncExpert.LowerHalves(frames);
        Assert.True(halves[0, 3..6].Equal(frames[0, .., 1, 4..]));
    }

    [Fact]
    public void A_judge_sees_only_lower_halves()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        using var quality = new FaceQuality();
        quality.Eval();
        var frames = Tensor.Rand([1, 3, 2, 96, 96]);
        var judged = quality.Call(frames);
        Assert.Equal([2, 1], judged.Shape.ToArray());
        frames.FillInPlace(0, .., .., .., ..48);
        Assert.True(quality.Call(frames).Equal(judged));
    }

    [Fact]
    public void The_shares_of_the_loss_sum_to_one()
    {
        using var scope = new TensorScope();
        var one = Tensor.FromScalar(1f);
        Assert.Equal(1, new LipLoss().Total(one, one).Item<double>(), 1e-6);
        Assert.Equal(1, new LipLoss { QualityWeight = 0.07 }.Total(one, one, one).Item<double>(), 1e-6);
        Assert.Equal(3, new LipLoss { SyncWeight = 0 }.Total(one, one * 3).Item<double>(), 1e-6);
    }
}
