using Sconce.Compilation;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Systems.Classification.Vit;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Vit;

/// <summary>The network, its keys, and what the paper and timm say of it.</summary>
[Collection(LiveTensors.Name)]
public class VitModelTests
{
    internal static readonly VitConfig Mini = new(48, 2, 3) { ImageSize = 32, PatchSize = 8, Classes = 10 };

    public static TheoryData<string> Names => [.. VitVariants.All.Select(variant => variant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_variant_has_timms_keys_and_number_of_parameters(string name)
    {
        var variant = VitVariants.All.Single(variant => variant.Name == name);
        if (variant.Parameters > 400_000_000 && Environment.GetEnvironmentVariable("SCONCE_SLOW") != "1")
            Assert.Skip("2.5 GB; SCONCE_SLOW=1 runs it");
        using var skipped = Init.Skipped();
        using var network = (VisionTransformer)variant.Create(ModelOptions.Official);
        string[] names = [.. network.StateDict().Select(entry => entry.Name)];
        Assert.Equal(variant.Parameters, network.ParameterCount);
        Assert.Equal((12 * network.Config.Depth) + 8, names.Length);
        Assert.Equal(["cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias"], names[..4]);
        Assert.Equal(
            ["norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight", "attn.proj.bias", "norm2.weight",
                "norm2.bias", "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"],
            names[^16..^4].Select(key => key[$"blocks.{network.Config.Depth - 1}.".Length..]));
        Assert.Equal(["norm.weight", "norm.bias", "head.weight", "head.bias"], names[^4..]);
    }

    [Fact]
    public void Classes_and_size_are_the_callers()
    {
        using var scope = new TensorScope();
        using var network = (VisionTransformer)Models.Create("vit_tiny_patch16_224", classes: 7, imageSize: 64);
        Assert.Equal([1, 17, 192], network.PosEmbed!.Shape.ToArray());
        Assert.Equal([2, 7], network.Call(Tensor.Randn([2, 3, 64, 64])).Shape.ToArray());
        using var headless = (VisionTransformer)Models.Create("vit_tiny_patch16_224", classes: 0, imageSize: 32);
        Assert.Null(headless.Head);
        Assert.Equal([1, 192], headless.Call(Tensor.Randn([1, 3, 32, 32])).Shape.ToArray());
    }

    [Theory]
    [InlineData(TokenPooling.Token, true)]
    [InlineData(TokenPooling.Average, true)]
    [InlineData(TokenPooling.Average, false)]
    [InlineData(TokenPooling.Max, true)]
    [InlineData(TokenPooling.AverageMax, false)]
    [InlineData(TokenPooling.None, true)]
    public void The_whole_is_its_features_classified(TokenPooling pooling, bool classToken)
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(Mini with { Pooling = pooling, ClassToken = classToken, RegisterTokens = 2 });
        network.Eval();
        var x = Tensor.Randn([2, 3, 32, 32]);
        var features = network.Features(x);
        Assert.Equal([2, classToken ? 19 : 18, 48], features.Shape.ToArray());
        Assert.True(network.Call(x).Allclose(network.Classify(features), atol: 1e-5));
    }

    [Fact]
    public void Mean_pooling_leaves_the_class_token_out_and_norms_afterwards()
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(Mini with { Pooling = TokenPooling.Average, Classes = 0 });
        Assert.Null(network.Norm);
        var tokens = Tensor.Randn([2, 17, 48]);
        var expected = Functional.LayerNorm(tokens[.., 1..].Mean([1]), [48], null, null, 1e-6);
        Assert.True(network.Classify(tokens).Allclose(expected, atol: 1e-5));
    }

    [Fact]
    public void Outside_the_tape_the_answer_is_the_same_number_by_number()
    {
        using var scope = new TensorScope();
        using var attention = new Attention(96, 6);
        var x = Tensor.Randn([3, 150, 96]); // 135,000 scores a picture: each gets a pass of its own
        var taped = attention.Call(x);
        using var off = Gradients.Off();
        var free = attention.Call(x);
        Assert.True(taped.RequiresGrad);
        Assert.True(free.Allclose(taped.Detach(), rtol: 1e-5, atol: 1e-6));
    }

