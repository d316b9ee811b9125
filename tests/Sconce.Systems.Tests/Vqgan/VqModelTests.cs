using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Vqgan;

[Collection(LiveTensors.Name)]
public sealed class VqModelTests
{
    internal static VqConfig Small { get; } = new()
    {
        Autoencoder = new()
        {
            LatentChannels = 8,
            Resolution = 32,
            Width = 32,
            Multipliers = [1, 2],
            Blocks = 1,
            AttentionResolutions = [16],
        },
        Codes = 12,
        CodeWidth = 6,
    };

    [Theory]
    [InlineData("vqgan_imagenet_f16_1024")]
    [InlineData("vqgan_imagenet_depth")]
    [InlineData("vqgan_gumbel_f8")]
    [InlineData("vqgan_coco_segmentation")]
    [InlineData("vqgan_small")]
    public void Published_networks_have_the_published_number_of_parameters(string name)
    {
        var variant = new VqganSystem().Variants.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(new());
        Assert.Equal(variant.Parameters, network.ParameterCount);
    }

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var model = new VqModel(Small);
        using var gumbel = new VqModel(Small with { GumbelKlWeight = 1e-8 });
        using var loss = new VqLoss(new VqLossConfig { DiscriminatorWidth = 4 });
        Assert.Equal(15789149915911959081UL, StateHash.Of(model));
        Assert.Equal(15096773349928576820UL, StateHash.Of(gumbel));
        Assert.Equal(9995541968177564010UL, StateHash.Of(loss));
    }

    [Fact]
    public void Decoding_the_codes_is_decoding_their_vectors()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var model = new VqModel(Small);
        Init.Normal(((VectorQuantizer)model.Quantize).Embedding.Weight);
        var pictures = Tensor.Randn([2, 3, 16, 24]);
        var quantized = model.Encode(pictures);
        Assert.Equal([2, 8, 12], quantized.Codes.Shape.ToArray());
        Assert.True(model.DecodeCodes(quantized.Codes).Allclose(model.Call(pictures), rtol: 1e-4, atol: 1e-4));
    }

    [Fact]
    public void Sides_that_are_no_multiples_of_a_code_are_refused_by_name()
    {
        using var scope = new TensorScope();
        using var model = new VqModel(Small);
        var error = Assert.Throws<TorchException>(() => model.Call(Tensor.Zeros([1, 3, 16, 17])));
        Assert.Contains("multiples of 2", error.Message);
    }

    [Fact]
    public void Gradients_pass_the_codebook_as_if_it_were_not_there()
    {
        using var scope = new TensorScope();
        using var quantizer = new VectorQuantizer(12, 6);
        var map = Tensor.Randn([2, 6, 3, 3]);
        map.RequiresGrad = true;
        var weights = Tensor.Randn([2, 6, 3, 3]);
        var gradient = Gradients.Of([(quantizer.Call(map).Vectors * weights).Sum()], [map])[0];
        Assert.True(gradient.Allclose(weights));
    }

    [Fact]
    public void Both_forms_of_the_loss_are_equal_but_weigh_the_gradients_of_codebook_and_map_the_other_way_round()
    {
        using var scope = new TensorScope();
        using var legacy = new VectorQuantizer(12, 6);
        using var paper = new VectorQuantizer(12, 6, form: CodebookLoss.Paper);
        using (Gradients.Off()) paper.Embedding.Weight.CopyInPlace(legacy.Embedding.Weight);
        var map = Tensor.Randn([2, 6, 3, 3]);
        map.RequiresGrad = true;
        Tensor first = legacy.Call(map).Loss, second = paper.Call(map).Loss;
        Assert.True(first.Allclose(second));
        var ofLegacy = Gradients.Of([first], [map, legacy.Embedding.Weight]);
        var ofPaper = Gradients.Of([second], [map, paper.Embedding.Weight]);
        Assert.True(ofLegacy[0].Allclose(ofPaper[0] * 4));
        Assert.True((ofLegacy[1] * 4).Allclose(ofPaper[1]));
    }

    [Fact]
    public void Outside_training_gumbel_codes_are_hard_and_noisy_all_the_same()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var quantizer = new GumbelQuantizer(4, 6, 12, straightThrough: false);
        var map = Tensor.Randn([1, 4, 8, 8]);
        Assert.False(quantizer.Call(map).Vectors.Allclose(quantizer.Lookup(quantizer.Call(map).Codes)));
        quantizer.Eval();
        var quantized = quantizer.Call(map);
        Assert.True(quantized.Vectors.Allclose(quantizer.Lookup(quantized.Codes), rtol: 1e-4, atol: 1e-5));
        Assert.False(quantized.Codes.Equal(quantizer.Call(map).Codes));
    }

    [Fact]
    public void A_subset_of_codes_is_renumbered_and_restored_and_others_get_what_was_asked_for()
    {
        using var scope = new TensorScope();
        var codes = Tensor.From<long>([7, 3, 9, 3], [2, 2]);
        var extra = new CodeSubset([3, 7], UnknownCode.Extra);
        Assert.Equal(3, extra.Count);
        Assert.Equal([1, 0, 2, 0], extra.Renumber(codes).ToArray<long>());
        Assert.Equal([7, 3, 3, 3], extra.Restore(extra.Renumber(codes)).ToArray<long>());
        Assert.Equal([1, 0, 1, 0], new CodeSubset([3, 7], UnknownCode.Fixed, 1).Renumber(codes).ToArray<long>());
        Assert.InRange(new CodeSubset([3, 7]).Renumber(codes).Flatten()[2].Item<long>(), 0, 1);
    }

    [Fact]
    public void Before_its_start_the_discriminator_says_nothing_and_learns_nothing()
    {
        using var scope = new TensorScope();
        using var loss = new VqLoss(new VqLossConfig { DiscriminatorStart = 10, DiscriminatorWidth = 4, DiscriminatorLayers = 1 });
        using var last = new Conv2d(2, 3, 3, 1, 1);
        var pictures = Tensor.Randn([2, 3, 32, 32]);
        var painted = last.Call(Tensor.Randn([2, 2, 32, 32]));
        var before = loss.OfAutoencoder(pictures, painted, Tensor.Full([], 0.5), last.Weight, 9);
        Assert.Equal(before.Likelihood.Item<float>() + 0.5f, before.Loss.Item<float>(), 1e-4f);
        Assert.Equal(0, loss.OfDiscriminator(pictures, painted, 9).Item<float>());
        var after = loss.OfAutoencoder(pictures, painted, Tensor.Full([], 0.5), last.Weight, 10);
        var expected = before.Loss + (after.Adversarial * after.Balance);
        Assert.Equal(expected.Item<float>(), after.Loss.Item<float>(), 1e-4f);
        Assert.True(loss.OfDiscriminator(pictures, painted, 10).Item<float>() > 0);
        Assert.All(loss.PerceptualLoss!.Parameters(), parameter => Assert.False(parameter.RequiresGrad));
    }

    [Fact]
    public void The_first_batch_sets_act_norms_to_mean_zero_and_deviation_one()
    {
        using var scope = new TensorScope();
        using var norm = new ActNorm2d(3);
        var x = (Tensor.Randn([4, 3, 8, 8]) * 5) + 2;
        var first = norm.Call(x);
        Assert.True(first.Mean([0, 2, 3]).Abs().Max().Item<float>() < 1e-5);
        Assert.True(first.Std([0, 2, 3]).Allclose(Tensor.Ones([3]), rtol: 1e-4));
        Assert.True(norm.Call(x * 2).Std([0, 2, 3]).Allclose(Tensor.Full([3], 2f), rtol: 1e-4));
        using var judge = new PatchDiscriminator(width: 4, layers: 2, actNorm: true);
        Assert.Contains("main.2.bias", judge.StateDict().Select(entry => entry.Name));
        Assert.Equal([1, 1, 6, 6], judge.Call(Tensor.Randn([1, 3, 32, 32])).Shape.ToArray());
    }

    [Fact]
    public void The_released_codes_vanilla_loss_is_half_of_the_logistic_game()
    {
        using var scope = new TensorScope();
        var loss = VqLoss.OfDiscriminator(GanLoss.NonSaturating, Tensor.Zeros([4]), Tensor.Zeros([4]));
        Assert.Equal(Math.Log(2), loss.Item<double>(), 1e-6);
    }
}
