using Sconce.Systems.Classification.T2TVit;

namespace Sconce.Parity;

/// <summary>Whole networks of every kind, the two token layers alone, and the table of positions.</summary>
internal sealed class T2TVitAnswers : ParityAnswers
{
    internal override string System => "t2t_vit";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "sinusoid_encoding":
                return ParityAnswer.Of(_ => new() { ["out"] = SinusoidTable.Create(config.Int("n_position"), config.Int("d_hid")) });
            case "token_performer":
                int width = config.Int("in_dim") * config.Int("head_cnt", 1);
                return ParityAnswer.Of(new TokenPerformer(config.Int("dim"), width, config.Double("kernel_ratio", 0.5),
                    config.Double("dp1", 0.1), config.Double("epsilon", 1e-8)));
            case "token_transformer":
                if (config.Int("num_heads", 1) != 1)
                    throw new ArgumentException("a token transformer has one head: with more the official code does not run");
                return ParityAnswer.Of(new TokenTransformer(config.Int("dim"), config.Int("in_dim"), new TokenTransformerOptions
                {
                    MlpRatio = config.Double("mlp_ratio", 1),
                    QkvBias = config.Bool("qkv_bias", false),
                    Scale = Scale(config),
                    Dropout = config.Double("drop", 0),
                    AttentionDropout = config.Double("attn_drop", 0),
                    DropPath = config.Double("drop_path", 0),
                }));
        }

        if (!question.Model.StartsWith("t2t", StringComparison.Ordinal) || !config.Has("embed_dim")) return null;
        var network = new T2TVisionTransformer(Read(config));
        return new ParityAnswer(network, inputs =>
        {
            var tokens = network.TokensToToken.Call(inputs["x"]);
            var features = network.FeaturesOf(tokens);
            return new() { ["t2t_tokens"] = tokens, ["feature"] = features, ["logits"] = network.Head?.Call(features) ?? features };
        });
    }

    private static T2TVitConfig Read(Config config)
    {
        string kind = config.String("cls", "T2T_ViT"), tokens = config.String("tokens_type", "performer");
        var read = new T2TVitConfig(config.Int("embed_dim"), config.Int("depth", 12), config.Int("num_heads", 12))
        {
            ImageSize = config.Int("img_size", 224),
            InputChannels = config.Int("in_chans", 3),
            Classes = config.Int("num_classes", 1000),
            TokenLayer = tokens switch
            {
                "performer" => TokenLayer.Performer,
                "transformer" => TokenLayer.Transformer,
                _ => throw new ArgumentException($"tokens_type '{tokens}' is not built here: officially, too, it has no forward pass"),
            },
            TokenWidth = config.Int("token_dim", 64),
            Backbone = kind switch
            {
                "T2T_ViT" => T2TBackbone.Plain,
                "T2T_ViT_Ghost" => T2TBackbone.Ghost,
                "T2T_ViT_SE" => T2TBackbone.SqueezeExcite,
                "T2T_ViT_Dense" => T2TBackbone.Dense,
                _ => throw new ArgumentException($"cls '{kind}' is not built here"),
            },
            MlpRatio = config.Double("mlp_ratio", 4),
            QkvBias = config.Bool("qkv_bias", false),
            Scale = Scale(config),
            GrowthRate = config.Int("growth_rate", 32),
            Dropout = config.Double("drop_rate", 0),
            AttentionDropout = config.Double("attn_drop_rate", 0),
            DropPath = config.Double("drop_path_rate", 0),
            NormEps = config.Double("layer_norm_eps", 1e-5),
        };
        return config.Has("block_config") ? read with { DenseGroups = config.Ints("block_config") } : read;
    }

    /// <summary>Null and 0 are the default, as in the official <c>qk_scale or …</c>.</summary>
    private static double? Scale(Config config) => config.Double("qk_scale", 0) is var scale and not 0 ? scale : null;
}
