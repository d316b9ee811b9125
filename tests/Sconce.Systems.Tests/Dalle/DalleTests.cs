using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Systems.Generation.Dalle;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Dalle;

[Collection(LiveTensors.Name)]
public sealed class DalleTests
{
    private static readonly DvaeConfig SmallDvae = new() { Width = 4, Blocks = 1, Groups = 3, Codes = 7, CodeWidth = 5 };

    private static readonly DalleConfig Small = new()
    {
        Layers = 4,
        Width = 12,
        Heads = 2,
        TextVocabulary = 9,
        TextLength = 3,
        Codes = 7,
        Grid = 4,
        Kernel = 3,
    };

    [Fact]
    public void Keys_and_shapes_are_those_of_the_released_code()
    {
        using var skipped = Init.Skipped();
        using var dvae = new Dvae(SmallDvae);
        using var transformer = new DalleTransformer(Small with { NormOfLogits = true, Sandwich = true });
        Assert.Equal(5615034431107314789UL, StateHash.Of(dvae));
        Assert.Equal(4244587928874260157UL, StateHash.Of(transformer));
    }

    [Theory]
    [InlineData("dalle_dvae_encoder")]
    [InlineData("dalle_dvae_decoder")]
    [InlineData("dalle_dvae_small")]
    public void Released_networks_have_the_released_number_of_parameters(string name)
    {
        var variant = new DalleSystem().Variants.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(new());
        Assert.Equal(variant.Parameters, network.ParameterCount);
    }

