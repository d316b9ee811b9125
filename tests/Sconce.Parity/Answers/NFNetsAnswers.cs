using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Classification.NFNets;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>NFNets: networks of the three families, blocks, standardised convolutions, activations, clipping, optimiser, loss.</summary>
internal sealed class NFNetsAnswers : ParityAnswers
{
    internal override string System => "nfnets";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "nf_block" => Block(config),
            "ws_conv" => ParityAnswer.Of(new ScaledStdConv2d(
                config.Int("in_channels"), config.Int("out_channels"), config.Int("kernel"), Standardization(config),
                config.Int("stride", 1), config.Int("groups", 1))),
            "ws_conv_official" => ParityAnswer.Of(inputs => Convolve(config, inputs)),
            "gamma_activations" => ParityAnswer.Of(inputs => Activations(question, inputs)),
            "agc" => ParityAnswer.Of(inputs => Clip(question, inputs)),
            "sgd_agc" => ParityAnswer.Of(inputs => Steps(question, inputs)),
            "mix_smooth_cross_entropy" => ParityAnswer.Of(inputs => new()
            {
                ["loss"] = MixedCrossEntropy.Compute(inputs["logits"], inputs["labels"], Optional(inputs, "mix_labels"),
                    Optional(inputs, "ratio"), config.Double("label_smoothing", 0.1)),
            }),
            _ when config.Has("depths") => Network(config),
            _ => null,
        };
    }

    private static ParityAnswer Network(Config config)
    {
        var network = new NFNet(Read(config));
        return new ParityAnswer(network, inputs =>
        {
            var maps = network.FeatureMaps(inputs["x"]);
            var outputs = new Dictionary<string, Tensor>
            { ["stem"] = maps[0], ["features"] = maps[^1], ["out"] = network.Head.Call(maps[^1]) };
            for (int stage = 0; stage < maps.Count - 2; stage++) outputs[$"stage{stage}"] = maps[stage + 1];
            return outputs;
        });
    }

    private static NFNetConfig Read(Config config)
    {
        string? attention = config.Has("attn_layer") ? config.String("attn_layer") : null;
        if (attention is not (null or "se"))
            throw new ArgumentException($"attention '{attention}' is not built here: only squeeze-and-excitation is");
        var gate = config.Child("attn_kwargs");
        return new(config.Ints("depths"), config.Ints("channels"))
        {
            Alpha = config.Double("alpha", 0.2),
            Stem = config.String("stem_type", "3x3") switch
            {
                "3x3" => NFNetStem.Conv3,
                "3x3_pool" => NFNetStem.Conv3Pool,
                "7x7" or "" => NFNetStem.Conv7,
                "7x7_pool" => NFNetStem.Conv7Pool,
                "deep" => NFNetStem.Deep,
                "deep_pool" => NFNetStem.DeepPool,
                "deep_tiered" => NFNetStem.DeepTiered,
                "deep_quad" => NFNetStem.DeepQuad,
                var other => throw new ArgumentException($"no stem '{other}'"),
            },
            StemChannels = config.Has("stem_chs") ? config.Int("stem_chs") : null,
            GroupSize = config.Has("group_size") && config.Int("group_size") > 0 ? config.Int("group_size") : null,
            SqueezeExciteRatio = attention is null ? null : gate.Double("rd_ratio", 1.0 / 16),
            SqueezeExciteDivisor = gate.Int("rd_divisor", 8),
            SqueezeExciteGain = config.Double("attn_gain", 2),
            WidthFactor = config.Double("width_factor", 1),
            BottleneckRatio = config.Double("bottle_ratio", 0.5),
            FinalChannels = config.Int("num_features", 0),
            ChannelDivisor = config.Int("ch_div", 8),
            RegNet = config.Bool("reg", false),
            ExtraConvolution = config.Bool("extra_conv", false),
            GammaInActivation = config.Bool("gamma_in_act", false),
            Padding = config.Bool("same_padding", false) ? MapPadding.Same : MapPadding.Symmetric,
            WeightEps = config.Double("std_conv_eps", 1e-5),
            WeightEpsMode = EpsMode(config),
            SkipInit = config.Bool("skipinit", false),
            ZeroHead = config.Bool("zero_init_fc", false),
            Activation = Named(config.String("act_layer", "silu")).Kind,
            Gelu = Named(config.String("act_layer", "silu")).Form,
            InputChannels = config.Int("in_chans", 3),
            Classes = config.Int("num_classes", 1000),
        };
    }

    private static ParityAnswer Block(Config config)
    {
        var (kind, form) = Named(config.String("act", "gelu"));
        double gamma = GammaActivation.Gamma(kind);
        bool inActivation = config.Bool("gamma_in_act", config.Double("gamma", gamma) != 1);
        if (config.Has("gamma") && config.Double("gamma") is var stated && stated != 1 && Math.Abs(stated - gamma) > 1e-12)
            throw new ArgumentException($"gamma {stated} is not that of {kind}");
        var shared = new NFNetConfig([1], [config.Int("out_chs")])
        {
            Alpha = config.Double("alpha", 0.2),
            GroupSize = config.Has("group_size") && config.Int("group_size") > 0 ? config.Int("group_size") : null,
            SqueezeExciteRatio = config.Has("attn") ? config.Double("se_ratio", 1.0 / 16) : null,
            SqueezeExciteGain = config.Double("attn_gain", 2),
            ChannelDivisor = config.Int("ch_div", 8),
            RegNet = config.Bool("reg", false),
            ExtraConvolution = config.Bool("extra_conv", false),
            GammaInActivation = inActivation,
            Padding = config.Bool("same_padding", false) ? MapPadding.Same : MapPadding.Symmetric,
            WeightEps = config.Double("eps", 1e-5),
            WeightEpsMode = EpsMode(config),
            SkipInit = config.Bool("skipinit", false),
            Activation = kind,
            Gelu = form,
        };
        return ParityAnswer.Of(new NFBlock(shared, new NFBlockPlace(
            config.Int("in_chs"), config.Int("out_chs"), config.Int("stride", 1), config.Double("beta", 1),
            config.Double("bottle_ratio", 0.5))));
    }

    private static Dictionary<string, Tensor> Convolve(Config config, ParityInputs inputs)
    {
        var standardization = Standardization(config);
        var weight = standardization.Apply(inputs["weight"], inputs["gain"]);
        var output = standardization.Convolve(inputs["x"], weight, Optional(inputs, "bias"), config.Int("stride", 1),
            config.Int("groups", 1));
        return new() { ["weight"] = weight, ["out"] = output };
    }

    private static Dictionary<string, Tensor> Activations(ParityCase question, ParityInputs inputs)
    {
        var outputs = new Dictionary<string, Tensor>();
        foreach (var wanted in question.Properties("outputs"))
        {
            var (kind, form) = Named(wanted.Name);
            outputs[wanted.Name] = new GammaActivation(kind, GammaActivation.Gamma(kind), form).Call(inputs["x"]);
        }

        foreach (var stated in question.Config.Child("gammas").Element.EnumerateObject())
        {
            double gamma = GammaActivation.Gamma(Named(stated.Name).Kind);
            if (gamma != stated.Value.GetDouble())
                throw new InvalidOperationException($"gamma of {stated.Name} is {gamma}, officially {stated.Value.GetDouble()}");
        }

        return outputs;
    }

    private static Dictionary<string, Tensor> Clip(ParityCase question, ParityInputs inputs)
    {
        var rule = new AdaptiveGradientClipping(question.Config.Double("clipping", 0.01), question.Config.Double("eps", 1e-3));
        var outputs = new Dictionary<string, Tensor>();
        foreach (var wanted in question.Properties("outputs"))
        {
            string name = wanted.Name;
            if (name.EndsWith("_norm", StringComparison.Ordinal)) outputs[name] = rule.UnitNorms(inputs[name[..^5]]);
            else if (name.EndsWith("_clipped", StringComparison.Ordinal))
                outputs[name] = Clipped(rule, inputs[name[..^8]], inputs[name[..^8] + "_grad"]);
            else outputs[name] = rule.Clipped(inputs[name], inputs[name + "_grad"]);
        }

        return outputs;
    }

    /// <summary>Which units were clipped: those whose norm shrank.</summary>
    private static Tensor Clipped(AdaptiveGradientClipping rule, Tensor weight, Tensor gradient) =>
        (rule.UnitNorms(rule.Clipped(weight, gradient)) < rule.UnitNorms(gradient) * (1 - 1e-6)).To(DType.Float32);

    private static Dictionary<string, Tensor> Steps(ParityCase question, ParityInputs inputs)
    {
        var config = question.Config;
        if (!config.Bool("nesterov", true)) throw new ArgumentException("NFNets step with Nesterov momentum only");
        string[] names = [.. inputs.All.Keys.Where(name => !name.Contains("_grad", StringComparison.Ordinal))];
        var parameters = names.ToDictionary(name => name, name => new Parameter(inputs[name].Clone()));
        ParameterGroup[] groups =
        [
            .. names.Select(name => new ParameterGroup([parameters[name]], name)
            {
                Decay = !(name.Contains("bias", StringComparison.Ordinal) || name.Contains("gain", StringComparison.Ordinal)),
                Clip = !name.StartsWith("linear", StringComparison.Ordinal) || name.Contains("bias", StringComparison.Ordinal),
            }),
        ];
        using var optimizer = new NFNetOptimizer(
            groups, config.Double("lr"), config.Has("clipping") ? config.Double("clipping") : null, config.Double("weight_decay", 0),
            config.Double("momentum", 0.9), config.Double("eps", 1e-3));
        for (int step = 0; step < config.Int("steps"); step++)
        {
            foreach (string name in names) parameters[name].Grad = inputs[$"{name}_grad{step}"].Clone();
            optimizer.Step();
        }

        var state = optimizer.Sgd.State();
        var outputs = new Dictionary<string, Tensor>();
        for (int k = 0; k < names.Length; k++)
        {
            outputs[names[k]] = parameters[names[k]].Detach().Clone();
            outputs[names[k] + "_momentum"] = state.Tensors[$"state.{k}.momentum_buffer"].Clone();
            parameters[names[k]].Dispose();
        }

        return outputs;
    }

    private static WeightStandardization Standardization(Config config) => new(
        config.Double("gamma", 1),
        config.Double("eps", 1e-5),
        EpsMode(config),
        config.Has("padding") && config.Element.GetProperty("padding").ToString().Equals("SAME", StringComparison.OrdinalIgnoreCase)
            ? MapPadding.Same : MapPadding.Symmetric);

    private static WeightEpsMode EpsMode(Config config) => config.String("eps_mode", "add") switch
    {
        "add" => WeightEpsMode.AddedToVariance,
        "max" => WeightEpsMode.FloorOnFanInVariance,
        var other => throw new ArgumentException($"no eps mode '{other}'"),
    };

    private static Tensor? Optional(ParityInputs inputs, string name) => inputs.Has(name) ? inputs[name] : null;

    private static (Nonlinearity Kind, GeluForm Form) Named(string name) => name switch
    {
        "gelu" or "gelu_erf" => (Nonlinearity.Gelu, GeluForm.Exact),
        "gelu_tanh" => (Nonlinearity.Gelu, GeluForm.Tanh),
        _ => Enum.TryParse<Nonlinearity>(name.Replace("_", ""), ignoreCase: true, out var kind)
            ? (kind, GeluForm.Exact) : throw new ArgumentException($"no nonlinearity '{name}'"),
    };
}
