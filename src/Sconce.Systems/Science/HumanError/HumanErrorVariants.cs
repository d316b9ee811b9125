using Sconce.Catalogue;

namespace Sconce.Systems.Science.HumanError;

/// <summary>The published settings (Run.py and the MNIST notebook). No weights are published.</summary>
public static class HumanErrorVariants
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("human_error_mnist", "digits, background and foreground; a full matrix for each of four annotators at every pixel", new UNetConfig(1, 24, 3, 2), 28, 266_710),
        Variant("human_error_brats", "four modalities, four classes; matrices of rank one", new UNetConfig(4, 32, 4, 4) { LowRank = true }, 192, 1_434_440),
        Variant("human_error_brats_full", "four modalities, four classes; full matrices", new UNetConfig(4, 32, 4, 4), 192, 1_435_364),
    ];

    private static ModelVariant Variant(string name, string description, UNetConfig config, int side, long parameters) =>
        new(name, description, options => new AnnotatorUNet(config with { Classes = options.Classes is > 0 and var classes ? classes : config.Classes }))
        {
            InputShape = [config.InputChannels, side, side],
            Parameters = parameters,
        };
}
