using System.Globalization;
using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Swagan;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>SWAGAN and StyleGAN2: networks, their layers, losses and penalties.</summary>
internal sealed class SwaganAnswers : ParityAnswers
{
    internal override string System => "swagan";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "stylegan2_generator" => Generator(new StyleGan2Generator(Read(config)), config),
            "stylegan2_discriminator" => ParityAnswer.Of(new StyleGan2Discriminator(Read(config))),
            "swagan_generator" => Generator(new SwaganGenerator(Read(config)), config),
            "swagan_discriminator" => ParityAnswer.Of(new SwaganDiscriminator(Read(config))),
            "r1_penalty" => R1(new SwaganDiscriminator(Read(config)), config.Double("scale", 1)),
            "path_length_penalty" => PathLength(new SwaganGenerator(Read(config)), config),
            "modulated_conv2d" => Modulated(config),
            "haar" => Haar(config),
            "upfirdn2d" => ParityAnswer.Of(inputs => Filtered(config, inputs)),
            "gan_losses" => ParityAnswer.Of(inputs => new()
            {
                ["d_logistic"] = GanLoss.NonSaturating.OfDiscriminator(inputs["real"], inputs["fake"]),
                ["g_nonsaturating"] = GanLoss.NonSaturating.OfGenerator(inputs["fake"]),
            }),
            _ => null,
        };
    }

    internal static StyleGanConfig Read(Config config) => new(config.Int("size"))
    {
        StyleWidth = config.Int("style_dim", 512),
        MappingLayers = config.Int("n_mlp", 8),
        MappingRate = config.Double("lr_mlp", 0.01),
        ChannelMultiplier = config.Int("channel_multiplier", 2),
        Blur = config.Has("blur_kernel") ? new FirTaps(config.Doubles("blur_kernel")) : FirTaps.Binomial,
        DeviationGroup = config.Int("stddev_group", 4),
        Channels = !config.Has("channels") ? null : config.Child("channels").Element.EnumerateObject()
            .ToDictionary(side => int.Parse(side.Name, CultureInfo.InvariantCulture), side => side.Value.GetInt32()),
    };

    private static ParityAnswer Generator(StyleGenerator generator, Config config) => new(new WithoutNoises(generator), inputs =>
    {
        var latents = Latents(generator, config, inputs);
        return new() { ["image"] = generator.Synthesize(latents, Noise(inputs)), ["latents"] = latents };
    });

    private static Tensor Latents(StyleGenerator generator, Config config, ParityInputs inputs)
    {
        var styles = ((string[])["z", "z2"]).Where(inputs.Has).Select(name => generator.Map(inputs[name])).ToArray();
        if (config.Has("truncation"))
        {
            styles = [.. styles.Select(style => StyleGenerator.Truncate(style, inputs["w_mean"], config.Double("truncation")))];
        }
        return styles.Length == 1 ? generator.Latents(styles[0]) : generator.Mix(styles[0], styles[1], config.Int("inject_index"));
    }

    private static Tensor[] Noise(ParityInputs inputs) =>
        [
            .. Enumerable.Range(0, inputs.All.Keys.Count(name => name.StartsWith("noise", StringComparison.Ordinal)))
                .Select(layer => inputs[$"noise{layer}"]),
        ];

    private static ParityAnswer R1(Module<Tensor, Tensor> discriminator, double scale) => new(discriminator, inputs =>
    {
        inputs["x"].RequiresGrad = true;
        return new() { ["penalty"] = GradientPenalty.SquaredNorm(discriminator.Call(inputs["x"]), inputs["x"]) * scale };
    });

    private static ParityAnswer PathLength(StyleGenerator generator, Config config) => new(new WithoutNoises(generator), inputs =>
    {
        var latents = Latents(generator, config, inputs);
        var pictures = generator.Synthesize(latents, Noise(inputs));
        var (penalty, mean, lengths) = PathLengthRegularization.Penalty(
            pictures, latents, inputs["mean_path_length"], config.Double("decay", 0.01), inputs["pl_noise"]);
        return new() { ["penalty"] = penalty, ["path_mean"] = mean, ["lengths"] = lengths };
    });

    private static ParityAnswer Modulated(Config config)
    {
        var resize = config.Bool("upsample", false)
            ? MapResize.Double
            : config.Bool("downsample", false) ? MapResize.Halve : MapResize.None;
        var layer = new ModulatedConv2d(
            config.Int("in_channel"),
            config.Int("out_channel"),
            config.Int("kernel_size"),
            config.Int("style_dim"),
            config.Bool("demodulate", true),
            resize);
        return new ParityAnswer(layer, inputs => new() { ["out"] = layer.Call(inputs["x"], inputs["style"]) });
    }

    private static ParityAnswer Haar(Config config)
    {
        var module = new ModuleDictionary<Module<Tensor, Tensor>> { ["dwt"] = new HaarTransform(), ["iwt"] = new InverseHaarTransform() };
        int channels = 4 * config.Int("in_channels", 3);
        return new ParityAnswer(module, inputs =>
        {
            var bands = module["dwt"].Call(inputs["x"]);
            var scale = (Tensor.Arange(channels, dtype: bands.DType) / (channels - 1) + 0.5).Reshape([1, -1, 1, 1]);
            return new()
            {
                ["dwt"] = bands,
                ["iwt_of_dwt"] = module["iwt"].Call(bands),
                ["iwt_of_scaled"] = module["iwt"].Call(bands * scale),
            };
        });
    }

    private static Dictionary<string, Tensor> Filtered(Config config, ParityInputs inputs)
    {
        var outputs = new Dictionary<string, Tensor>();
        foreach (var entry in config.Element.EnumerateObject())
        {
            var settings = config.Child(entry.Name);
            int[] pad = settings.Has("pad") ? settings.Ints("pad") : settings.Ints("pad_x0,x1,y0,y1");
            Margins margins = pad.Length == 2 ? (pad[0], pad[1], pad[0], pad[1]) : (pad[0], pad[1], pad[2], pad[3]);
            var kernel = inputs["k"] * settings.Double("gain", 1);
            outputs[entry.Name] = UpFirDn.Apply(inputs["x"], kernel, settings.Int("up", 1), settings.Int("down", 1), margins);
        }

        return outputs;
    }

    /// <summary>A generator without its fixed noise, which the cases leave out because it is random.</summary>
    private sealed class WithoutNoises(StyleGenerator generator) : Module
    {
        protected override void VisitMembers(IModuleVisitor visitor)
        {
            foreach (var (key, child) in generator.Children().Where(child => child.Key != "noises")) visitor.Child(key, child);
        }
    }
}
