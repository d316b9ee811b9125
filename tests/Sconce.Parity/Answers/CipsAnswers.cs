using System.Globalization;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Cips;

namespace Sconce.Parity.Answers;

/// <summary>CIPS: both generators, the discriminator, coordinates, Fourier features.</summary>
internal sealed class CipsAnswers : ParityAnswers
{
    internal override string System => "cips";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "cips_skip" => Generator(new CipsSkip(Read(config)), config),
            "cips_res" => Generator(new CipsRes(Read(config)), config),
            "cips_discriminator" => ParityAnswer.Of(new StyleGan2Discriminator(Discriminator(config))),
            "fourier_features" => ParityAnswer.Of(new LearnedFourierFeatures(config.Int("hidden_size")), "coords"),
            "coordinate_grid" => ParityAnswer.Of(inputs =>
            {
                var x = inputs["x"];
                var grid = CoordinateGrid.Whole(config.Int("size")).Expand([config.Int("batch"), -1, -1, -1]);
                var own = CoordinateGrid.Whole(((int)x.Size(2), (int)x.Size(3))).To(x.DType).Expand([x.Size(0), -1, -1, -1]);
                return new()
                {
                    ["coords"] = grid,
                    ["coords_integer"] = CoordinateGrid.Integers(config.Int("integer_size")),
                    ["sampled_at_own_grid"] = CoordinateGrid.Sample(x, own),
                };
            }),
            _ => null,
        };
    }

    private static CipsConfig Read(Config config) => new(config.Int("size", 256))
    {
        Hidden = config.Int("hidden_size", 512),
        StyleWidth = config.Int("style_dim", 512),
        MappingLayers = config.Int("n_mlp", 8),
        MappingRate = config.Double("lr_mlp", 0.01),
        ChannelMultiplier = config.Int("channel_multiplier", 2),
        Activation = !config.Has("activation") ? CipsActivation.LeakyRelu : config.String("activation") switch
        {
            "sin" => CipsActivation.Sine,
            "sinrelu" => CipsActivation.SineAndRelu,
            var other => throw new ArgumentException($"CIPS has no activation '{other}'"),
        },
        Channels = !config.Has("channels") ? null :
            [
                .. config.Child("channels").Element.EnumerateObject()
                    .OrderBy(stage => int.Parse(stage.Name, CultureInfo.InvariantCulture)).Select(stage => stage.Value.GetInt32()),
            ],
    };

    private static StyleGanConfig Discriminator(Config config)
    {
        int low = config.Int("channels_at_32_and_below", 512);
        var official = new StyleGanConfig(config.Int("size")) { ChannelMultiplier = config.Int("channel_multiplier", 2) };
        return official with
        {
            InputChannels = config.Int("input_size", 3),
            FirstLayers = config.Int("n_first_layers", 0),
            Channels = low == 512
                ? null
                : Enumerable.Range(2, 9).ToDictionary(level => 1 << level, level => official.ChannelsAt(1 << level) * low / 512),
        };
    }

    private static ParityAnswer Generator(CipsGenerator generator, Config config) => new(generator, inputs =>
    {
        var z = inputs["z"];
        if (config.Has("truncation") && config.Double("truncation") < 1)
        {
            z = CipsGenerator.Truncate(z, inputs["w_mean"], config.Double("truncation"));
        }
        var style = generator.Map(z);
        return new() { ["image"] = generator.Render(inputs["coords"], style, inputs["noise"]), ["latent"] = style };
    });
}
