using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Perceptual;
using Sconce.Sampling;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>VQGAN: autoencoder, quantisers, losses, transformer, sampling, code orders.</summary>
internal sealed class VqganAnswers : ParityAnswers
{
    internal override string System => "vqgan";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            _ when config.Has("ddconfig") => Autoencoder(config),
            "vector_quantizer" => Quantize(new VectorQuantizer(
                config.Int("n_e"), config.Int("e_dim"), config.Double("beta", 0.25), Form(config))),
            "gumbel_quantize" => Gumbel(config),
            "ema_codebook_update" => ParityAnswer.Of(inputs => Average(config, inputs)),
            "lpips_vgg16" => Lpips(),
            "patchgan" => ParityAnswer.Of(new PatchDiscriminator(
                config.Int("input_nc", 3), config.Int("ndf", 64), config.Int("n_layers", 3), config.Bool("use_actnorm", false))),
            "vqgan_loss" => Loss(question),
            "discriminator_losses" => ParityAnswer.Of(inputs => new()
            {
                ["hinge"] = VqLoss.OfDiscriminator(GanLoss.Hinge, inputs["real"], inputs["fake"]),
                ["vanilla"] = VqLoss.OfDiscriminator(GanLoss.NonSaturating, inputs["real"], inputs["fake"]),
            }),
            "gpt" => Transformer(config),
            "gpt_greedy_sample" => GreedySample(config),
            "sliding_window_greedy" => SlidingWindow(config),
            "logit_filter" => ParityAnswer.Of(inputs => Filter(config, inputs["logits"])),
            "permuters" => ParityAnswer.Of(inputs => question.Properties("outputs").ToDictionary(
                output => output.Name,
                output => inputs["x"].IndexSelect(
                    1, Tensor.From(Permuter.Order(Enum.Parse<CodeOrder>(output.Name), config.Int("H"), config.Int("W")))))),
            "coord_stage" => ParityAnswer.Of(inputs => Coordinates(config, inputs[inputs.Has("c_") ? "c_" : "c"])),
            _ when config.Has("first_stage") => TwoStages(question),
            _ => null,
        };
    }

    private static CodebookLoss Form(Config config) => config.Bool("legacy", true) ? CodebookLoss.Legacy : CodebookLoss.Paper;

    private static VqConfig Stage(Config config)
    {
        var inner = config.Child("ddconfig");
        return new VqConfig
        {
            Autoencoder = new AutoencoderConfig
            {
                LatentChannels = inner.Int("z_channels"),
                Resolution = inner.Int("resolution"),
                InputChannels = inner.Int("in_channels"),
                OutputChannels = inner.Int("out_ch"),
                Width = inner.Int("ch"),
                Multipliers = inner.Ints("ch_mult"),
                Blocks = inner.Int("num_res_blocks"),
                AttentionResolutions = inner.Ints("attn_resolutions"),
                Dropout = inner.Double("dropout", 0),
                DoubleLatent = inner.Bool("double_z", false),
            },
            Codes = config.Int("n_embed"),
            CodeWidth = config.Int("embed_dim"),
            Beta = config.Double("beta", 0.25),
            Loss = Form(config),
        };
    }

    private static ParityAnswer Autoencoder(Config config)
    {
        var model = new VqModel(Stage(config));
        return new ParityAnswer(model, inputs =>
        {
            var features = model.Features(inputs["x"]);
            var quantized = model.Quantize.Call(features);
            return new()
            {
                ["pre_quant"] = features,
                ["quant"] = quantized.Vectors,
                ["dec"] = model.Decode(quantized.Vectors),
                ["codebook_loss"] = quantized.Loss,
                ["indices"] = quantized.Codes.Flatten(),
            };
        });
    }

    private static ParityAnswer Quantize(VectorQuantizer quantizer) => new(quantizer, inputs =>
    {
        var quantized = quantizer.Call(inputs["z"]);
        return new() { ["quant"] = quantized.Vectors, ["loss"] = quantized.Loss, ["indices"] = quantized.Codes };
    });

    private static ParityAnswer Gumbel(Config config)
    {
        var quantizer = new GumbelQuantizer(
            config.Int("num_hiddens"), config.Int("embedding_dim"), config.Int("n_embed"), config.Double("kl_weight", 5e-4),
            config.Bool("straight_through", true))
        {
            Temperature = config.Double("temperature", 1),
        };
        return new ParityAnswer(quantizer, inputs =>
        {
            var quantized = quantizer.Quantize(inputs["z"], -inputs["e"].Log());
            return new() { ["quant"] = quantized.Vectors, ["kl"] = quantized.Loss, ["indices"] = quantized.Codes };
        });
    }

    private static Dictionary<string, Tensor> Average(Config config, ParityInputs inputs)
    {
        var codes = VectorQuantizer.Nearest(inputs["z"], inputs["weight"]);
        var next = new CodebookAverage(inputs["weight"], inputs["cluster_size"], inputs["embed_avg"])
            .Updated(inputs["z"], codes, config.Double("decay", 0.99), config.Double("eps", 1e-5));
        return new() { ["weight"] = next.Codebook, ["cluster_size"] = next.Sizes, ["embed_avg"] = next.Sums, ["indices"] = codes };
    }

    private static ParityAnswer Lpips()
    {
        var distance = new Lpips();
        return new ParityAnswer(distance, inputs => new() { ["out"] = distance.Call(inputs["x"], inputs["y"]) });
    }

    private static ParityAnswer Loss(ParityCase question)
    {
        var config = question.Config;
        long[] last = question.StateShape("conv_out.weight");
        var convolution = new Conv2d((int)last[1], (int)last[0], (int)last[2], 1, (int)last[2] / 2);
        var loss = new VqLoss(new VqLossConfig
        {
            DiscriminatorStart = config.Int("disc_start"),
            DiscriminatorLayers = config.Int("disc_num_layers", 3),
            DiscriminatorChannels = config.Int("disc_in_channels", 3),
            DiscriminatorWidth = config.Int("disc_ndf", 64),
            ActNorm = config.Bool("use_actnorm", false),
            DiscriminatorFactor = config.Double("disc_factor", 1),
            DiscriminatorWeight = config.Double("disc_weight", 1),
            CodebookWeight = config.Double("codebook_weight", 1),
            PerceptualWeight = config.Double("perceptual_weight", 1),
            Game = config.String("disc_loss", "hinge") == "hinge" ? GanLoss.Hinge : GanLoss.NonSaturating,
        });
        var module = new ModuleDictionary<Module> { ["conv_out"] = convolution, ["loss"] = loss };
        return new ParityAnswer(module, inputs =>
        {
            using var recording = Gradients.On();
            var outputs = new Dictionary<string, Tensor>();
            var pictures = inputs["target"];
            var painted = convolution.Call(inputs["h"]).Tanh();
            foreach (int step in config.Ints("global_steps"))
            {
                var terms = loss.OfAutoencoder(pictures, painted, inputs["qloss"], convolution.Weight, step);
                outputs[$"generator_{step}"] = terms.Loss;
                outputs[$"nll_loss_{step}"] = terms.Likelihood;
                outputs[$"d_weight_{step}"] = terms.Balance;
                outputs[$"g_loss_{step}"] = terms.Adversarial;
                outputs[$"discriminator_{step}"] = loss.OfDiscriminator(pictures, painted, step);
            }

            return outputs;
        });
    }

    private static GptConfig GptOf(Config config) => new()
    {
        Vocabulary = config.Int("vocab_size"),
        Length = config.Int("block_size"),
        Layers = config.Int("n_layer"),
        Heads = config.Int("n_head"),
        Width = config.Int("n_embd"),
        Unmasked = config.Int("n_unmasked", 0),
    };

    private static ParityAnswer Transformer(Config config)
    {
        var gpt = new Gpt(GptOf(config));
        return new ParityAnswer(gpt, inputs =>
        {
            var logits = inputs.Has("embeddings") ? gpt.Call(inputs["idx"], inputs["embeddings"]) : gpt.Call(inputs["idx"]);
            var outputs = new Dictionary<string, Tensor> { ["logits"] = logits };
            if (inputs.Has("targets")) outputs["loss"] = new CodePrediction(logits, inputs["targets"]).Loss();
            return outputs;
        });
    }

    private static ParityAnswer GreedySample(Config config)
    {
        var gpt = new Gpt(GptOf(config));
        return new ParityAnswer(gpt, inputs => new()
        {
            ["tokens"] = CodeSampling.Continue(gpt, inputs["cond"], config.Int("steps"), TokenSampler.Greedy),
            ["first_logits"] = gpt.Call(inputs["cond"]).Select(1, -1),
        });
    }

    private static ParityAnswer SlidingWindow(Config config)
    {
        var gpt = new Gpt(GptOf(config));
        return new ParityAnswer(gpt, inputs =>
        {
            var empty = Tensor.Full([1, config.Int("height"), config.Int("width")], -1, DType.Int64);
            int window = config.Int("window", 16);
            return new() { ["out"] = CodeSampling.SlidingWindow(gpt, inputs["cond"], empty, window, TokenSampler.Greedy) };
        });
    }

    private static Dictionary<string, Tensor> Filter(Config config, Tensor logits)
    {
        int? count = config.Has("top_k") ? config.Int("top_k") : null;
        double mass = config.Double("top_p", 1);
        return new()
        {
            ["top_k"] = new TokenSampler { TopK = count }.Probabilities(logits),
            ["top_p"] = new TokenSampler { TopP = mass }.Probabilities(logits),
            ["top_k_top_p"] = new TokenSampler { TopK = count, TopP = mass }.Probabilities(logits),
        };
    }

    private static Dictionary<string, Tensor> Coordinates(Config config, Tensor map)
    {
        var stage = new CoordinateCodes(config.Int("n_embed"), config.Int("down_factor"));
        var codes = stage.Encode(map);
        return new() { ["indices"] = codes, ["decoded"] = stage.Decode(codes) };
    }

    private static ParityAnswer TwoStages(ParityCase question)
    {
        var config = question.Config;
        var first = Stage(config.Child("first_stage"));
        var condition = config.String("condition", "none") switch
        {
            "class" => CodeCondition.Class,
            "coord" or "coordinates" => CodeCondition.Coordinates,
            "none" or "unconditional" or "sos" => CodeCondition.Start,
            _ => CodeCondition.Picture,
        };
        VqConfig? second = null;
        if (condition == CodeCondition.Picture)
        {
            int channels = (int)question.StateShape("cond_stage_model.encoder.conv_in.weight")[1];
            second = config.Has("cond_stage")
                ? Stage(config.Child("cond_stage"))
                : first with { Autoencoder = first.Autoencoder with { InputChannels = channels, OutputChannels = channels } };
        }

        var network = new Net2Net(new Net2NetConfig
        {
            FirstStage = first,
            ConditionStage = second,
            Transformer = GptOf(config.Child("transformer")),
            Condition = condition,
            Coordinates = new CoordinateCodes(
                config.Child("cond_stage").Int("n_embed", first.Codes),
                config.Child("cond_stage").Int("down_factor", first.Autoencoder.Downsampling)),
            Start = config.Int("sos_token", 0),
            Keep = config.Double("pkeep", 1),
        });
        return new ParityAnswer(network, inputs =>
        {
            var prediction = network.Predict(inputs["x"], inputs.Has("c") ? inputs["c"] : null);
            return new() { ["logits"] = prediction.Logits, ["target"] = prediction.Targets, ["loss"] = prediction.Loss() };
        });
    }
}
