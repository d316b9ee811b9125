using Sconce.Nn;
using Sconce.Systems.Classification.Vit;
using Sconce.Torch;

namespace Sconce.Parity;

internal sealed class VitAnswers : ParityAnswers
{
    internal override string System => "vit";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "vit_attention":
                return ParityAnswer.Of(new Attention(config.Int("dim"), config.Int("num_heads"), new AttentionOptions { QkvBias = config.Bool("qkv_bias", false), QkNorm = config.Bool("qk_norm", false) }));
            case "vit_block":
                return ParityAnswer.Of(new Block(config.Int("dim"), config.Int("num_heads"), BlockOf(config)));
            case "resize_pos_embed":
                return ParityAnswer.Of(inputs => Resize(config, inputs["pos_embed"]));
            default:
                var network = new VisionTransformer(NetworkOf(config));
                return new ParityAnswer(network, inputs =>
                {
                    var tokens = network.Features(inputs["x"]);
                    return new() { ["tokens"] = tokens, ["logits"] = network.Classify(tokens) };
                });
        }
    }

    private static BlockOptions BlockOf(Config config) => new()
    {
        MlpRatio = config.Double("mlp_ratio", 4),
        NormEps = config.Double("layer_norm_eps", 1e-6),
        LayerScale = config.Has("init_values") ? config.Double("init_values") : null,
        Attention = new AttentionOptions { QkvBias = config.Bool("qkv_bias", true), QkNorm = config.Bool("qk_norm", false), NormEps = config.Double("layer_norm_eps", 1e-6) },
        Gelu = config.String("gelu", "erf") == "tanh" ? GeluForm.Tanh : GeluForm.Exact,
    };

    private static VitConfig NetworkOf(Config config) => new(config.Int("embed_dim"), config.Int("depth"), config.Int("num_heads"))
    {
        ImageSize = config.Int("img_size", 224),
        PatchSize = config.Int("patch_size", 16),
        InputChannels = config.Int("in_chans", 3),
        Classes = config.Int("num_classes", 1000),
        Block = BlockOf(config),
        ClassToken = config.Bool("class_token", true),
        RegisterTokens = config.Int("reg_tokens", 0),
        PrefixPositions = !config.Bool("no_embed_class", false),
        PreNorm = config.Bool("pre_norm", false),
        Pooling = config.String("global_pool", "token") switch
        {
            "token" => TokenPooling.Token,
            "avg" => TokenPooling.Average,
            "max" => TokenPooling.Max,
            "avgmax" => TokenPooling.AverageMax,
            "" => TokenPooling.None,
            var other => throw new ArgumentException($"no pooling '{other}'"),
        },
        NormAfterPooling = config.Has("fc_norm") ? config.Bool("fc_norm") : null,
        RepresentationSize = config.Has("representation_size") ? config.Int("representation_size") : null,
    };

    private static Dictionary<string, Tensor> Resize(Config config, Tensor positions)
    {
        var grid = config.Ints("new_grid");
        var from = config.Ints("old_grid");
        int prefix = config.Int("prefix_tokens", 1);
        Tensor To(PositionResize resize) => PositionEmbedding.Resize(positions, (grid[0], grid[1]), resize, prefix, (from[0], from[1]));
        return new()
        {
            ["zoom_order1"] = To(PositionResize.BilinearAlignCorners),
            ["bilinear"] = To(PositionResize.Bilinear),
            ["bicubic_antialias"] = To(PositionResize.BicubicAntialias),
            ["bicubic"] = To(PositionResize.Bicubic),
        };
    }
}
