using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Classification.T2TVit;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.T2TVit;

[Collection(LiveTensors.Name)]
public class T2TVitTests
{
    private static readonly T2TVitConfig Mini = new(24, 2, 2) { ImageSize = 32, Classes = 5, TokenWidth = 8 };

    private static readonly T2TVitSystem System = new();

    public static TheoryData<string> Names => [.. System.Variants.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_variant_has_the_official_keys_and_number_of_parameters(string name)
    {
        var variant = System.Variants.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = (T2TVisionTransformer)variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(Hashes[name], network);
        string[] names = [.. network.StateDict().Select(entry => entry.Name)];
        Assert.Equal(["cls_token", "pos_embed"], names[..2]);
        Assert.Equal(network.Config.TokenLayer == TokenLayer.Performer, names.Contains("tokens_to_token.attention2.w"));
        Assert.Equal(["norm.weight", "norm.bias", "head.weight", "head.bias"], names[^4..]);
    }

    [Theory]
    [InlineData(T2TBackbone.Plain)]
    [InlineData(T2TBackbone.Ghost)]
    [InlineData(T2TBackbone.SqueezeExcite)]
    [InlineData(T2TBackbone.Dense)]
    public void Every_backbone_learns_all_of_its_parameters_but_the_fixed_features(T2TBackbone backbone)
    {
        using var scope = new TensorScope();
        using var network = new T2TVisionTransformer(
            Mini with { Backbone = backbone, Width = 32, GrowthRate = 8, DenseGroups = [1, 2], DropPath = 0.1, Dropout = 0.1 });
        Functional.CrossEntropy(network.Call(Tensor.Randn([4, 3, 32, 32])), Tensor.From([0L, 1, 2, 3])).Backward();
        foreach (var (name, parameter) in network.NamedParameters())
        {
            Assert.Equal(!name.EndsWith(".w", StringComparison.Ordinal), parameter.RequiresGrad);
            if (parameter.RequiresGrad) Assert.True(parameter.Grad?.Isfinite().All().Item<bool>(), name);
        }

        network.ZeroGrad();
    }

    [Theory]
    [InlineData(T2TBackbone.Plain, TokenLayer.Performer)]
    [InlineData(T2TBackbone.Plain, TokenLayer.Transformer)]
    [InlineData(T2TBackbone.Ghost, TokenLayer.Performer)]
    [InlineData(T2TBackbone.SqueezeExcite, TokenLayer.Performer)]
    [InlineData(T2TBackbone.Dense, TokenLayer.Performer)]
    public void Autocast_to_bfloat16_learns_too(T2TBackbone backbone, TokenLayer layer)
    {
        using var scope = new TensorScope();
        using var network = new T2TVisionTransformer(
            Mini with { Backbone = backbone, TokenLayer = layer, Width = 32, GrowthRate = 8, DenseGroups = [1, 2] });
        network.Eval();
        var x = Tensor.Randn([4, 3, 32, 32]);
        var exact = network.Call(x);
        Tensor logits;
        using (Gradients.Autocast(DType.BFloat16)) logits = network.Call(x);
        Assert.True(logits.To(DType.Float32).Allclose(exact, rtol: 0.1, atol: 0.05));
        Functional.CrossEntropy(logits.To(DType.Float32), Tensor.From([0L, 1, 2, 3])).Backward();
        Assert.All(network.Parameters().Where(parameter => parameter.RequiresGrad),
            parameter => Assert.True(parameter.Grad?.Isfinite().All().Item<bool>()));
        network.ZeroGrad();
    }

    [Fact]
    public void Random_features_are_orthogonal_rows_whose_norm_is_the_root_of_their_number()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        TorchRuntime.ManualSeed(1);
        using var layer = new TokenPerformer(8, 64);
        var gram = layer.W.Matmul(layer.W.T());
        Assert.True(gram.Allclose(Tensor.Eye(32) * 32, atol: 1e-4));
    }

