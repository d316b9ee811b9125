using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Science.HumanError;

/// <summary>The published settings (Run.py and the MNIST notebook). No weights are published.</summary>
public static class HumanErrorVariants
{
    /// <summary>The network for a person's own pictures, whose classes and annotators are those of the data.</summary>
    internal const string Own = "human_error";

    /// <summary>The side of its pictures in pixels, where none is asked for.</summary>
    internal const int Side = 128;

    private static readonly UNetConfig OwnConfig = new(3, 16, 4, 2);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        new(Own, "for your own pictures: as many classes and annotators as they have", options =>
            new TrueMaskUNet(OwnConfig with { Classes = options.Classes ?? 2 }))
        {
            Capabilities = [TensorInput.Pictures(Side), new TrueMask(2, "conv_last")],
            Load = LoadTruth,
        },
        Variant("human_error_mnist", "digits, background and foreground; a full matrix for each of four annotators at every pixel",
            new UNetConfig(1, 24, 3, 2), 28, 266_710),
        Variant("human_error_brats", "four modalities, four classes; matrices of rank one", new UNetConfig(4, 32, 4, 4) { LowRank = true },
            192, 1_434_440),
        Variant("human_error_brats_full", "four modalities, four classes; full matrices", new UNetConfig(4, 32, 4, 4), 192, 1_435_364),
    ];

    /// <summary>Loads what is truly there out of a file that has annotators too, who err in training alone.</summary>
    internal static void LoadTruth(Module module, string path) => ModelWeights.Load(
        module, path, new LoadOptions { Rename = key => key.Contains("decoders_noisy_layers.", StringComparison.Ordinal) ? null : key });

    /// <summary>The network with its annotators, as it is trained.</summary>
    internal static Module<Tensor, Tensor> Annotated(HumanErrorSettings settings, int annotators, int classes)
    {
        var config = OwnConfig with { Classes = classes, Annotators = annotators };
        if (settings.Matrices == AnnotatorMatrices.Global)
        {
            var alike = new GlobalAnnotatorUNet(config);
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            foreach (var annotator in alike.DecodersNoisyLayers) annotator.Weights.CopyInPlace((Tensor.Eye(classes) * 4) - 2);
            return alike;
        }

        var network = new AnnotatorUNet(config);
        foreach (var annotator in network.DecodersNoisyLayers) annotator.StartNearIdentity(classes);
        return network;
    }

    private static ModelVariant Variant(string name, string description, UNetConfig config, int side, long parameters) =>
        new(name, description, options =>
            new AnnotatorUNet(config with { Classes = options.Classes is > 0 and var classes ? classes : config.Classes }))
        {
            Capabilities = [new TensorInput(config.InputChannels, side, side)],
            Parameters = parameters,
        };
}

/// <summary>The segmentation of an annotators' U-Net alone: what is truly there. <c>(N, C, H, W) -> (N, classes, H, W)</c></summary>
internal sealed class TrueMaskUNet(UNetConfig config) : UNetBody(config, config.Classes, padsAlways: false);
