using Sconce.Abilities;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>An autoencoder of pictures with a codebook: a <see cref="VqModel"/>.</summary>
/// <param name="Side">Of the pictures that it was trained on.</param>
public sealed record PictureCodec(int Side) : Capability;

/// <summary>Makes pictures from codes: a <see cref="Net2Net"/>.</summary>
/// <param name="Condition">What it must be told.</param>
public sealed record CodeGenerator(CodeCondition Condition) : Capability;

/// <summary>The published networks. CompVis/taming-transformers@3ba01b2 configs.</summary>
internal static class VqVariants
{
    internal static VqConfig Imagenet { get; } = new();

    internal static VqConfig ImagenetLarge { get; } = new() { Codes = 16384 };

    /// <summary>The weight of the term for equal use, of the official network.</summary>
    internal const double GumbelKlWeight = 1e-8;

    internal static VqConfig Gumbel { get; } = new()
    {
        Autoencoder = new() { Multipliers = [1, 1, 2, 4], AttentionResolutions = [32] },
        Codes = 8192,
        GumbelKlWeight = GumbelKlWeight,
    };

    /// <summary>Our own, for pictures of 64 pixels.</summary>
    internal static VqConfig Small { get; } = new()
    {
        Autoencoder = new()
        {
            LatentChannels = 32,
            Resolution = 64,
            Width = 32,
            Multipliers = [1, 2, 2],
            Blocks = 1,
            AttentionResolutions = [16],
        },
        Codes = 256,
        CodeWidth = 8,
    };

    internal static IReadOnlyList<ModelVariant> All { get; } =
    [
        VqganNetworks.Codec,
        VqganNetworks.Transformer,
        Codec("vqgan_imagenet_f16_1024", "ImageNet, 16 x 16 codes of 1,024", Imagenet, 72_141_699),
        Codec("vqgan_imagenet_f16_16384", "ImageNet, 16 x 16 codes of 16,384", ImagenetLarge, 76_073_859),
        Codec("vqgan_faceshq", "faces of FFHQ and CelebA-HQ, 16 x 16 codes of 1,024", Imagenet, 72_141_699),
        Codec("vqgan_imagenet_depth", "depth maps of ImageNet, one channel", WithChannels(1), 72_137_089),
        Codec("vqgan_gumbel_f8", "OpenImages, 32 x 32 codes of 8,192 that are drawn", Gumbel, 68_995_971),
        Codec("vqgan_coco_segmentation", "maps of COCO-Stuff's 183 labels", WithChannels(183), 72_556_599),
        Codec("vqgan_sflckr_segmentation", "maps of S-FLCKR's 182 labels", WithChannels(182), 72_554_294),
        Codec("vqgan_small", "small pictures, 16 x 16 codes of 256; not of the paper", Small, 1_037_355),
        Generator(
            "vqgan_drin_transformer",
            "ImageNet from depth maps",
            new() { ConditionStage = WithChannels(1), Condition = CodeCondition.Picture }),
        Generator("vqgan_faceshq_transformer", "faces from the place of the crop", new() { Condition = CodeCondition.Coordinates }),
        Generator(
            "vqgan_cin_transformer",
            "ImageNet by class",
            new()
            {
                FirstStage = ImagenetLarge,
                Transformer = new() { Vocabulary = 16384, Length = 256, Layers = 48, Heads = 24, Width = 1536 },
                Condition = CodeCondition.Class,
            }),
    ];

    private static VqConfig WithChannels(int channels) =>
        new() { Autoencoder = new() { InputChannels = channels, OutputChannels = channels } };

    private static ModelVariant Codec(string name, string description, VqConfig config, long parameters) =>
        new(name, $"autoencoder: {description}", options => At(name, options, config, true, () => new VqModel(config)))
        {
            Capabilities =
            [
                new TensorInput(config.Autoencoder.InputChannels, config.Autoencoder.Resolution, config.Autoencoder.Resolution),
                .. config.Autoencoder.InputChannels == 3 ? (Capability[])[new PictureCodec(config.Autoencoder.Resolution)] : [],
                new Exportable(static module => Functions((VqModel)module)),
            ],
            Parameters = parameters,
            Load = LoadWithoutLosses,
        };

    private static ModelVariant Generator(string name, string description, Net2NetConfig config) =>
        new(name, $"transformer: {description}", options => At(name, options, config.FirstStage, false, () => new Net2Net(config)))
        {
            Capabilities = [new CodeGenerator(config.Condition), new Exercise(static (module, batch) => Exercise((Net2Net)module, batch))],
            Load = LoadWithoutLosses,
        };

    /// <summary>An autoencoder takes pictures of any whole codes, a transformer those of its own size.</summary>
    private static Module At(string name, ModelOptions options, VqConfig config, bool takesOthers, Func<Module> create)
    {
        int own = config.Autoencoder.Resolution, code = config.Autoencoder.Downsampling, side = options.ImageSize ?? own;
        if (side == own || (takesOthers && side % code == 0)) return create();
        string wanted = takesOthers ? $"takes multiples of {code} pixels" : $"works at {own} pixels";
        throw new SettingsException("size", called => $"{called} is {side}: {name} {wanted}");
    }

    /// <summary>Both halves; what lies between, the nearest code, is for whoever runs them to keep.</summary>
    private static IReadOnlyList<ExportFunction> Functions(VqModel model)
    {
        var autoencoder = model.Config.Autoencoder;
        int side = autoencoder.Resolution, grid = side / autoencoder.Downsampling;
        var picture = ExportInput.Noise("picture", autoencoder.InputChannels, side, side);
        var codes = ExportInput.Whole("codes", 0, model.Config.Codes, grid, grid);
        return
        [
            new("encoder", [picture], ["map"], inputs => [model.Features(inputs[0])]),
            new("decoder", [codes], ["picture"], inputs => [model.DecodeCodes(inputs[0])]),
        ];
    }

    /// <summary>Checkpoints hold the loss's networks too, LPIPS and the discriminator.</summary>
    internal static void LoadWithoutLosses(Module module, string path) => ModelWeights.Load(
        module,
        path,
        new LoadOptions
        {
            Rename = static name =>
                name.StartsWith("loss.", StringComparison.Ordinal) || name.Contains("_model.loss.", StringComparison.Ordinal) ? null : name,
        });

    internal static void Exercise(Net2Net network, int batch)
    {
        using var scope = new TensorScope();
        network.Call(Tensor.Zeros([batch, network.Config.Transformer.Length], DType.Int64));
    }
}