    [Fact]
    public void Attention_is_the_formula()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var attention = new Attention(12, 3);
        var x = Tensor.Randn([2, 5, 12]);
        var qkv = attention.Qkv.Call(x).Chunk(3, -1); // [q | k | v], each cut into heads
        var heads = Enumerable.Range(0, 3)
            .Select(k => (qkv[0][.., .., (4 * k)..(4 * k + 4)], qkv[1][.., .., (4 * k)..(4 * k + 4)], qkv[2][.., .., (4 * k)..(4 * k + 4)]))
            .ToList();
        // a head is 4 wide: its root is 2
        var weights = heads.Select(head => (head.Item1.Matmul(head.Item2.Transpose(1, 2)) / 2).Softmax(-1)).ToList();
        var joined = Tensor.Cat(heads.Select((head, k) => weights[k].Matmul(head.Item3)).ToArray(), -1);
        Assert.True(attention.Call(x).Allclose(attention.Proj.Call(joined), atol: 1e-5));
        Assert.True(attention.Weights(x).Allclose(Tensor.Stack(weights.ToArray(), 1), atol: 1e-6));
    }

    [Fact]
    public void Norms_divide_by_the_small_constant()
    {
        using var scope = new TensorScope();
        using var block = new Block(8, 2);
        var x = Tensor.Randn([1, 1, 8]) * 1e-3; // a variance near the constant tells 1e-6 from 1e-5
        Assert.True(block.Norm1.Call(x).Allclose(Functional.LayerNorm(x, [8], null, null, 1e-6), atol: 1e-5));
    }

    [Fact]
    public void Patches_are_numbered_along_rows()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new VisionTransformer(Mini with { ImageSize = (16, 24) });
        Init.Constant(network.PatchEmbed.Proj.Weight, 1);
        Init.Constant(network.PatchEmbed.Proj.Bias!, 0);
        var x = Tensor.Zeros([1, 3, 16, 24]);
        x.FillInPlace(1, .., .., 8.., 8..16); // second row, second column of two by three
        Assert.Equal([0f, 0, 0, 0, 192, 0], network.PatchEmbed.Call(x)[0, .., 0].ToArray<float>());
    }

    [Fact]
    public void Without_positions_patches_are_a_set_and_with_them_they_are_not()
    {
        var run = new VitClaimRun(3, 1, [1], 1, 1);
        Assert.InRange(run.ShuffleChange(withPositions: false), 0, 1e-5);
        Assert.InRange(run.ShuffleChange(withPositions: true), 1e-2, 100);
    }

    [Fact]
    public void Pictures_of_another_size_are_refused_or_their_positions_resampled()
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(Mini);
        Assert.Contains("32x32", Assert.Throws<TorchException>(() => network.Call(Tensor.Randn([1, 3, 40, 32]))).Message);
        Assert.Throws<TorchException>(() => network.Call(Tensor.Randn([1, 1, 32, 32])));
        Assert.Throws<TorchException>(() => network.Call(Tensor.Randn([3, 32, 32])));
        using var any = new VisionTransformer(Mini with { AnySize = true });
        any.Eval();
        Assert.Equal([1, 36, 48], any.Features(Tensor.Randn([1, 3, 40, 56])).Shape.ToArray());
        Assert.Contains("remainder", Assert.Throws<TorchException>(() => any.Call(Tensor.Randn([1, 3, 36, 32]))).Message);
        using var larger = new VisionTransformer(Mini with { ImageSize = (40, 56) });
        larger.Eval();
        using (Gradients.Off())
        {
            foreach (var (name, parameter) in larger.NamedParameters()) parameter.CopyInPlace(name == "pos_embed"
                ? PositionEmbedding.Resize(any.PosEmbed!, (5, 7), PositionResize.BicubicAntialias) : any.StateDict()
                .Single(entry => entry.Name == name).Tensor);
        }

        var x = Tensor.Randn([1, 3, 40, 56]);
        Assert.True(any.Call(x).Allclose(larger.Call(x), atol: 1e-5));
    }

    [Fact]
    public void What_cannot_be_built_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new VisionTransformer(Mini with { ImageSize = 30 }));
        Assert.Throws<ArgumentException>(() => new VisionTransformer(Mini with { ClassToken = false }));
        Assert.Throws<ArgumentException>(() => new VisionTransformer(Mini with { Heads = 5 }));
        Assert.Throws<ArgumentException>(() => new Attention(10, 0));
    }

    [Fact]
    public void Dropout_and_stochastic_depth_work_in_training_only()
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(Mini with
        {
            Depth = 3,
            Dropout = 0.1,
            PositionDropout = 0.1,
            Block = new BlockOptions
            { DropPath = 0.4, Dropout = 0.1, Attention = new AttentionOptions { AttentionDropout = 0.1, Dropout = 0.1 } }
        });
        Assert.Equal([0, 0.2, 0.4], network.Blocks.Select(block => ((Block)block).DropPath.Rate));
        var x = Tensor.Randn([2, 3, 32, 32]);
        Assert.False(network.Call(x).EqualTo(network.Call(x)));
        network.Eval();
        Assert.True(network.Call(x).EqualTo(network.Call(x)));
    }

    [Fact]
    public void The_options_of_timm_have_timms_keys()
    {
        using var network = new VisionTransformer(Mini with
        {
            PreNorm = true,
            PrefixPositions = false,
            RegisterTokens = 4,
            RepresentationSize = 24,
            Block = new BlockOptions { LayerScale = 1e-5, Attention = new AttentionOptions { QkNorm = true, QkvBias = false } },
        });
        string[] names = [.. network.StateDict().Select(entry => entry.Name)];
        Assert.Equal([1, 16, 48], network.PosEmbed!.Shape.ToArray());
        Assert.Equal([1, 4, 48], network.RegToken!.Shape.ToArray());
        Assert.All((string[])["norm_pre.weight", "reg_token", "blocks.1.ls1.gamma", "blocks.1.ls2.gamma", "blocks.0.attn.q_norm.weight",
            "pre_logits.fc.weight"], key => Assert.Contains(key, names));
        Assert.All((string[])["patch_embed.proj.bias", "blocks.0.attn.qkv.bias"], key => Assert.DoesNotContain(key, names));
        using var scope = new TensorScope();
        network.Eval();
        Assert.Equal([2, 10], network.Call(Tensor.Randn([2, 3, 32, 32])).Shape.ToArray());
    }

    [Fact]
    public void Initial_weights_have_the_stated_spread()
    {
        using var scope = new TensorScope();
        using var timm = new VisionTransformer(Mini with { Width = 192 });
        var qkv = ((Block)timm.Blocks[0]).Attention.Qkv;
        Assert.InRange(qkv.Weight.Std().Item<double>(), 0.0195, 0.0205);
        Assert.Equal(0, qkv.Bias!.Abs().Max().Item<double>());
        Assert.InRange(timm.ClsToken!.Abs().Max().Item<double>(), 1e-8, 1e-5);
        using var jax = new VisionTransformer(Mini with { Initialization = VitInitialization.Jax });
        Assert.Equal(0, jax.Head!.Weight.Abs().Max().Item<double>());
        Assert.InRange(((Block)jax.Blocks[1]).Mlp.Fc1.Weight.Abs().Max().Item<double>(), 0.13, Math.Sqrt(6.0 / (48 + 192)));
        Assert.InRange(((Block)jax.Blocks[1]).Mlp.Fc1.Bias!.Abs().Max().Item<double>(), 1e-8, 1e-5);
    }

    [Fact]
    public void A_step_leaves_no_tensor_and_lowers_the_loss()
    {
        TorchRuntime.ManualSeed(1);
        using var network = new VisionTransformer(Mini);
        using var optimizer = VitTraining.PreTraining(network, 1e-3);
        using var outer = new TensorScope();
        var x = Tensor.Randn([8, 3, 32, 32]);
        var y = Tensor.Arange(8);
        var losses = new List<double>();
        long settled = 0;
        for (int step = 0; step < 30; step++)
        {
            using (var scope = new TensorScope())
            {
                optimizer.ZeroGrad();
                var loss = Functional.CrossEntropy(network.Call(x), y);
                loss.Backward();
                optimizer.Step();
                losses.Add(loss.Item<double>());
            }

            if (step == 1) settled = LiveTensors.Count;
        }

        Assert.Equal(settled, LiveTensors.Count);
        Assert.True(losses[^1] < losses[0] / 2, $"{losses[0]} -> {losses[^1]}");
    }

    [Fact]
    public void It_compiles_at_a_size_where_pictures_get_a_pass_each()
    {
        using var scope = new TensorScope();
        using var network = new VisionTransformer(Mini with { ImageSize = 96, PatchSize = 8, Heads = 6 });
        var x = Tensor.Randn([2, 3, 96, 96]);
        using var compiled = network.Compile(x);
        var other = Tensor.Randn([2, 3, 96, 96]);
        Assert.True(compiled.Call(other).Allclose(network.Call(other).Detach(), atol: 1e-4));
    }

    [Fact]
    public void Decay_spares_vectors_class_token_and_positions()
    {
        using var network = new VisionTransformer(Mini);
        var groups = VitTraining.Groups(network);
        Assert.Equal(network.Parameters().Count(), groups.Sum(group => group.Parameters.Count));
        Assert.False(groups[1].Decay);
        Assert.Contains(network.PosEmbed!, groups[1].Parameters);
        Assert.Contains(network.ClsToken!, groups[1].Parameters);
        Assert.Contains(network.Head!.Weight, groups[0].Parameters);
        Assert.Equal(8e-4, VitTraining.PreTrainingSchedule(8e-4, 100_000).At(10_000), 1e-12);
        Assert.Equal(0, VitTraining.FineTuningSchedule(0.03, 20_000).At(20_000), 1e-12);
    }
}