    [Fact]
    public void A_performer_of_a_single_token_returns_its_value_to_the_projection()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var layer = new TokenPerformer(6, 4);
        layer.Eval();
        var x = Tensor.Randn([3, 1, 6]);
        var value = layer.Kqv.Call(layer.Norm1.Call(x))[.., .., 8..]; // keys and queries come first
        var y = value + layer.Proj.Call(value); // weights of one token sum to 1
        Assert.True(layer.Call(x).Allclose(y + layer.Mlp.Call(layer.Norm2.Call(y)), atol: 1e-4));
    }

    [Fact]
    public void Token_layers_do_not_care_for_the_order_of_tokens()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var x = Tensor.Randn([2, 9, 12]);
        var order = Tensor.Randperm(9, DType.Int64);
        foreach (Module<Tensor, Tensor> layer in new Module<Tensor, Tensor>[] { new TokenPerformer(12, 8), new TokenTransformer(12, 8) })
        {
            using (layer)
            {
                layer.Eval();
                Assert.True(layer.Call(x[.., order]).Allclose(layer.Call(x)[.., order], atol: 1e-5), layer.GetType().Name);
            }
        }
    }

    [Fact]
    public void The_grid_is_laid_down_row_by_row()
    {
        using var scope = new TensorScope();
        var map = T2TModule.Restructure(Tensor.Arange(0, 18, 1, DType.Float32).Reshape([1, 9, 2]));
        Assert.Equal([0f, 2, 4, 6, 8, 10, 12, 14, 16], map[0, 0].ToArray<float>());
        // The middle window of a later split of a 4x4 map begins at row 1, column 1.
        var window = T2TModule.LaterSplit(Tensor.Arange(0, 16, 1, DType.Float32).Reshape([1, 1, 4, 4]))[0, 3].ToArray<float>();
        Assert.Equal([5f, 6, 7, 9, 10, 11, 13, 14, 15], window);
    }

    [Fact]
    public void Positions_are_sines_and_cosines_of_the_row()
    {
        using var scope = new TensorScope();
        float[] table = SinusoidTable.Create(5, 4).ToArray<float>();
        Assert.Equal([0f, 1, 0, 1], table[..4]);
        Assert.Equal((float)Math.Sin(3), table[12]);
        Assert.Equal((float)Math.Cos(0.03), table[15]);
    }

    [Fact]
    public void Dropout_of_the_token_layers_acts_whatever_the_rate_says()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new T2TVisionTransformer(Mini);
        var x = Tensor.Randn([1, 3, 32, 32]);
        Assert.False(network.Call(x).EqualTo(network.Call(x)));
        network.Eval();
        Assert.True(network.Call(x).EqualTo(network.Call(x)));
    }

    [Fact]
    public void Classes_and_size_are_the_callers()
    {
        using var scope = new TensorScope();
        using var network = (T2TVisionTransformer)Models.Create("t2t_vit_7", classes: 7, imageSize: 64);
        Assert.Equal([1, 17, 256], network.PosEmbed.Shape.ToArray());
        Assert.Equal([2, 7], network.Call(Tensor.Randn([2, 3, 64, 64])).Shape.ToArray());
        using var headless = new T2TVisionTransformer(Mini with { Classes = 0 });
        Assert.Equal([2, 24], headless.Call(Tensor.Randn([2, 3, 32, 32])).Shape.ToArray());
    }

    [Fact]
    public void Bad_input_is_named_with_its_shape()
    {
        using var scope = new TensorScope();
        using var network = new T2TVisionTransformer(Mini);
        Assert.Contains("[1, 3, 48, 32]", Assert.Throws<TorchException>(() => network.Call(Tensor.Zeros([1, 3, 48, 32]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("square", Assert.Throws<TorchException>(() => network.TokensToToken.Call(Tensor.Zeros([1, 3, 48, 32]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("12 tokens", Assert.Throws<TorchException>(() => T2TModule.Restructure(Tensor.Zeros([1, 12, 4]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => network.TokensToToken.Attention1.Call(Tensor.Zeros([4, 147])));
    }

    [Theory]
    [InlineData(30, 24, 2, 3.0, T2TBackbone.Plain)]
    [InlineData(8, 24, 2, 3.0, T2TBackbone.Plain)]
    [InlineData(32, 25, 2, 3.0, T2TBackbone.Plain)]
    [InlineData(32, 24, 2, 2.0, T2TBackbone.Ghost)]
    [InlineData(32, 24, 0, 3.0, T2TBackbone.SqueezeExcite)]
    [InlineData(32, 20, 3, 3.0, T2TBackbone.SqueezeExcite)]
    public void What_cannot_be_built_is_refused(int side, int width, int heads, double ratio, T2TBackbone backbone) =>
        Assert.Throws<ArgumentException>(() =>
            new T2TVisionTransformer(new T2TVitConfig(width, 1, heads)
            { ImageSize = side, MlpRatio = ratio, Backbone = backbone, TokenWidth = 8 }));

    [Fact]
    public void Positions_of_another_size_are_resampled_when_weights_are_loaded()
    {
        string file = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.pth");
        try
        {
            using var scope = new TensorScope();
            using var small = new T2TVisionTransformer(Mini);
            using var large = new T2TVisionTransformer(Mini with { ImageSize = 64 });
            ModelWeights.Save(small, file);
            T2TWeights.Load(large, file);
            Assert.Equal([1, 17, 24], large.PosEmbed.Shape.ToArray());
            Assert.True(large.PosEmbed[.., ..1].EqualTo(small.PosEmbed[.., ..1]));
            Assert.True(large.Head!.Weight.EqualTo(small.Head!.Weight));
            using var other = new T2TVisionTransformer(Mini with { Classes = 6 });
            Assert.Contains("head.weight", Assert.Throws<CheckpointException>(() => T2TWeights.Load(other, file)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Averaged_weights_are_taken_where_a_file_has_them()
    {
        string file = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.pth");
        try
        {
            using var scope = new TensorScope();
            using T2TVisionTransformer last = new(Mini), averaged = new(Mini), loaded = new(Mini);
            var average = averaged.StateDict()
                .ToDictionary(entry => entry.Name, entry => (object?)ModelWeights.Describe(entry.Name, entry.Tensor));
            ModelWeights.Save(last, file, new Dictionary<string, object?> { ["epoch"] = 309L, ["state_dict_ema"] = average });
            T2TWeights.Load(loaded, file);
            Assert.All(loaded.StateDict().Zip(averaged.StateDict()),
                pair => Assert.True(pair.First.Tensor.EqualTo(pair.Second.Tensor), pair.First.Name));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_claims_exact_parts_hold_and_its_rule_can_be_missed()
    {
        Assert.True(T2TVitClaim.IsLocal());
        Assert.True(T2TVitClaim.IsEquivariant());
        T2TVitFigures[] ahead = [new(0.9, 0.6, 0.7), new(0.92, 0.6, 0.7)], behind = [new(0.6, 0.7, 0.6), new(0.61, 0.7, 0.6)],
            near = [new(0.80, 0.7, 0.6), new(0.68, 0.7, 0.6)];
        Assert.Equal(Verdict.Holds, T2TVitClaim.Judge(ahead, true, true).Verdict);
        Assert.Equal(Verdict.DoesNotHold, T2TVitClaim.Judge(ahead, false, true).Verdict);
        Assert.Equal(Verdict.DoesNotHold, T2TVitClaim.Judge(ahead, true, false).Verdict);
        Assert.Equal(Verdict.DoesNotHold, T2TVitClaim.Judge(behind, true, true).Verdict);
        Assert.Equal(Verdict.Undecided, T2TVitClaim.Judge(near, true, true).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new T2TVitClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        var result = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(3, result.Rows.Count);
        Assert.Equal(live, LiveTensors.Count);
    }

    private static readonly Dictionary<string, ulong> Hashes = new()
    {
        ["t2t_vit_7"] = 5381693543956666115,
        ["t2t_vit_10"] = 12859157462917622079,
        ["t2t_vit_12"] = 9113206987699608588,
        ["t2t_vit_14"] = 15849340902046649601,
        ["t2t_vit_14_384"] = 16419288575832506907,
        ["t2t_vit_19"] = 10393148945171762669,
        ["t2t_vit_24"] = 972230910899814095,
        ["t2t_vit_t_14"] = 15865017093799222263,
        ["t2t_vit_t_19"] = 5912251004533687891,
        ["t2t_vit_t_24"] = 16701691331372232253,
        ["t2t_vit_14_resnext"] = 15849340902046649601,
        ["t2t_vit_14_wide"] = 13675663291272662884,
        ["t2t_vit_14_se"] = 367756380501585657,
        ["t2t_vit_16_ghost"] = 12428216047535683660,
        ["t2t_vit_dense"] = 136587738276967464,
    };
}
