using Sconce.Nn;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>The symmetric loss, the zero-shot rows, the blocks' special cases.</summary>
public class ClipLossTests
{
    [Fact]
    public void Features_that_match_perfectly_cost_nothing_and_features_that_are_all_alike_cost_ln_n()
    {
        using var scope = new TensorScope();
        var sharp = Tensor.From([(float)Math.Log(100)]).Reshape([]);
        Assert.Equal(0, ContrastiveLoss.Compute(Tensor.Eye(6), Tensor.Eye(6), sharp).Loss.Item<float>(), 1e-5);
        Assert.Equal(Math.Log(6), ContrastiveLoss.Compute(Tensor.Ones([6, 4]), Tensor.Ones([6, 4]), sharp).Loss.Item<float>(), 1e-5);
    }

    [Fact]
    public void The_loss_is_symmetric_and_blind_to_the_length_of_features()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        Tensor image = Tensor.Randn([5, 8]), text = Tensor.Randn([5, 8]), scale = Tensor.FromScalar(1.5f);
        var (loss, imageLoss, textLoss) = ContrastiveLoss.Compute(image, text, scale);
        var (swapped, textFirst, imageFirst) = ContrastiveLoss.Compute(text * 7, image * 0.2, scale);
        ClipModelTests.AssertClose(loss, swapped);
        ClipModelTests.AssertClose(imageLoss, imageFirst);
        ClipModelTests.AssertClose(textLoss, textFirst);
        ClipModelTests.AssertClose(loss, (imageLoss + textLoss) / 2);
        Assert.NotEqual(imageLoss.Item<float>(), textLoss.Item<float>());
    }

    [Fact]
    public void Without_reduction_each_pair_has_its_own_loss_and_their_mean_is_the_loss()
    {
        using var scope = new TensorScope();
        Tensor image = Tensor.Randn([5, 8]), text = Tensor.Randn([5, 8]), scale = Tensor.FromScalar(1.5f);
        var each = ContrastiveLoss.Compute(image, text, scale, Reduction.None).Loss;
        Assert.Equal([5], each.Shape.ToArray());
        ClipModelTests.AssertClose(ContrastiveLoss.Compute(image, text, scale).Loss, each.Mean());
    }

    [Fact]
    public void Features_of_different_shapes_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Contains("[4, 8]", Assert.Throws<TorchException>(() =>
            ContrastiveLoss.Compute(Tensor.Ones([5, 8]), Tensor.Ones([4, 8]), Tensor.FromScalar(1f))).Message);
    }

    [Fact]
    public void One_template_gives_the_normalised_sentence_itself_and_rows_have_unit_length()
    {
        using var scope = new TensorScope();
        var features = Tensor.Randn([4, 1, 8]);
        ClipModelTests.AssertClose(ContrastiveLoss.UnitLength(features[.., 0]), ZeroShotClassifier.Average(features));
        ClipModelTests.AssertClose(Tensor.Ones([4]), ZeroShotClassifier.Average(Tensor.Randn([4, 5, 8])).LinalgVectorNorm(2, [-1]));
    }

    [Fact]
    public void A_long_sentence_weighs_no_more_in_the_ensemble_than_a_short_one()
    {
        using var scope = new TensorScope();
        var features = Tensor.Randn([2, 3, 8]);
        var lengths = Tensor.From([1f, 20f, 0.1f], [1, 3, 1]);
        ClipModelTests.AssertClose(ZeroShotClassifier.Average(features), ZeroShotClassifier.Average(features * lengths));
    }

    [Fact]
    public void The_attention_pool_of_a_flat_map_is_its_value_projection()
    {
        using var pool = new AttentionPool(3, 8, 2, 5);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        pool.PositionalEmbedding.ZeroInPlace();
        var cell = Tensor.Randn([2, 8, 1, 1]);
        var expected = pool.CProj.Call(pool.VProj.Call(cell.Flatten(1)));
        ClipModelTests.AssertClose(expected, pool.Call(cell.Expand([2, 8, 3, 3])));
        Assert.Contains("(N, 8, 3, 3)", Assert.Throws<TorchException>(() => pool.Call(Tensor.Zeros([2, 8, 4, 4]))).Message);
    }

    [Fact]
    public void A_new_bottleneck_is_its_shortcut()
    {
        using var block = new ClipBottleneck(16, 4);
        block.Eval();
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var x = Tensor.Randn([1, 16, 4, 4]);
        var before = x.Clone();
        ClipModelTests.AssertClose(x.Relu(), block.Call(x));
        ClipModelTests.AssertClose(before, x);
    }

    [Fact]
    public void Bottlenecks_halve_by_pooling_not_by_striding()
    {
        using var block = new ClipBottleneck(8, 4, 2);
        Assert.All(block.NamedModules().Select(named => named.Module).OfType<Conv2d>(),
            convolution => Assert.Equal([1, 1], convolution.Stride));
        using var scope = new TensorScope();
        Assert.Equal([1, 16, 3, 3], block.Call(Tensor.Randn([1, 8, 6, 6])).Shape.ToArray());
    }
}
