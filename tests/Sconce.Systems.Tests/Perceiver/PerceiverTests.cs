using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Multimodal.Perceiver;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Perceiver;

[Collection(LiveTensors.Name)]
public sealed class PerceiverTests : IDisposable
{
    private static readonly PerceiverConfig Small =
        new(0) { Latents = 6, Width = 32, Rounds = 3, SelfAttentions = 2, SelfHeads = 4, Classes = 5, LatentDeviation = 0.3 };
    private static readonly FourierFeatures Features = new(4, [8, 8]);
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-perceiver-").FullName;

    public static TheoryData<string> Names => [.. PerceiverVariants.All.Select(variant => variant.Name)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("perceiver_imagenet", 127985510099080452UL)]
    [InlineData("perceiver_audioset", 713216271023072591UL)]
    [InlineData("perceiver_io_imagenet", 3326956580099202140UL)]
    [InlineData("perceiver_io_imagenet_learned", 1790718650753622559UL)]
    [InlineData("perceiver_io_imagenet_conv", 2926553272209070092UL)]
    public void Keys_and_shapes_stay_as_they_are(string name, ulong hash)
    {
        using var skipped = Init.Skipped();
        using var network = PerceiverVariants.All.Single(variant => variant.Name == name).Create(ModelOptions.Official);
        StateHash.Verify(hash, network);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_are_those_of_the_card_and_the_head_can_be_replaced(string name)
    {
        var variant = PerceiverVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        var known = variant.Find<IHasClasses>()!;
        Assert.Equal([known.Classes], ((Linear)network[known.Head]).Bias!.Shape.ToArray());
        using var tuned = variant.ReplaceHead(network, 7);
        Assert.Equal([7], ((Linear)tuned[known.Head]).Bias!.Shape.ToArray());
    }

    [Fact]
    public void Rows_in_another_order_give_the_same_answer_and_pixels_against_their_places_another()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = Built();
        Tensor pictures = Tensor.Randn([2, 3, 8, 8]), order = Tensor.Randperm(64, DType.Int64);
        var plain = network.Call(pictures);
        Assert.True(plain.Allclose(Shuffles.WithPlaces(network, pictures, order), atol: 1e-5));
        Assert.False(plain.Allclose(network.Call(Shuffles.Pixels(pictures, order)), atol: 1e-3));
    }