    [Fact]
    public void Pictures_become_a_grid_of_codes_and_pictures_again()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var dvae = new Dvae(SmallDvae);
        var codes = dvae.Encode(Tensor.Rand([2, 3, 16, 8]));
        Assert.Equal([2, 4, 2], codes.Shape.ToArray());
        var pictures = dvae.Decode(codes);
        Assert.Equal([2, 3, 16, 8], pictures.Shape.ToArray());
        Assert.True((pictures >= 0).All().Item<bool>() && (pictures <= 1).All().Item<bool>());
        var error = Assert.Throws<TorchException>(() => dvae.Encode(Tensor.Rand([2, 3, 15, 8])));
        Assert.Contains("multiples of 4", error.Message);
    }

    [Fact]
    public void The_density_of_a_pixel_sums_to_one()
    {
        using var scope = new TensorScope();
        const int steps = 20000;
        var t = ((Tensor.Arange(0, steps, DType.Float64) + 0.5) / steps).View([1, 1, 1, steps]);
        var statistics = Tensor.Cat([Everywhere(0.4), Everywhere(-0.5)], 1); // μ, ln b
        Assert.Equal(1, (-DvaeLoss.NegativeLogLikelihood(t, statistics)).Exp().Mean().Item<double>(), 1e-3);

        static Tensor Everywhere(double value) => Tensor.Full([1, 1, 1, steps], value, DType.Float64);
    }

    [Fact]
    public void Equal_use_of_all_codes_costs_nothing()
    {
        using var scope = new TensorScope();
        using var dvae = new Dvae(SmallDvae);
        foreach (var parameter in dvae.Encoder.Parameters()) Init.Constant(parameter, 0);
        var loss = DvaeLoss.Of(dvae, Tensor.Rand([1, 3, 8, 8]), DvaeLoss.Gumbel([1, 7, 2, 2]), 1, 6.6);
        Assert.Equal(0, loss.Divergence.Item<double>(), 1e-6);
        Assert.True(loss.Loss.Allclose(loss.Likelihood));
    }

    [Theory]
    [InlineData(MaskKind.Row)]
    [InlineData(MaskKind.Column)]
    [InlineData(MaskKind.ConvolutionClamped)]
    [InlineData(MaskKind.ConvolutionWrapped)]
    [InlineData(MaskKind.ConvolutionRaster)]
    public void Whatever_the_mask_all_text_and_the_position_itself_are_seen_and_nothing_later(MaskKind kind)
    {
        using var scope = new TensorScope();
        var mask = AttentionMasks.Of(kind, 3, 5, 3);
        Assert.False(mask.Triu(1).Any().Item<bool>());
        Assert.True(mask.Diagonal().All().Item<bool>());
        Assert.True(mask.Narrow(0, 3, 25).Narrow(1, 0, 3).All().Item<bool>());
    }

    [Theory]
    [InlineData(MaskKind.ConvolutionClamped)]
    [InlineData(MaskKind.ConvolutionRaster)]
    public void Changing_a_code_changes_no_logits_before_it(MaskKind convolution)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var model = Lively(Small with { Convolution = convolution });
        Tensor text = Text(), codes = Tensor.Randint(7, [1, 16], DType.Int64), other = codes.Clone();
        other[0, 6] = (codes[0, 6] + 1) % 7;
        var difference = (model.Call(text, codes) - model.Call(text, other)).Abs().Amax([0, 2]).ToArray<float>();
        Assert.All(difference.Take(3 + 6), change => Assert.Equal(0, change));
        Assert.True(difference[3 + 6] > 0);
    }

    [Fact]
    public void A_row_layer_alone_sees_no_further_back_than_the_code_above()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var model = Lively(Small with { Layers = 2, Convolution = MaskKind.Row }); // layer 1 is the last: no column
        Tensor text = Text(), codes = Tensor.Randint(7, [1, 16], DType.Int64), other = codes.Clone();
        other[0, 0] = (codes[0, 0] + 1) % 7;
        var difference = (model.Call(text, codes) - model.Call(text, other)).Abs().Amax([0, 2]).ToArray<float>();
        Assert.All(difference[3..12], change => Assert.True(change > 0)); // two layers: twice four back, and itself
        Assert.All(difference[12..], change => Assert.Equal(0, change));
    }

    [Fact]
    public void Relaxed_scores_change_nothing()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var plain = Lively(Small);
        using var relaxed = Lively(Small with { Relaxed = true });
        var codes = Tensor.Randint(7, [1, 16], DType.Int64);
        Assert.True(plain.Call(Text(), codes).Allclose(relaxed.Call(Text(), codes), rtol: 1e-3, atol: 1e-4));
    }

    [Fact]
    public void Codes_are_drawn_as_reading_all_at_once_would_draw_them_and_those_given_stay()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var model = Lively(Small);
        var codes = DalleSampling.Draw(model, Text(), TokenSampler.Greedy);
        var logits = model.Call(Text(), codes).Narrow(1, Small.TextLength - 1, 16).Narrow(2, Small.TextVocabulary, Small.Codes);
        Assert.True(logits.Argmax(-1).Equal(codes));
        var given = (codes.Narrow(1, 0, 6) + 1) % 7;
        Assert.True(DalleSampling.Draw(model, Text(), TokenSampler.Greedy, given: given).Narrow(1, 0, 6).Equal(given));
    }

    [Fact]
    public void Text_and_codes_of_other_lengths_are_refused_with_what_to_do()
    {
        using var scope = new TensorScope();
        using var model = new DalleTransformer(Small);
        var error = Assert.Throws<TorchException>(() => model.Call(Tensor.Zeros([1, 4], DType.Int64), Tensor.Zeros([1, 16], DType.Int64)));
        Assert.Contains("pad captions with 0", error.Message);
    }

    [Fact]
    public void The_papers_loss_asks_for_every_code_and_ru_dalles_not_for_the_first()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var model = Lively(Small);
        Tensor codes = Tensor.Randint(7, [1, 16], DType.Int64), logits = model.Call(Text(), codes);
        var paper = model.Loss(logits, Text(), codes, LossSpan.Paper);
        var surprise = -logits.Narrow(1, 2, 16).Narrow(2, Small.TextVocabulary, 7).LogSoftmax(-1).Gather(2, codes.Unsqueeze(-1));
        Assert.Equal(surprise.Mean().Item<double>(), paper.Picture.Item<double>(), 1e-4);
        var other = model.Loss(logits, Text(), codes, LossSpan.RuDalle);
        Assert.Equal(surprise.Narrow(1, 1, 15).Mean().Item<double>(), other.Picture.Item<double>(), 1e-4);
        Assert.Equal((paper.Text.Item<double>() + (7 * paper.Picture.Item<double>())) / 8, paper.Loss.Item<double>(), 1e-4);
    }

    private static Tensor Text() => Tensor.From<long>([2, 1, 0], [1, 3]);

    private static DalleTransformer Lively(DalleConfig config)
    {
        TorchRuntime.ManualSeed(2);
        var model = new DalleTransformer(config);
        foreach (var parameter in model.Parameters()) Init.Normal(parameter, 0.4);
        return model;
    }
}
