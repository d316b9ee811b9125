using System.Numerics;
using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>Cards of generators with styles, which share how they are loaded and exported.</summary>
internal static class StyleVariants
{
    /// <summary>A generator of colour pictures from z; exported with its fixed noise, so that equal latents give equal pictures.</summary>
    internal static ModelVariant Of(
        string name,
        string description,
        StyleGanConfig config,
        long parameters,
        Func<StyleGanConfig, StyleGenerator> create,
        Func<StyleGanConfig, Module<Tensor, Tensor>> opponent) =>
        new(name, description, options => create(At(config, options.ImageSize)))
        {
            Capabilities =
            [
                new TensorInput(config.StyleWidth),
                new ImageGenerator(config.StyleWidth)
                {
                    HasStyles = true,
                    Opponent = generator => opponent(((StyleGenerator)generator).Config),
                },
                new Exportable(static module => [Fixed((StyleGenerator)module)]),
            ],
            Parameters = parameters,
            Load = static (module, path) => PlayerCheckpoint.Load(module, path, "g_ema", "g"),
        };

    private static StyleGanConfig At(StyleGanConfig config, int? size)
    {
        if (size is not { } side || side == config.Size) return config;
        if (side >= 8 && BitOperations.IsPow2(side)) return config with { Size = side };
        throw new SettingsException("size", called => $"{called} is {side}: StyleGAN's pictures have a power of two as side, from 8 on");
    }

    private static ExportFunction Fixed(StyleGenerator generator) => new(
        "",
        [ExportInput.Noise("z", generator.Config.StyleWidth)],
        ["image"],
        inputs => [generator.Synthesize(generator.Latents(generator.Map(inputs[0])), generator.Noises.All)]);
}
