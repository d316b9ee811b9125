using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>The towers, their keys, and what the paper and the official code say of them.</summary>
[Collection(LiveTensors.Name)]
public class ClipModelTests
{
    internal static readonly ClipConfig SmallVit =
        new(48, 32, new ClipVitConfig(64, 2, 8), new ClipTextConfig(64, 1, 2) { ContextLength = 12, VocabularySize = 100 });
    internal static readonly ClipConfig SmallResNet =
        new(24, 64, new ClipResNetConfig(4, (1, 2, 1, 1)), new ClipTextConfig(64, 1, 1) { ContextLength = 12, VocabularySize = 100 });

    public static TheoryData<string, int, string> Keys => new()
    {
        { "ViT-B/32", 302, "visual.ln_post.bias" },
        { "ViT-B/16", 302, "visual.ln_post.bias" },
        { "ViT-L/14", 446, "visual.transformer.resblocks.23.mlp.c_proj.bias" },
        { "ViT-L/14@336px", 446, "visual.transformer.resblocks.23.mlp.c_proj.bias" },
        { "RN50", 489, "visual.layer4.0.downsample.1.running_var" },
        { "RN101", 795, "visual.layer3.22.bn3.num_batches_tracked" },
        { "RN50x4", 669, "visual.layer3.9.conv1.weight" },
        { "RN50x16", 921, "visual.layer4.7.bn2.weight" },
        { "RN50x64", 1353, "visual.layer3.35.conv3.weight" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_variant_has_the_official_keys_and_number_of_parameters(string name, int keys, string one)
    {
        var variant = ClipVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var model = variant.Create(ModelOptions.Official);
        var state = model.StateDict();
        Assert.Equal(variant.Parameters, model.ParameterCount);
        Assert.Equal(keys, state.Count);
        Assert.Contains(one, state.Select(entry => entry.Name));
        Assert.Equal(["positional_embedding", "text_projection", "logit_scale"], state.Take(3).Select(entry => entry.Name));
        Assert.Equal("ln_final.bias", state[^1].Name);
        Assert.Equal(ClipVariants.Find(name), ((ClipModel)model).Config);
    }

    [Fact]
    public void The_residual_network_has_the_official_keys_in_the_official_order()
    {
        using var model = new ClipModel(SmallResNet);
        string[] names = [.. model.StateDict().Select(entry => entry.Name)];
        Assert.Equal(["visual.conv1.weight", "visual.bn1.weight", "visual.bn1.bias", "visual.bn1.running_mean"], names.Skip(3).Take(4));
        Assert.Contains("visual.layer1.0.downsample.0.weight", names);
        Assert.DoesNotContain("visual.layer2.1.downsample.0.weight", names);
        Assert.DoesNotContain(names, name => name.Contains("downsample.-1"));
        Assert.Equal(["visual.attnpool.positional_embedding", "visual.attnpool.k_proj.weight", "visual.attnpool.k_proj.bias",
            "visual.attnpool.q_proj.weight"], names.SkipWhile(name => !name.Contains("attnpool")).Take(4));
        Assert.Contains("transformer.resblocks.0.attn.in_proj_weight", names);
        Assert.Contains("transformer.resblocks.0.mlp.c_fc.weight", names);
    }

    [Fact]
    public void Initial_weights_have_the_official_spread()
    {
        TorchRuntime.ManualSeed(1);
        using var model = new ClipModel(new ClipConfig(256, 64, new ClipResNetConfig(16, (1, 1, 1, 1)),
            new ClipTextConfig(256, 4, 3) { ContextLength = 77, VocabularySize = 500 }));
        using var scope = new TensorScope();
        var state = model.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        Near(0.02, "token_embedding.weight");
        Near(0.01, "positional_embedding");
        Near(1 / 16.0, "text_projection");
        Near(1 / 16.0, "transformer.resblocks.0.attn.in_proj_weight");
        Near(1 / 16.0 / Math.Sqrt(6), "transformer.resblocks.1.attn.out_proj.weight");
        Near(1 / 16.0 / Math.Sqrt(6), "transformer.resblocks.2.mlp.c_proj.weight");
        Near(1 / Math.Sqrt(512), "transformer.resblocks.0.mlp.c_fc.weight");
        Near(1 / Math.Sqrt(512), "visual.attnpool.q_proj.weight");
        Near(1 / Math.Sqrt(512), "visual.attnpool.c_proj.weight");
        Assert.Equal(0, state["visual.layer2.0.bn3.weight"].Abs().Sum().Item<float>());
        Assert.Equal(1, state["visual.bn3.weight"].Mean().Item<float>());
        Assert.Equal(2.6593, state["logit_scale"].Item<float>(), 1e-4);

        void Near(double std, string key) => Assert.InRange(state[key].Std().Item<float>(), 0.96 * std, 1.04 * std);
    }

    [Fact]
    public void Nothing_after_the_end_token_changes_a_sentence_and_everything_before_it_does()
    {
        using var model = Eval(new ClipModel(SmallVit));
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var sentence = Row(98, 5, 17, 99, 0, 0, 0);
        var features = model.EncodeText(sentence);
        AssertClose(features, model.EncodeText(Row(98, 5, 17, 99, 33, 44, 55)));
        AssertClose(features, model.EncodeText(Row(98, 5, 17, 99)));
        Assert.True(Distance(features, model.EncodeText(Row(98, 6, 17, 99))) > 1e-3);
    }

    [Fact]
    public void The_end_token_is_the_highest_id_whatever_the_vocabulary()
    {
        using var model = Eval(new ClipModel(SmallVit));
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        AssertClose(model.EncodeText(Row(3, 40, 7, 7, 7)), model.EncodeText(Row(3, 40)));
    }

    [Fact]
    public void Logits_are_scaled_cosines_of_the_features_and_each_others_transpose()
    {
        using var model = Eval(new ClipModel(SmallResNet));
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var image = Tensor.Randn([3, 3, 64, 64]);
        var text = Tensor.From([98L, 5, 99, 98, 7, 99], [2, 3]);
        var (perImage, perText) = model.Call(image, text);
        var cosines = Functional.CosineSimilarity(model.EncodeImage(image).Unsqueeze(1), model.EncodeText(text).Unsqueeze(0), -1);
        Assert.Equal([3, 2], perImage.Shape.ToArray());
        AssertClose(perImage, cosines / 0.07, 1e-3);
        AssertClose(perImage, perText.T());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_step_of_training_reaches_every_parameter_and_leaves_no_tensor_behind(bool vit)
    {
        using var model = new ClipModel(vit ? SmallVit : SmallResNet);
        long before = LiveTensors.Count;
        using (new TensorScope())
        {
            if (!vit) OpenResidualBranches(model);
            var image = Tensor.Randn([4, 3, model.Config.ImageResolution, model.Config.ImageResolution]);
            var text = Tensor.From([98L, 5, 99, 0, 98, 7, 8, 99, 98, 1, 2, 99, 98, 99, 0, 0], [4, 4]);
            ContrastiveLoss.Compute(model.EncodeImage(image), model.EncodeText(text), model.LogitScale).Loss.Backward();
            foreach (var (name, parameter) in model.NamedParameters()) Assert.True(parameter.Grad is not null, name);
            model.ZeroGrad();
        }

        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void The_scale_is_kept_at_or_below_a_hundred()
    {
        using var model = new ClipModel(SmallVit);
        using (Gradients.Off()) model.LogitScale.FillInPlace(7);
        model.ClampLogitScale();
        Assert.Equal(100, Math.Exp(model.LogitScale.Item<float>()), 1e-3);
        using (Gradients.Off()) model.LogitScale.FillInPlace(1);
        model.ClampLogitScale();
        Assert.Equal(1, model.LogitScale.Item<float>());
    }

    [Fact]
    public void Wrong_shapes_and_impossible_numbers_are_refused_with_what_is_wanted()
    {
        using var model = new ClipModel(SmallVit);
        using var scope = new TensorScope();
        Assert.Contains("(N, 3, 32, 32)", Assert.Throws<TorchException>(() => model.EncodeImage(Tensor.Zeros([1, 3, 40, 40]))).Message);
        Assert.Contains("1 to 12", Assert.Throws<TorchException>(() => model.EncodeText(Tensor.Zeros([1, 13], DType.Int64))).Message);
        Assert.Throws<TorchException>(() => model.EncodeText(Row(98, 100)));
        Assert.Contains("heads",
            Assert.Throws<ArgumentException>(() => new ClipModel(SmallVit with { Text = new ClipTextConfig(64, 3, 1) })).Message);
        Assert.Contains("32", Assert.Throws<ArgumentException>(() => new ClipModel(SmallResNet with { ImageResolution = 48 })).Message);
        Assert.Contains("layers",
            Assert.Throws<ArgumentException>(() => new ClipModel(SmallVit with { Text = new ClipTextConfig(64, 1, 0) })).Message);
    }

    internal static ClipModel Eval(ClipModel model)
    {
        model.Eval();
        return model;
    }

    internal static Tensor Row(params long[] ids) => Tensor.From(ids, [1, ids.Length]);

    internal static void AssertClose(Tensor expected, Tensor actual, double tolerance = 1e-5) =>
        Assert.True(Distance(expected, actual) <= tolerance, $"off by {Distance(expected, actual)}");

    internal static double Distance(Tensor left, Tensor right)
    {
        using var scope = new TensorScope();
        return (left - right).Abs().Max().Item<float>();
    }

    /// <summary>The last gain of each branch begins at zero, which hides the branch.</summary>
    private static void OpenResidualBranches(ClipModel model)
    {
        foreach (var (name, parameter) in model.NamedParameters())
        {
            if (name.EndsWith("bn3.weight", StringComparison.Ordinal)) Init.Constant(parameter, 1);
        }
    }
}
