using Sconce.Nn;
using Sconce.Systems.DensePrediction.ModNet;
using Sconce.Torch;
using Xunit;
using Network = Sconce.Systems.DensePrediction.ModNet.ModNet;

namespace Sconce.Systems.Tests.ModNet;

[Collection(LiveTensors.Name)]
public sealed class ModNetTests
{
    [Fact]
    public void Keys_and_shapes_are_the_official_checkpoints_the_encoder_twice()
    {
        using var skipped = Init.Skipped();
        using var network = new Network();
        Assert.Equal(6_487_075, network.ParameterCount);
        Assert.Equal(0xd0cbae3821828cb4, StateHash.Of(network));
    }

    [Fact]
    public void A_picture_of_any_size_has_a_matte_of_its_size()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        using var network = new Network();
        network.Eval();
        Assert.Equal([1, 1, 45, 70], network.Call(Tensor.Rand([1, 3, 45, 70])).Shape.ToArray());
        var even = Tensor.Rand([1, 3, 64, 32]);
        Assert.True(network.Call(even).Allclose(network.Predict(even).Matte, atol: 1e-6));
        Assert.Throws<TorchException>(() => network.Predict(Tensor.Zeros([1, 3, 45, 64])));
        Assert.Throws<TorchException>(() => network.Call(Tensor.Zeros([1, 4, 64, 64])));
    }

    [Fact]
    public void Padding_is_the_same_as_a_picture_continued_at_its_edges()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        using var network = new Network();
        network.Eval();
        var picture = Tensor.Rand([1, 3, 60, 64]);
        var continued = Tensor.Cat([picture, picture[.., .., 59..].Expand([1, 3, 4, 64])], 2);
        Assert.True(network.Call(picture).Allclose(network.Call(continued)[.., .., ..60], atol: 1e-6));
    }

    [Fact]
    public void Half_of_the_channels_are_normalised_over_the_picture_in_evaluation_too()
    {
        using var scope = new TensorScope();
        using var norm = new IBNorm(5);
        norm.Eval();
        var x = Tensor.Randn([2, 5, 4, 4]) * 3 + 1;
        var y = norm.Call(x);
        Assert.True(y[.., ..2].Allclose(x[.., ..2], atol: 1e-3)); // running statistics are 0 and 1 still
        Assert.True(y[.., 2..].Mean([2, 3]).Abs().Amax([0, 1]).Item<double>() < 1e-5);
    }

    [Fact]
    public void Frozen_norms_stay_as_they_are_while_the_rest_learns()
    {
        using var scope = new TensorScope();
        using var network = new Network();
        network.Train();
        network.FreezeNorms();
        var before = network.NamedBuffers().Select(buffer => buffer.Buffer.Clone()).ToList();
        network.Predict(Tensor.Rand([2, 3, 64, 64]));
        Assert.True(network.NamedBuffers().Zip(before).All(pair => pair.First.Buffer.Equal(pair.Second)));
        Assert.True(network.Training);
        network.Train();
        network.Predict(Tensor.Rand([2, 3, 64, 64]));
        Assert.False(network.NamedBuffers().Zip(before).All(pair => pair.First.Buffer.Equal(pair.Second)));
    }

    [Fact]
    public void A_perfect_answer_costs_nothing_and_known_pixels_do_not_count_for_the_detail()
    {
        using var scope = new TensorScope();
        var matte = Tensor.Zeros([1, 1, 64, 64]);
        matte.FillInPlace(1, 0, 0, 16..48, 16..48);
        var coarse = MatteBlur.Apply(Functional.InterpolateBy(matte, 1.0 / 16, Interpolation.Bilinear));
        var trimap = matte.Clone();
        trimap.FillInPlace(0.5, 0, 0, 14..18);
        var image = Tensor.Randn([1, 3, 64, 64]);
        Assert.Equal(0, new MatteLosses().Compute(new ModNetOutput(coarse, matte, matte), image, trimap, matte).Total.Item<double>(), 1e-6);
        var wrong = matte.Clone();
        wrong.FillInPlace(1, 0, 0, 60..);
        var known = new MatteLosses().Compute(new ModNetOutput(coarse, wrong, wrong), image, trimap, matte);
        Assert.Equal(0, known.Detail.Item<double>(), 1e-6);
        Assert.True(known.Matte.Item<double>() > 0.01);
    }

    [Fact]
    public void The_blur_is_the_folded_impulse_not_the_textbook_Gaussian()
    {
        using var scope = new TensorScope();
        float[] kernel = MatteBlur.Kernel(3).Reshape([-1]).ToArray<float>();
        Assert.Equal(0.06261056661605835, kernel[0], 1e-7);
        Assert.Equal(0.12499990314245224, kernel[1], 1e-7);
        Assert.Equal(0.24955813586711884, kernel[4], 1e-7);
        Assert.Equal(1, MatteBlur.Kernel(5).Sum().Item<double>(), 1e-5);
        Assert.Throws<ArgumentOutOfRangeException>(() => MatteBlur.Kernel(4));
    }

    [Fact]
    public void A_boundary_is_where_the_person_ends_and_an_empty_picture_has_none()
    {
        using var scope = new TensorScope();
        var matte = Tensor.Zeros([2, 1, 64, 64]);
        matte.FillInPlace(1, 0, 0, 16..48, 16..48);
        var output = new ModNetOutput(Tensor.Ones([2, 1, 4, 4]), matte, matte);
        var boundary = ConsistencyLoss.Boundary(output); // windows of int(64 · 0.05) = 3
        Assert.Equal((34 * 34) - (30 * 30), boundary[0].Sum().Item<double>());
        Assert.Equal(0, boundary[1].Sum().Item<double>());
        var (_, detail) = new ConsistencyLoss().Compute(output, matte * 0.5, matte);
        Assert.True(double.IsFinite(detail.Item<double>()));
    }

    [Fact]
    public void One_flickering_frame_is_mended_one_frame_late_and_motion_stays()
    {
        using var scope = new TensorScope();
        var frames = Tensor.From([0.9f, 0.2f, 0.9f, 0.9f, 0.5f, 0.1f], [6, 1, 1]);
        float[] expected = [0.9f, 0.9f, 0.9f, 0.9f, 0.5f, 0.1f];
        Assert.Equal(expected, OneFrameDelay.Apply(frames).Reshape([-1]).ToArray<float>());
        using var delay = new OneFrameDelay();
        List<float> streamed = [];
        Assert.Null(delay.Push(frames[0]));
        for (int k = 1; k < 6; k++) streamed.Add(delay.Push(frames[k])!.Item<float>());
        streamed.Add(delay.Finish()!.Item<float>());
        Assert.Equal(expected, streamed);
        Assert.Null(delay.Finish());
        delay.Push(Tensor.Zeros([2, 2]));
        Assert.Throws<ArgumentException>(() => delay.Push(Tensor.Zeros([2, 3])));
    }

    [Fact]
    public void A_stream_holds_no_more_than_two_frames()
    {
        using var delay = new OneFrameDelay();
        Push();
        Push();
        long live = LiveTensors.Count;
        for (int k = 0; k < 20; k++) Push();
        Assert.Equal(live, LiveTensors.Count);

        void Push()
        {
            using var scope = new TensorScope();
            delay.Push(Tensor.Rand([4, 4]));
        }
    }
}
