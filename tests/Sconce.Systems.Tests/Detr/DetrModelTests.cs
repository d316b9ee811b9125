using Sconce.Abilities;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Systems.Detection.Detr;
using Sconce.Tests.Export;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Detr;

[Collection(LiveTensors.Name)]
public class DetrModelTests
{
    private static DetrConfig Small { get; } = new()
    {
        Trunk = ResNetConfiguration.ResNet18,
        Classes = 5,
        Queries = 6,
        Transformer = new DetrTransformerConfig { Width = 32, Heads = 4, EncoderLayers = 1, DecoderLayers = 2, FeedForward = 48 },
    };

    [Theory]
    [InlineData("detr_resnet50", 2155267225093586615UL)]
    [InlineData("detr_resnet101_dc5", 13794817141477250595UL)]
    [InlineData("detr_resnet50_panoptic", 9188117536472951834UL)]
    public void Keys_and_shapes_are_the_official_ones(string name, ulong hash)
    {
        var variant = DetrVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        StateHash.Verify(hash, network);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        Assert.IsType<Linear>(network[variant.Find<IHasClasses>()!.Head]);
    }

    [Fact]
    public void Stem_and_first_stage_do_not_learn_and_norms_have_nothing_to_learn()
    {
        using var skipped = Init.Skipped();
        using var network = new DetrModel();
        // What main.py prints as the number of parameters.
        Assert.Equal(41_302_368, network.Parameters().Where(parameter => parameter.RequiresGrad).Sum(parameter => parameter.Elements));
        Assert.DoesNotContain(network.NamedParameters(), named => named.Name.Contains(".bn", StringComparison.Ordinal));
        Assert.Equal(41_631_008, network.StateDict().Sum(entry => entry.Tensor.Elements));
    }

