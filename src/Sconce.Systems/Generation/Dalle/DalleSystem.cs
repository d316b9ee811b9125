using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>DALL·E's card.</summary>
public sealed class DalleSystem : CatalogueSystem
{
    private const int Side = 256;
    private static readonly DvaeConfig Small = new() { Width = 32, Blocks = 1, Groups = 3, Codes = 512, CodeWidth = 32, Gain = 1 };

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "dalle",
        "DALL·E",
        "2021-W09",
        SystemTask.Generation,
        new Paper(
            "Zero-Shot Text-to-Image Generation", "Ramesh, Pavlov, Goh, Gray, Voss, Radford, Chen, Sutskever", 2021, "2102.12092",
            "openai/DALL-E@5be4b23"),
        "Paints pictures from sentences: one transformer continues a caption's tokens with a picture's codes; the best of many is kept.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        DalleNetworks.Whole,
        DalleNetworks.Dvae,
        new("dalle_dvae_encoder", "autoencoder: 256 px to logits of 32 x 32 codes of 8,192", _ => new DvaeEncoder(new DvaeConfig()))
        {
            Capabilities = [TensorInput.Pictures(Side)],
            Parameters = 53_786_240,
        },
        new("dalle_dvae_decoder", "autoencoder: 32 x 32 codes to pixels' means and widths", _ => new DvaeDecoder(new DvaeConfig()))
        {
            Capabilities = [new TensorInput(8192, Side / 8, Side / 8)],
            Parameters = 43_829_766,
        },
        new("dalle_dvae_small", "autoencoder: 32 px through 8 x 8 codes of 512; not of the paper", _ => new Dvae(Small))
        {
            Capabilities = [TensorInput.Pictures(32), new DvaePictures(), new Exportable(static module => Functions((Dvae)module))],
            Parameters = 244_246,
        },
        Transformer(
            "dalle_malevich", "ru-dalle's transformer Malevich: 24 layers of 2,048", new() { Layers = 24, Width = 2048, Heads = 16 }),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [DalleTrial.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DalleClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DvaeMethod(), DalleMethod.Instance];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new DalleGenerate(), new DalleComplete(), new DalleReconstruct()];

    /// <summary>ru-dalle's networks differ from the paper's in the length of text and in details.</summary>
    private static ModelVariant Transformer(string name, string description, DalleConfig config)
    {
        var own = config with
        {
            TextVocabulary = 16384 + 128,
            TextLength = 128,
            Convolution = MaskKind.ConvolutionClamped,
            ColumnsFirst = true,
            NormOfLogits = true,
            EmbeddingGradient = 0.1,
        };
        return new ModelVariant(name, description, _ => new DalleTransformer(own))
        {
            Capabilities = [new Exercise(static (module, batch) => Exercise((DalleTransformer)module, batch))],
        };
    }

    private static IReadOnlyList<ExportFunction> Functions(Dvae model)
    {
        int grid = 32 / Small.Downsampling;
        return
        [
            new("encoder", [ExportInput.Noise("picture", 3, 32, 32)], ["logits"], inputs => [model.Encoder.Call(inputs[0])]),
            new("decoder", [ExportInput.Noise("codes", Small.Codes, grid, grid)], ["pixels"], inputs => [model.Decoder.Call(inputs[0])]),
        ];
    }

    internal static void Exercise(DalleTransformer network, int batch)
    {
        using var scope = new TensorScope();
        var config = network.Config;
        network.Call(Tensor.Zeros([batch, config.TextLength], DType.Int64), Tensor.Zeros([batch, config.PictureLength], DType.Int64));
    }
}
