using Sconce.Nn;
using Sconce.Systems.Multimodal.Perceiver;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Perceiver and Perceiver IO: whole networks, one cross-attention, position features.</summary>
internal sealed class PerceiverAnswers : ParityAnswers
{
    internal override string System => "perceiver";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        if (question.Model == "fourier_features")
        {
            return ParityAnswer.Of(_ =>
            {
                long[] sizes = [.. config.Ints("index_dims").Select(size => (long)size)];
                var features = Features(config, sizes.Length);
                return new()
                {
                    ["default"] = features.OfGrid(sizes),
                    ["max_resolution_224"] = (features with { Resolution = [.. sizes.Select(_ => 224.0)] }).OfGrid(sizes)
                };
            });
        }

        if (question.Model == "fourier_features_points")
        {
            return ParityAnswer.Of(inputs =>
            {
                var features = Features(config, (int)inputs["pos"].Size(-1));
                return new()
                {
                    ["both"] = features.Compute(inputs["pos"]),
                    ["sine_only"] = (features with { WithPositions = false, SineOnly = true }).Compute(inputs["pos"])
                };
            });
        }

        if (config.Has("kv_channels")) return Cross(config);
        return config.String("kind", "") switch
        {
            "perceiver" => Network(config, question.InputShape("x")),
            "perceiver_io" => Io(config, question.InputShape("x")),
            _ => null,
        };
    }

    private static ParityAnswer Network(Config config, long[] shape)
    {
        var input = Input(config, shape);
        var network = new PerceiverClassifier(input, Read(config));
        return new ParityAnswer(network, inputs =>
        {
            var latents = network.Perceiver.Call(input.Call(inputs["x"]), inputs.Has("mask") ? inputs["mask"] : null);
            return new() { ["latents"] = latents, ["logits"] = network.Perceiver.Classify(latents) };
        });
    }

    private static ParityAnswer Io(Config config, long[] shape)
    {
        var network = new PerceiverIoClassifier(
            Input(config, shape), Read(config), config.Bool("decoder_query_residual", true), config.Int("decoder_heads", 1));
        return new ParityAnswer(network, inputs => new() { ["logits"] = network.Call(inputs["x"]) });
    }

    private static ParityAnswer Cross(Config config)
    {
        var attention = new CrossAttention(config.Int("q_channels"), config.Int("kv_channels"), new AttentionBlockOptions
        {
            Heads = config.Int("num_heads", 8),
            Widening = config.Int("widening_factor", 1),
            QueryKeyChannels = config.Has("qk_channels") ? config.Int("qk_channels") : null,
            ValueChannels = config.Has("v_channels") ? config.Int("v_channels") : null,
            WidthFrom = From(config, "shape_for_attn"),
            QueryResidual = config.Bool("use_query_residual", true),
            NormEps = config.Double("layer_norm_eps", 1e-5),
            Gelu = Form(config),
        });
        return new ParityAnswer(new ModuleDictionary<CrossAttention> { ["cross_attention"] = attention }, inputs =>
            new() { ["out"] = attention.Call(inputs["q"], inputs["kv"], inputs.Has("mask") ? inputs["mask"].To(DType.Bool) : null) });
    }

    private static PerceiverConfig Read(Config config) => new(0)
    {
        Rounds = config.Int("num_blocks"),
        SelfAttentions = config.Int("self_attends_per_block"),
        Latents = config.Int("num_latents"),
        Width = config.Int("latent_channels"),
        CrossHeads = config.Int("cross_heads", 1),
        SelfHeads = config.Int("self_heads", 8),
        CrossWidening = config.Int("cross_widening", 1),
        SelfWidening = config.Int("self_widening", 1),
        CrossWidth = From(config, "cross_attention_shape"),
        QueryKeyChannels = config.Has("qk_channels") ? config.Int("qk_channels") : null,
        ValueChannels = config.Has("v_channels") ? config.Int("v_channels") : null,
        QueryResidual = config.Bool("use_query_residual", true),
        Classes = config.Int("num_classes", 1000),
        NormEps = config.Double("layer_norm_eps", 1e-5),
        Gelu = Form(config),
    };

    /// <summary>Points are rows of coordinates; anything else is a grid with its channels last: pictures, clips, rows of sound.</summary>
    private static PerceiverInput Input(Config config, long[] shape)
    {
        bool isPoints = config.String("input", "image").StartsWith("points", StringComparison.Ordinal);
        if (isPoints) return new PointInput(Features(config, (int)shape[^1]));
        var features = config.Has("max_resolution")
            ? Features(config, shape.Length - 2)
            : Features(config, 0) with { Resolution = [.. shape[1..^1].Select(size => (double)size)] };
        return new GridInput(features, (int)shape[^1]);
    }

    private static FourierFeatures Features(Config config, int axes) =>
        new(config.Int("num_bands"), config.Has("max_resolution") ? config.Doubles("max_resolution") : [.. Enumerable.Repeat(224.0, axes)])
        {
            WithPositions = config.Bool("concat_pos", true),
            SineOnly = config.Bool("sine_only", false),
        };

    private static AttentionWidth From(Config config, string name) => config.String(name, "kv") switch
    {
        "kv" => AttentionWidth.KeysAndValues,
        "q" => AttentionWidth.Queries,
        var other => throw new ArgumentException($"{name} '{other}' is not built here"),
    };

    private static GeluForm Form(Config config) => config.String("gelu", "tanh") == "tanh" ? GeluForm.Tanh : GeluForm.Exact;
}
