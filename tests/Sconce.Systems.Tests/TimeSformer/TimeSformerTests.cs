using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Video.TimeSformer;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.TimeSformer;

[Collection(LiveTensors.Name)]
public sealed class TimeSformerTests : IDisposable
{
    private static readonly TimeSformerConfig Mini = new(24, 2, 2) { ImageSize = 16, PatchSize = 4, Classes = 5, Frames = 3 };

    private readonly string folder = Directory.CreateTempSubdirectory("sconce-timesformer-").FullName;

    public static TheoryData<string> Names => [.. Hashes.Keys];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_variant_has_the_official_keys_and_number_of_parameters(string name)
    {
        var variant = TimeSformerVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = (VideoTransformer)variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(Hashes[name], network);
        string[] names = [.. network.StateDict().Select(entry => entry.Name)];
        bool divided = network.Config.Attention == SpaceTimeAttention.Divided;
        Assert.Equal(network.Config.Attention != SpaceTimeAttention.SpaceOnly, names.Contains("time_embed"));
        Assert.Equal(divided, names.Contains("blocks.11.temporal_attn.qkv.bias"));
        Assert.Equal(divided, names.Contains("blocks.0.temporal_fc.weight"));
    }

    [Fact]
    public void Training_begins_as_without_attention_in_time_in_every_block()
    {
        using var scope = new TensorScope();
        using var network = new VideoTransformer(Mini);
        Assert.All(network.Blocks, block => Assert.Equal(0, block.TemporalFc!.Weight.Abs().Max().Item<double>()));
        Assert.Equal(0, network.TimeEmbed!.Abs().Max().Item<double>());
    }