    [Fact]
    public void A_mask_without_padding_is_no_mask()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = Built();
        var pictures = Tensor.Randn([2, 3, 64, 96]);
        DetrOutput without = network.Call(new PaddedImages(pictures)),
            with = network.Call(new PaddedImages(pictures, Tensor.Zeros([2, 64, 96], DType.Bool)));
        Assert.True(without.Logits.Allclose(with.Logits, atol: 1e-5));
        Assert.True(without.Boxes.Allclose(with.Boxes, atol: 1e-5));
    }

    [Fact]
    public void Queries_in_another_order_give_the_answers_in_that_order()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = Built();
        var pictures = new PaddedImages(Tensor.Randn([1, 3, 64, 64]));
        var before = network.Call(pictures);
        var order = Tensor.From([3L, 0, 5, 1, 4, 2]);
        network.QueryEmbed.Weight.CopyInPlace(network.QueryEmbed.Weight[order]);
        var after = network.Call(pictures);
        Assert.True(after.Logits.Allclose(before.Logits[.., order], atol: 1e-5));
        Assert.False(after.Logits.Allclose(before.Logits, atol: 1e-3));
    }

    [Fact]
    public void What_stands_under_the_padding_of_the_map_is_not_looked_at()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var transformer = new DetrTransformer(Small.Transformer);
        transformer.Eval();
        Tensor source = Tensor.Randn([1, 32, 3, 4]), positions = Tensor.Randn([1, 32, 3, 4]), queries = Tensor.Randn([6, 32]);
        var mask = Tensor.Zeros([1, 3, 4], DType.Bool);
        mask.FillInPlace(true, .., .., 3..);
        var before = transformer.Call(new TransformerInput(source, mask, queries, positions)).States;
        var changed = source.Clone();
        changed.FillInPlace(100, .., .., .., 3..);
        Assert.True(before.Allclose(transformer.Call(new TransformerInput(changed, mask, queries, positions)).States, atol: 1e-5));
        Assert.False(before.Allclose(transformer.Call(new TransformerInput(changed, null, queries, positions)).States, atol: 1e-2));
    }

    [Fact]
    public void Sine_positions_are_those_of_the_picture_without_its_padding()
    {
        using var scope = new TensorScope();
        var sine = new SinePositions(16);
        var alone = sine.Compute(Tensor.Zeros([1, 5, 7], DType.Bool));
        var mask = Tensor.Ones([1, 8, 9], DType.Bool);
        mask.FillInPlace(false, .., ..5, ..7);
        Assert.True(alone.Allclose(sine.Compute(mask)[.., .., ..5, ..7], atol: 1e-6));
        Assert.Equal([1, 32, 5, 7], alone.Shape.ToArray());
        // sin² + cos² of each pair is 1.
        var squares = alone.Square().Reshape([16, 2, 5, 7]).Sum([1]);
        Assert.True((squares - 1).Abs().Max().Item<float>() < 1e-5);
    }

    [Fact]
    public void An_odd_number_of_features_is_refused() =>
        Assert.Throws<ArgumentException>(() => new SinePositions(3).Compute(Tensor.Zeros([1, 2, 2], DType.Bool)));

    [Fact]
    public void Learned_positions_end_at_fifty()
    {
        using var scope = new TensorScope();
        using var positions = new LearnedPositions(4);
        Assert.Contains("50", Assert.Throws<TorchException>(() => positions.Call(Tensor.Zeros([1, 8, 51, 3]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_of_two_sizes_are_padded_right_and_below()
    {
        using var scope = new TensorScope();
        var batch = PaddedImages.Of(Tensor.Ones([3, 4, 6]), Tensor.Ones([3, 5, 2]));
        Assert.Equal([2, 3, 5, 6], batch.Images.Shape.ToArray());
        Assert.Equal(6, batch.Mask![0].Sum().Item<long>());
        Assert.Equal(20, batch.Mask[1].Sum().Item<long>());
        Assert.Equal(3 * (24 + 10), batch.Images.Sum().Item<float>());
        Assert.Null(PaddedImages.Of(Tensor.Ones([3, 4, 6]), Tensor.Ones([3, 4, 6])).Mask);
        Assert.Throws<TorchException>(() => PaddedImages.Of(Tensor.Ones([1, 4, 6])));
        Assert.Throws<TorchException>(() => PaddedImages.Of());
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_with_both_shapes()
    {
        using var scope = new TensorScope();
        using var network = Built();
        var error = Assert.Throws<TorchException>(() =>
            network.Call(new PaddedImages(Tensor.Randn([1, 3, 64, 64]), Tensor.Zeros([1, 64, 32], DType.Bool))));
        Assert.Contains("[1, 64, 32]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[1, 3, 64, 64]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_leaves_its_answer_alone_alive()
    {
        using var network = Built();
        using var off = Gradients.Off();
        long live = LiveTensors.Count;
        using (var scope = new TensorScope())
        {
            network.Call(new PaddedImages(Tensor.Randn([1, 3, 64, 64]), Tensor.Zeros([1, 64, 64], DType.Bool)));
            Assert.Equal(2 + 4, scope.Count); // the input's two, logits and boxes of two layers
        }

        Assert.Equal(live, LiveTensors.Count);
    }

    private static DetrModel Built()
    {
        TorchRuntime.ManualSeed(3);
        var network = new DetrModel(Small);
        network.Eval();
        return network;
    }

    [Fact]
    public void It_is_exported_for_pictures_of_the_size_that_is_asked()
    {
        OnnxRuntime.Require();
        string folder = Directory.CreateTempSubdirectory("sconce-detr-onnx-").FullName;
        try
        {
            using var scope = new TensorScope();
            using var off = Gradients.Off();
            using var network = Built();
            var function = Assert.Single(DetrVariants.All[0].Exports(network, new PictureSize(64, 96)));
            string path = Path.Combine(folder, "detr.onnx");
            OnnxExport.Write(network, function, path);
            var pictures = Tensor.Randn([1, 3, 64, 96]);
            var answers = OnnxRuntime.Run(path, [new Dictionary<string, Tensor> { ["images"] = pictures }], function.Outputs)[0];
            var expected = network.Call(new PaddedImages(pictures));
            Assert.True(answers[0].Allclose(expected.Logits, atol: 1e-4));
            Assert.True(answers[1].Allclose(expected.Boxes, atol: 1e-4));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
