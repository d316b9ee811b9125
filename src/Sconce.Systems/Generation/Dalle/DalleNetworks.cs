using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Paints pictures from captions: a <see cref="DalleModel"/>.</summary>
public sealed record CaptionPainter : Capability;

/// <summary>Turns pictures into codes and back: a <see cref="Dalle.Dvae"/>, or a <see cref="DalleModel"/> with one.</summary>
public sealed record DvaePictures : Capability;

/// <summary>The networks that a person trains: built by settings, and read back from what their checkpoints say of themselves.</summary>
internal static class DalleNetworks
{
    internal const string DvaeName = "dalle_dvae", DalleName = "dalle";
    private const int DefaultSide = 64;

    /// <summary>The whole.</summary>
    internal static ModelVariant Whole { get; } = new(
        DalleName, "on your own pictures with captions, with its autoencoder and vocabulary", Default)
    {
        Capabilities =
        [
            new CaptionPainter(),
            new DvaePictures(),
            new Exercise(static (module, batch) => DalleSystem.Exercise(((DalleModel)module).Transformer, batch)),
        ],
        CreateFor = static (weights, _) => Created(weights),
    };

    /// <summary>The autoencoder alone.</summary>
    internal static ModelVariant Dvae { get; } = new(
        DvaeName, "autoencoder: on your own pictures",
        options => new Dvae(new DvaeCodecSettings().Network(options.ImageSize ?? DefaultSide)))
    {
        Capabilities = [TensorInput.Pictures(DefaultSide), new DvaePictures()],
        CreateFor = static (weights, _) =>
        {
            using var checkpoint = Checkpoint.Open(weights);
            return new Dvae(Autoencoder(checkpoint, ""));
        },
    };

    /// <summary>An autoencoder with its weights and the side of the pictures that it was trained on.</summary>
    /// <param name="place">A run's folder, or a checkpoint.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="UsageException">The run has no weights yet, or they do not say the side.</exception>
    /// <exception cref="CheckpointException">It is another network's.</exception>
    internal static (Dvae Model, int Side) Open(string place, Device device)
    {
        string weights = RunWeights.Of(place);
        int side = CheckpointClasses.Read(weights, "").ImageSize
            ?? throw new UsageException($"{weights} does not say on which pictures it was trained: it is no run's");
        var model = Dvae.CreateTrained<Dvae>(weights, ModelOptions.Official);
        model.To(device);
        return (model, side);
    }

    private static DalleModel Default(ModelOptions options)
    {
        int side = options.ImageSize ?? DefaultSide;
        var codec = new DvaeCodecSettings().Network(side);
        return new DalleModel(codec, new DalleSizeSettings().Network(codec, side, CaptionVocabulary.Least), []);
    }

    private static DalleModel Created(string weights)
    {
        using var checkpoint = Checkpoint.Open(weights);
        var sizes = CheckpointSettings.Read(checkpoint, DalleMethod.Instance)?.Of<DalleSettings>().Transformer ?? new DalleSizeSettings();
        var codec = Autoencoder(checkpoint, "dvae.");
        var words = Shape(checkpoint, "transformer.text_embeddings.weight");
        int layers = 0;
        while (Find(checkpoint, $"transformer.transformer.layers.{layers}.mlp.dense_h_to_4h.weight") is not null) layers++;
        var transformer = new DalleConfig
        {
            Layers = layers,
            Width = (int)words[1],
            Heads = sizes.Heads,
            TextVocabulary = (int)words[0],
            TextLength = (int)Shape(checkpoint, "transformer.text_pos_embeddings.weight")[0] - 1,
            Codes = codec.Codes,
            Grid = (int)Shape(checkpoint, "transformer.image_row_embeddings.weight")[0],
            Kernel = sizes.Kernel,
        };
        return new DalleModel(codec, transformer, new byte[Shape(checkpoint, "vocabulary")[0]]);
    }

    private static DvaeConfig Autoencoder(Checkpoint checkpoint, string prefix)
    {
        int groups = 0, blocks = 0;
        while (Find(checkpoint, $"{prefix}enc.blocks.group_{groups + 1}.block_1.res_path.conv_1.w") is not null) groups++;
        while (Find(checkpoint, $"{prefix}enc.blocks.group_1.block_{blocks + 1}.res_path.conv_1.w") is not null) blocks++;
        return new DvaeConfig
        {
            Width = (int)Shape(checkpoint, $"{prefix}enc.blocks.input.w")[0],
            Groups = groups,
            Blocks = blocks,
            Codes = (int)Shape(checkpoint, $"{prefix}enc.blocks.output.conv.w")[0],
            CodeWidth = (int)Shape(checkpoint, $"{prefix}dec.blocks.input.w")[0],
            Gain = 1,
        };
    }

    private static CheckpointTensor? Find(Checkpoint checkpoint, string name) =>
        checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name == name);

    private static IReadOnlyList<long> Shape(Checkpoint checkpoint, string name)
    {
        if (Find(checkpoint, name) is { Shape: { Count: > 0 } shape }) return shape;
        bool isDvae = checkpoint.Tensors.Any(tensor => tensor.Name.StartsWith("enc.", StringComparison.Ordinal));
        bool isWhole = checkpoint.Tensors.Any(tensor => tensor.Name.StartsWith("transformer.", StringComparison.Ordinal));
        string held = isDvae ? "an autoencoder alone, the first stage" : isWhole ? "a transformer with its autoencoder" : "another network";
        throw new CheckpointException(checkpoint.Path, $"it has no {name}: it holds {held}, not what is wanted here");
    }
}