    [Fact]
    public void Masked_rows_are_not_there()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var model = new PerceiverModel(Small with { InputChannels = 9 });
        var rows = Tensor.Randn([2, 7, 9]);
        var mask = Tensor.Ones([2, 7], DType.Bool);
        mask.FillInPlace(false, .., 5..);
        Assert.True(model.Call(rows, mask).Allclose(model.Call(rows[.., ..5], null), atol: 1e-5));
        // Where nothing may be read, what is read changes nothing.
        var none = Tensor.Zeros([2, 7], DType.Bool);
        Assert.True(model.Call(rows, none).Allclose(model.Call(rows * 3, none), atol: 1e-6));
    }

    [Fact]
    public void Later_rounds_share_their_weights()
    {
        long Count(int rounds)
        {
            using var model = new PerceiverModel(Small with { InputChannels = 9, Rounds = rounds });
            return model.ParameterCount;
        }

        Assert.Equal(Count(2), Count(8));
        Assert.True(Count(1) < Count(2));
        Assert.Throws<ArgumentException>(() => new PerceiverModel(Small with { InputChannels = 9, Rounds = 0 }));
    }

    [Fact]
    public void Fourier_features_come_as_positions_sines_and_cosines_from_the_lowest_to_half_the_resolution()
    {
        using var scope = new TensorScope();
        var features = new FourierFeatures(3, [10, 6]);
        Assert.Equal(14, features.Channels);
        double[] expected = [0.25, -0.5, .. new[] { 1, 3, 5 }.Select(f => Math.Sin(Math.PI * f * 0.25)),
            .. new[] { 1, 2, 3 }.Select(f => Math.Sin(Math.PI * f * -0.5)), .. new[] { 1, 3, 5 }.Select(f => Math.Cos(Math.PI * f * 0.25)),
            .. new[] { 1, 2, 3 }.Select(f => Math.Cos(Math.PI * f * -0.5))];
        float[] actual = features.Compute(Tensor.From([0.25f, -0.5f], [1, 2])).ToArray<float>();
        for (int k = 0; k < expected.Length; k++) Assert.Equal(expected[k], actual[k], 1e-5);
        Assert.Equal([-1f, -1, -1, 1, 0, -1, 0, 1, 1, -1, 1, 1], FourierFeatures.Grid(3, 2).ToArray<float>());
        Assert.Contains("2 axes", Assert.Throws<TorchException>(() => features.Compute(Tensor.Zeros([4, 3]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sound_becomes_rows_of_samples_and_video_rows_of_blocks()
    {
        using var scope = new TensorScope();
        var sound = new AudioInput(4, new FourierFeatures(2, [6])).Call(Tensor.Arange(24, DType.Float32).Unsqueeze(0));
        Assert.Equal([1, 6, 4 + 5], sound.Shape.ToArray());
        Assert.Equal([4f, 5, 6, 7], sound[0, 1, ..4].ToArray<float>());
        var video = new VideoInput((2, 2, 2), new FourierFeatures(1, [2, 2, 2]),
            1).Call(Tensor.Arange(64, DType.Float32).Reshape([1, 1, 4, 4, 4]));
        Assert.Equal([1, 8, 8 + 9], video.Shape.ToArray());
        // The second block: frames 0 and 1, rows 0 and 1, columns 2 and 3.
        Assert.Equal([2f, 3, 6, 7, 18, 19, 22, 23], video[0, 1, ..8].ToArray<float>());
        Assert.Equal([-1f, -1, 1], video[0, 1, 8..11].ToArray<float>());
    }

    [Fact]
    public void Data_that_do_not_fit_are_refused_with_their_shape()
    {
        using var scope = new TensorScope();
        Assert.Contains("[1, 25]", Assert.Throws<TorchException>(() =>
            new AudioInput(4, new FourierFeatures(2, [6])).Call(Tensor.Zeros([1, 25]))).Message, StringComparison.Ordinal);
        Assert.Contains("[1, 1, 3, 4, 4]",
            Assert.Throws<TorchException>(() => new VideoInput((2, 2, 2), new FourierFeatures(1, [2, 2, 2]),
                1).Call(Tensor.Zeros([1, 1, 3, 4, 4]))).Message, StringComparison.Ordinal);
        using var network = Built();
        Assert.Contains("[1, 4, 8, 8]", Assert.Throws<TorchException>(() => network.Call(Tensor.Zeros([1, 4, 8, 8]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("positions belong", Assert.Throws<TorchException>(() => network.Perceiver.Call(Tensor.Zeros([1, 64, 3]), null))
            .Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PerceiverAttention(8, 8, 9, 8, 8, 2));
    }

    [Fact]
    public void Sound_and_video_together_are_told_apart_and_answer_as_one()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new AudioVisualPerceiver(new AudioInput(4, new FourierFeatures(2, [6])),
            new VideoInput((2, 2, 2), new FourierFeatures(1, [2, 2, 2])), Small);
        Init.Normal(network.Perceiver.Logits!.Weight, 0.1);
        Assert.Equal([2, 5], network.Call(Tensor.Randn([2, 24]), Tensor.Randn([2, 3, 4, 4, 4])).Shape.ToArray());
        Assert.Throws<TorchException>(() => network.Call(Tensor.Randn([1, 24]), Tensor.Randn([2, 3, 4, 4, 4])));
    }

    [Fact]
    public void A_decoder_answers_each_query_by_itself()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var decoder = new PerceiverDecoder(10, 32, 3, 0, new AttentionBlockOptions { QueryResidual = false });
        Tensor queries = Tensor.Randn([2, 4, 10]), latents = Tensor.Randn([2, 6, 32]);
        var all = decoder.Call(queries, latents);
        Assert.Equal([2, 4, 3], all.Shape.ToArray());
        Assert.True(all[.., 1..2].Allclose(decoder.Call(queries[.., 1..2], latents), atol: 1e-5));
        Assert.Throws<InvalidOperationException>(() => decoder.Decode(latents));
    }

    [Fact]
    public void The_official_optimiser_takes_every_parameter_once_and_its_rate_ends_at_zero()
    {
        using var network = Built();
        using var optimizer = PerceiverTraining.Optimizer(network, 1e-3);
        Assert.Equal(network.Parameters().Count(), optimizer.Groups.Sum(group => group.Parameters.Count));
        Assert.Contains(network.Perceiver.Latents.PosEmbs, optimizer.Groups.Single(group => group.Decay).Parameters);
        var schedule = PerceiverTraining.IoSchedule(100, 512);
        Assert.Equal([1e-3, 1e-3], [schedule.At(0), schedule.At(49)]);
        Assert.InRange(schedule.At(99), 0, 1e-5);
        Assert.Equal(4e-6, PerceiverTraining.PaperSchedule(10).At(1199), 1e-12);
    }

    [Theory]
    [InlineData("params.perceiver_encoder/~/trainable_position_encoding.pos_embs", "encoder.pos_embs")]
    [InlineData("perceiver_encoder/~/cross_attention/layer_norm_1.scale", "encoder.cross_attention.norm_kv.weight")]
    [InlineData("perceiver_encoder/~/self_attention/layer_norm_1.offset", "encoder.self_attention.norm_mlp.bias")]
    [InlineData("perceiver_encoder/~/self_attention_5/attention/linear_3.w", "encoder.self_attention_5.attention.out.weight")]
    [InlineData("classification_decoder/~/basic_decoder/cross_attention/mlp/linear_1.b", "decoder.cross_attention.mlp.fc2.bias")]
    [InlineData("classification_decoder/~/basic_decoder/~/trainable_position_encoding.pos_embs", "decoder.pos_embs")]
    [InlineData("classification_decoder/~/basic_decoder/output.w", "decoder.output.weight")]
    [InlineData("image_preprocessor/~/conv2_d_downsample/~/conv.w", "input.conv.weight")]
    [InlineData("state.image_preprocessor/~/conv2_d_downsample/~/batchnorm/~/var_ema.average", "input.batchnorm.running_var")]
    [InlineData("state.image_preprocessor/~/conv2_d_downsample/~/batchnorm/~/var_ema.hidden", "")]
    [InlineData("image_preprocessor/~_build_network_inputs/position_encoding_projector/linear.w", "input.projector.weight")]
    [InlineData("something/else.w", null)]
    public void Haikus_names_are_renamed(string haiku, string? expected) => Assert.Equal(expected, PerceiverWeights.Rename(haiku));

    [Fact]
    public void A_checkpoint_of_our_own_loads_by_name()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var first = new PerceiverIoClassifier(new PixelInput(Features), Small);
        using var second = new PerceiverIoClassifier(new PixelInput(Features), Small);
        string path = Path.Combine(folder, "own.safetensors");
        ModelWeights.Save(first, path);
        PerceiverWeights.Load(second, path);
        var pictures = Tensor.Randn([1, 3, 8, 8]);
        Assert.True(first.Call(pictures).Allclose(second.Call(pictures)));
    }

    [Fact]
    public void The_convolved_input_has_a_quarter_of_the_sides_and_pads_as_TensorFlow_does()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var input = new ConvolvedInput(new FourierFeatures(1, [4, 4]), 2);
        input.Eval();
        Assert.Equal([1, 16, 2 + 6], input.Call(Tensor.Randn([1, 3, 16, 16])).Shape.ToArray());
        // One bright pixel in the corner lies under the kernel's third row and column: two cells of padding before, three after.
        Init.Constant(input.Conv.Weight, 0);
        input.Conv.Weight.FillInPlace(1, 0, 0, 2, 2);
        var picture = Tensor.Zeros([1, 3, 16, 16]);
        picture.FillInPlace(1, 0, 0, 0, 0);
        Assert.InRange(input.Call(picture)[0, 0, 0].Item<float>(), 0.99, 1);
    }

    [Fact]
    public void The_claims_rule_can_fail_and_needs_all_of_its_parts()
    {
        PerceiverClaim.SeedFigures good = new(0.9, 0.9, 0.2, 0.99, 0.5, 1e-7, 1e-6, 0.5);
        Verdict Of(params PerceiverClaim.SeedFigures[] seeds) => PerceiverClaim.Judge(seeds).Verdict;
        Assert.Equal(Verdict.Holds, Of(good, good));
        Assert.Equal(Verdict.DoesNotHold, Of(good with { Logits = 1e-3 }, good));
        Assert.Equal(Verdict.DoesNotHold, Of(good with { Against = 1e-4 }, good));
        Assert.Equal(Verdict.DoesNotHold, Of(good with { ConvShuffled = 0.98 }, good with { ConvShuffled = 0.98 }));
        Assert.Equal(Verdict.DoesNotHold, Of(good with { WithoutPlaces = 0.8 }, good with { WithoutPlaces = 0.8 }));
        Assert.Equal(Verdict.Undecided, Of(good with { ConvShuffled = 0.95 }, good with { ConvShuffled = 0.7 }));
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new PerceiverClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }

    private static PerceiverClassifier Built()
    {
        TorchRuntime.ManualSeed(2);
        var network = new PerceiverClassifier(new PixelInput(Features), Small);
        Init.Normal(network.Perceiver.Logits!.Weight, 0.1); // it begins at zero
        return network;
    }
}
