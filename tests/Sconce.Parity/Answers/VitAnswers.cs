using System.Text.Json;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;

namespace Sconce.Parity;

/// <summary>Whole networks, one attention layer, one block, and the four ways to resample positions.</summary>
internal sealed class VitAnswers : ParityAnswers
{
    private static readonly Dictionary<string, TokenPooling> Poolings = new()
    {
        ["token"] = TokenPooling.Token,
        ["avg"] = TokenPooling.Average,
        ["max"] = TokenPooling.Max,
        ["avgmax"] = TokenPooling.AverageMax,
        [""] = TokenPooling.None,
    };

    internal override string System => "vit";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        if (question.Model == "resize_pos_embed") return Resize(config);
        if (question.Model == "vit_attention")
            return ParityAnswer.Of(new Attention(config.Int("dim"), config.Int("num_heads", 8), Attention(config, qkvBias: false)));
        if (question.Model == "vit_block")
            return ParityAnswer.Of(new Block(config.Int("dim"), config.Int("num_heads"), Block(config, qkvBias: false)));
        if (!question.Model.StartsWith("vit", StringComparison.Ordinal) || !config.Has("embed_dim")) return null;
        var network = new VisionTransformer(Read(config));
        return new ParityAnswer(network, inputs =>
        {
            var tokens = network.Features(inputs["x"]);
            return new() { ["tokens"] = tokens, ["logits"] = network.Classify(tokens) };
        });
    }

    private static VitConfig Read(Config config)
    {
        string pooling = config.String("global_pool", "token"), positions = config.String("pos_embed", "learn");
        Refuse(config.Bool("dynamic_img_pad", false), "dynamic_img_pad");
        Refuse(config.Double("patch_drop_rate", 0) > 0, "patch_drop_rate");
        return new VitConfig(config.Int("embed_dim"), config.Int("depth", 12), config.Int("num_heads", 12))
        {
            ImageSize = Extent(config, "img_size", 224),
            PatchSize = Extent(config, "patch_size", 16),
            InputChannels = config.Int("in_chans", 3),
            Classes = config.Int("num_classes", 1000),
            Pooling = Poolings.TryGetValue(pooling, out var known)
                ? known : throw new ArgumentException($"global_pool '{pooling}' is not built here"),
            ClassToken = config.Bool("class_token", true),
            RegisterTokens = config.Int("reg_tokens", 0),
            Positions = positions == "learn",
            PrefixPositions = !config.Bool("no_embed_class", false),
            PreNorm = config.Bool("pre_norm", false),
            FinalNorm = config.Bool("final_norm", true),
            NormAfterPooling = config.Has("fc_norm") ? config.Bool("fc_norm") : null,
            PoolPrefix = config.Bool("pool_include_prefix", false),
            RepresentationSize = config.Has("representation_size") ? config.Int("representation_size") : null,
            AnySize = config.Bool("dynamic_img_size", false),
            Dropout = config.Double("drop_rate", 0),
            PositionDropout = config.Double("pos_drop_rate", 0),
            Block = Block(config, qkvBias: true) with { DropPath = config.Double("drop_path_rate", 0) },
        };
    }

    private static BlockOptions Block(Config config, bool qkvBias)
    {
        Refuse(config.Bool("scale_mlp_norm", false), "scale_mlp_norm");
        Refuse(config.Bool("scale_attn_norm", false), "scale_attn_norm");
        double initial = config.Double("init_values", 0);
        return new BlockOptions
        {
            MlpRatio = config.Double("mlp_ratio", 4),
            MlpBias = config.Bool("proj_bias", true),
            Dropout = Rate(config),
            DropPath = config.Double("drop_path", 0),
            LayerScale = initial == 0 ? null : initial,
            NormEps = config.Double("layer_norm_eps", 1e-6),
            Gelu = config.String("act_layer", "gelu") switch
            {
                "gelu" => GeluForm.Exact,
                "gelu_tanh" => GeluForm.Tanh,
                var other => throw new ArgumentException($"act_layer '{other}' is not built here"),
            },
            Attention = Attention(config, qkvBias),
        };
    }

    private static AttentionOptions Attention(Config config, bool qkvBias)
    {
        Refuse(config.Bool("scale_norm", false), "scale_norm");
        return new AttentionOptions
        {
            QkvBias = config.Bool("qkv_bias", qkvBias),
            QkNorm = config.Bool("qk_norm", false),
            ProjBias = config.Bool("proj_bias", true),
            Scale = config.Has("qk_scale") ? config.Double("qk_scale") : null,
            AttentionDropout = config.Double("attn_drop_rate", config.Double("attn_drop", 0)),
            Dropout = Rate(config),
            NormEps = config.Double("layer_norm_eps", 1e-6),
        };
    }

    private static double Rate(Config config) => config.Double("proj_drop_rate", config.Double("proj_drop", 0));

    private static ParityAnswer Resize(Config config)
    {
        Extent2 from = Extent(config, "old_grid", null), to = Extent(config, "new_grid", null);
        int prefix = config.Int("prefix_tokens", 1);
        return ParityAnswer.Of(inputs => new()
        {
            ["zoom_order1"] = PositionEmbedding.Resize(inputs["pos_embed"], to, PositionResize.BilinearAlignCorners, prefix, from),
            ["bilinear"] = PositionEmbedding.Resize(inputs["pos_embed"], to, PositionResize.Bilinear, prefix, from),
            ["bicubic_antialias"] = PositionEmbedding.Resize(inputs["pos_embed"], to, PositionResize.BicubicAntialias, prefix, from),
            ["bicubic"] = PositionEmbedding.Resize(inputs["pos_embed"], to, PositionResize.Bicubic, prefix, from),
        });
    }

    /// <summary>One number for both sides, or height and width.</summary>
    private static Extent2 Extent(Config config, string name, int? otherwise)
    {
        if (!config.Has(name) || config.Element.GetProperty(name).ValueKind != JsonValueKind.Array) return config.Int(name, otherwise);
        int[] sides = config.Ints(name);
        return sides.Length == 2 ? (sides[0], sides[1])
            : throw new ArgumentException($"{name} has {sides.Length} numbers, but two are expected");
    }

    private static void Refuse(bool asked, string what)
    {
        if (asked) throw new ArgumentException($"{what} is not built here");
    }
}
