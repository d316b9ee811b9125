using System.Text.Json;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Systems.Video.TimeSformer;

namespace Sconce.Parity;

/// <summary>Whole networks of the three attentions, and one block.</summary>
internal sealed class TimeSformerAnswers : ParityAnswers
{
    internal override string System => "timesformer";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        if (question.Model.EndsWith("block", StringComparison.Ordinal))
        {
            var block = new ModuleDictionary<TimeSformerBlock>
            {
                ["block"] =
                new TimeSformerBlock(config.Int("dim"), config.Int("num_heads"), Kind(config), Block(config, qkvBias: false))
            };
            return new ParityAnswer(block, inputs => new() { ["out"] = block["block"].Call(inputs["x"], config.Int("T")) });
        }

        if (!config.Has("embed_dim")) return null;
        var network = new VideoTransformer(Read(config));
        return new ParityAnswer(network, inputs =>
        {
            var features = network.Features(inputs["x"]);
            return new() { ["feature"] = features, ["logits"] = network.Head?.Call(features) ?? features };
        });
    }

    private static TimeSformerConfig Read(Config config) =>
        new(config.Int("embed_dim"), config.Int("depth", 12), config.Int("num_heads", 12))
        {
            ImageSize = Extent(config, "img_size", 224),
            PatchSize = Extent(config, "patch_size", 16),
            InputChannels = config.Int("in_chans", 3),
            Classes = config.Int("num_classes", 1000),
            Frames = config.Int("num_frames", 8),
            Attention = Kind(config),
            MlpRatio = config.Double("mlp_ratio", 4),
            QkvBias = config.Bool("qkv_bias", false),
            Scale = Scale(config),
            Dropout = config.Double("drop_rate", 0),
            AttentionDropout = config.Double("attn_drop_rate", 0),
            DropPath = config.Double("drop_path_rate", 0.1),
            NormEps = config.Double("layer_norm_eps", 1e-5),
        };

    private static BlockOptions Block(Config config, bool qkvBias) => new()
    {
        MlpRatio = config.Double("mlp_ratio", 4),
        NormEps = config.Double("layer_norm_eps", 1e-5),
        Dropout = config.Double("drop", 0),
        DropPath = config.Double("drop_path", 0.1),
        Attention = new AttentionOptions
        {
            QkvBias = config.Bool("qkv_bias", qkvBias),
            Scale = Scale(config),
            AttentionDropout = config.Double("attn_drop", 0),
            Dropout = config.Double("drop", 0)
        },
    };

    private static SpaceTimeAttention Kind(Config config) => config.String("attention_type", "divided_space_time") switch
    {
        "divided_space_time" => SpaceTimeAttention.Divided,
        "joint_space_time" => SpaceTimeAttention.Joint,
        "space_only" => SpaceTimeAttention.SpaceOnly,
        var other => throw new ArgumentException($"attention_type '{other}' is not built here"),
    };

    /// <summary>Null and 0 are the default, as in the official <c>qk_scale or …</c>.</summary>
    private static double? Scale(Config config) => config.Double("qk_scale", 0) is var scale and not 0 ? scale : null;

    private static Extent2 Extent(Config config, string name, int otherwise)
    {
        if (!config.Has(name) || config.Element.GetProperty(name).ValueKind != JsonValueKind.Array) return config.Int(name, otherwise);
        int[] sides = config.Ints(name);
        return sides.Length == 2 ? (sides[0], sides[1])
            : throw new ArgumentException($"{name} has {sides.Length} numbers, but two are expected");
    }
}