    [Theory]
    [InlineData(SpaceTimeAttention.Divided)]
    [InlineData(SpaceTimeAttention.Joint)]
    [InlineData(SpaceTimeAttention.SpaceOnly)]
    public void Without_times_the_order_of_frames_does_not_matter_and_with_them_it_does(SpaceTimeAttention attention)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = Awake(Mini with { Attention = attention });
        var clip = Tensor.Randn([2, 3, 3, 16, 16]);
        var order = Tensor.From([2L, 0, 1]);
        var shuffled = clip[.., .., order];
        network.TimeEmbed?.FillInPlace(0);
        Assert.True(network.Call(shuffled).Allclose(network.Call(clip), atol: 1e-4));
        if (network.TimeEmbed is null) return;
        network.TimeEmbed.NormalInPlace(0, 1);
        Assert.False(network.Call(shuffled).Allclose(network.Call(clip), atol: 1e-3));
    }

    [Fact]
    public void One_frame_is_read_as_a_ViT_reads_it()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var video = new VideoTransformer(Mini with { Frames = 1 });
        video.Eval();
        using var vit = new VisionTransformer(new VitConfig(24, 2, 2) { ImageSize = 16, PatchSize = 4, Classes = 5 });
        vit.Eval();
        string file = Path.Combine(folder, "vit.pth");
        ModelWeights.Save(vit, file);
        TimeSformerWeights.LoadPictures(video, file);
        var picture = Tensor.Randn([2, 3, 16, 16]);
        // temporal_fc and times are 0 yet, so time adds nothing.
        Assert.True(video.Call(picture.Unsqueeze(2)).Allclose(vit.Call(picture), atol: 1e-5));
        Assert.True(video.Blocks[1].TemporalAttention!.Qkv.Weight.EqualTo(video.Blocks[1].Attention.Qkv.Weight));
    }

    [Fact]
    public void Attention_in_time_sees_its_own_place_alone_and_never_the_class_token()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var block = new TimeSformerBlock(8, 2, SpaceTimeAttention.Divided);
        // What attention in space and the MLP add is left out.
        foreach (var linear in new[] { block.Attention.Proj, block.Mlp.Fc2 })
        {
            linear.Weight.FillInPlace(0);
            linear.Bias!.FillInPlace(0);
        }

        var x = Tensor.Randn([1, 1 + (4 * 3), 8]);
        var changed = x + 0;
        changed.FillInPlace(9, 0, 5); // place 1, frame 1, since time is fastest
        float[] difference = (block.Call(changed, 3) - block.Call(x, 3)).Abs().Sum([2])[0].ToArray<float>();
        Assert.Equal([4, 5, 6], Enumerable.Range(0, 13).Where(k => difference[k] > 1e-6));
        changed = x + 0;
        changed.FillInPlace(9, 0, 0);
        difference = (block.Call(changed, 3) - block.Call(x, 3)).Abs().Sum([2])[0].ToArray<float>();
        Assert.Equal([0], Enumerable.Range(0, 13).Where(k => difference[k] > 1e-6));
    }

    [Theory]
    [InlineData(SpaceTimeAttention.Divided)]
    [InlineData(SpaceTimeAttention.Joint)]
    [InlineData(SpaceTimeAttention.SpaceOnly)]
    public void Every_parameter_learns(SpaceTimeAttention attention)
    {
        using var scope = new TensorScope();
        using var network = new VideoTransformer(Mini with { Attention = attention, Dropout = 0.1 });
        Functional.CrossEntropy(network.Call(Tensor.Randn([4, 3, 3, 16, 16])), Tensor.From([0L, 1, 2, 3])).Backward();
        Assert.All(network.NamedParameters(), named => Assert.True(named.Parameter.Grad?.Isfinite().All().Item<bool>(), named.Name));
        using (Gradients.Autocast(DType.BFloat16)) Assert.True(network.Call(Tensor.Randn([1, 3, 3, 16, 16])).Isfinite().All().Item<bool>());
        network.ZeroGrad();
    }

    [Fact]
    public void Official_files_are_prefixed_and_other_clips_stretch_their_embeddings()
    {
        using var scope = new TensorScope();
        using var network = Awake(Mini);
        string file = Path.Combine(folder, "official.pyth");
        var tensors = network.StateDict().Select(entry => ModelWeights.Describe("model." + entry.Name, entry.Tensor)).ToList();
        CheckpointWriter.SavePyTorch(file, tensors, new PyTorchSaveOptions
        {
            Wrapper = "model_state",
            Metadata = new Dictionary<string, object?> { ["epoch"] = 14L }
        }, TestContext.Current.CancellationToken);
        using var same = new VideoTransformer(Mini);
        TimeSformerWeights.Load(same, file);
        Assert.All(same.StateDict().Zip(network.StateDict()),
            pair => Assert.True(pair.First.Tensor.EqualTo(pair.Second.Tensor), pair.First.Name));
        using var longer = new VideoTransformer(Mini with { Frames = 6 });
        TimeSformerWeights.Load(longer, file);
        Assert.True(longer.TimeEmbed![.., 5].EqualTo(network.TimeEmbed![.., 2]));
        using var other = new VideoTransformer(Mini with { Classes = 4 });
        Assert.Contains("head.weight", Assert.Throws<CheckpointException>(() => TimeSformerWeights.Load(other, file)).Message,
            StringComparison.Ordinal);
        using var wider = new VideoTransformer(Mini with { Width = 32 });
        Assert.Throws<CheckpointException>(() => TimeSformerWeights.LoadPictures(wider, file));
    }

    [Fact]
    public void Bad_input_is_named_with_its_shape()
    {
        using var scope = new TensorScope();
        using var network = new VideoTransformer(Mini);
        Assert.Contains("[1, 3, 16, 16]", Assert.Throws<TorchException>(() => network.Call(Tensor.Zeros([1, 3, 16, 16]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("18x16", Assert.Throws<TorchException>(() => network.Call(Tensor.Zeros([1, 3, 2, 18, 16]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("[1, 8, 24]", Assert.Throws<TorchException>(() => network.Blocks[0].Call(Tensor.Zeros([1, 8, 24]), 3)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new VideoTransformer(Mini with { Frames = 0 }));
        Assert.Throws<ArgumentException>(() => new VideoTransformer(Mini with { PatchSize = 32 }));
        Assert.Throws<ArgumentException>(() => new VideoTransformer(Mini with { Width = 25 }));
        using var oblong = new VideoTransformer(Mini with { ImageSize = (8, 16) });
        Assert.Contains("square", Assert.Throws<TorchException>(() => oblong.Call(Tensor.Zeros([1, 3, 3, 16, 16]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_claims_clips_are_the_same_frames_in_two_orders_and_its_rule_can_be_missed()
    {
        using var scope = new TensorScope();
        var clips = TimeSformerClaim.Sample(400, new Random(1));
        Assert.InRange(clips.Labels.To(DType.Float64).Mean().Item<double>(), 0.4, 0.6);
        var mean = clips.Inputs.Mean([0, 1, 3]); // (frames, columns)
        Assert.Equal([6, 16], mean.Shape.ToArray());
        TimeSformerFigures right = new(1, 0.5), blind = new(0.5, 1e-7);
        Assert.Equal(Verdict.Holds, TimeSformerClaim.Judge([right, right], [blind, blind]).Verdict);
        Assert.Equal(Verdict.DoesNotHold,
            TimeSformerClaim.Judge([right with { Accuracy = 0.8 }, right with { Accuracy = 0.8 }], [blind, blind]).Verdict);
        Assert.Equal(Verdict.DoesNotHold,
            TimeSformerClaim.Judge([right, right], [blind with { Accuracy = 0.7 }, blind with { Accuracy = 0.7 }]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, TimeSformerClaim.Judge([right, right], [blind, blind with { Reversal = 0.01 }]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, TimeSformerClaim.Judge([right, right with { Reversal = 1e-7 }], [blind, blind]).Verdict);
        Assert.Equal(Verdict.Undecided, TimeSformerClaim.Judge([right, right with { Accuracy = 0.85 }], [blind, blind]).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new TimeSformerClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        var result = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.Undecided, 6), (result.Verdict, result.Rows.Count));
        Assert.Equal(live, LiveTensors.Count);
    }

    /// <summary>A network whose attention in time says something.</summary>
    private static VideoTransformer Awake(TimeSformerConfig config)
    {
        var network = new VideoTransformer(config);
        foreach (var parameter in network.Parameters().Where(parameter => parameter.Dimensions > 1)) Init.Normal(parameter, 0.3);
        network.Eval();
        return network;
    }

    private static readonly Dictionary<string, ulong> Hashes = new()
    {
        ["timesformer_divst_8x32_224_k400"] = 4580799743873012977,
        ["timesformer_divst_16x16_448_k400"] = 524109364736998909,
        ["timesformer_divst_96x4_224_k400"] = 8579160210184917630,
        ["timesformer_jointst_8x32_224_k400"] = 15825329516707768969,
        ["timesformer_spaceonly_8x32_224_k400"] = 6511221277714745696,
        ["timesformer_divst_8x32_224_k600"] = 11959455483840385249,
        ["timesformer_divst_16x16_448_k600"] = 9773276760248924781,
        ["timesformer_divst_96x4_224_k600"] = 10558342409220360966,
        ["timesformer_divst_8_224_ssv2"] = 6767049958592871313,
        ["timesformer_divst_16_448_ssv2"] = 236464843217084397,
        ["timesformer_divst_64_224_ssv2"] = 2985908457101172265,
    };
}
