using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>The networks that a person trains: built by settings, and read back from what their checkpoints say of themselves.</summary>
internal static class VqganNetworks
{
    internal const string CodecName = "vqgan", TransformerName = "vqgan_gpt";
    private const string FirstStage = "first_stage_model.", ConditionStage = "cond_stage_model.";
    private const int CoordinateLevels = 255;

    /// <summary>The autoencoder.</summary>
    internal static ModelVariant Codec { get; } = new(
        CodecName, "autoencoder: on your own pictures, of any size and "
            + "kind", options => new VqModel(new CodecSettings().Network(SideOf(options))))
    {
        Capabilities = [TensorInput.Pictures(DefaultSide), new PictureCodec(DefaultSide)],
        Load = VqVariants.LoadWithoutLosses,
        CreateFor = static (weights, options) => new VqModel(Autoencoder(weights, options.ImageSize)),
    };

    /// <summary>The transformer with its autoencoders.</summary>
    internal static ModelVariant Transformer { get; } = new(
        TransformerName, "transformer: over the codes of an autoencoder of yours", options => new Net2Net(Default(SideOf(options))))
    {
        Capabilities =
        [
            new CodeGenerator(CodeCondition.Start),
            new Exercise(static (module, batch) => VqVariants.Exercise((Net2Net)module, batch)),
        ],
        Load = VqVariants.LoadWithoutLosses,
        CreateFor = static (weights, options) => new Net2Net(Whole(weights, options.ImageSize)),
    };

    private static int DefaultSide => 64;

    /// <summary>The autoencoder that a checkpoint holds.</summary>
    internal static VqConfig Autoencoder(string weights, int? side)
    {
        using var checkpoint = Checkpoint.Open(weights);
        return VqShapes.Autoencoder(checkpoint, "", side);
    }

    /// <summary>An autoencoder with its weights, in evaluation, on a device; whoever asks disposes it.</summary>
    /// <param name="place">A run's folder, or a checkpoint.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="UsageException">The run has no weights yet.</exception>
    /// <exception cref="CheckpointException">It is another network's.</exception>
    internal static VqModel Open(string place, Device device)
    {
        string weights = RunWeights.Of(place);
        var model = Codec.CreateTrained<VqModel>(weights, new ModelOptions(ImageSize: CheckpointClasses.Read(weights, "").ImageSize));
        model.To(device);
        return model;
    }

    /// <summary>The two stages as a person's settings want them.</summary>
    /// <param name="first">The autoencoder of the pictures.</param>
    /// <param name="condition">That of the condition, where it is a picture.</param>
    /// <param name="settings">The transformer's.</param>
    /// <param name="classes">How many classes there are, of pictures by class.</param>
    internal static Net2NetConfig Of(VqConfig first, VqConfig? condition, GptSettings settings, int classes)
    {
        int side = first.Autoencoder.Resolution, code = first.Autoencoder.Downsampling, length = side / code * (side / code);
        var kind = settings.Kind;
        int other = kind switch
        {
            CodeCondition.Class => classes,
            CodeCondition.Picture => condition!.Codes,
            CodeCondition.Coordinates => CoordinateLevels + 1,
            _ => 1,
        };
        return new Net2NetConfig
        {
            FirstStage = first,
            ConditionStage = condition,
            Condition = kind,
            Coordinates = new CoordinateCodes(CoordinateLevels, code),
            Keep = settings.Keep,
            Order = settings.Order,
            Transformer = new()
            {
                Vocabulary = Math.Max(first.Codes, other),
                Length = length + (kind is CodeCondition.Picture or CodeCondition.Coordinates ? length : 1),
                Layers = settings.Layers,
                Heads = settings.Heads,
                Width = settings.Channels,
                Dropout = settings.Dropout,
            },
        };
    }

    private static Net2NetConfig Default(int side) => Of(new CodecSettings().Network(side), null, new GptSettings(), 0);

    private static int SideOf(ModelOptions options) => options.ImageSize ?? DefaultSide;

    /// <summary>Sizes from the tensors, what no tensor tells from the run's settings; of others' files what is most likely.</summary>
    private static Net2NetConfig Whole(string weights, int? side)
    {
        using var checkpoint = Checkpoint.Open(weights);
        var settings = CheckpointSettings.Read(checkpoint, VqganGptMethod.Instance)?.Of<VqganGptSettings>().Transformer;
        var first = VqShapes.Autoencoder(checkpoint, FirstStage, side);
        bool hasOther = VqShapes.Has(checkpoint, ConditionStage);
        return new Net2NetConfig
        {
            FirstStage = first,
            ConditionStage = hasOther ? VqShapes.Autoencoder(checkpoint, ConditionStage, side) : null,
            Condition = settings?.Kind ?? (hasOther ? CodeCondition.Picture : CodeCondition.Start),
            Coordinates = new CoordinateCodes(CoordinateLevels, first.Autoencoder.Downsampling),
            Order = settings?.Order ?? CodeOrder.Identity,
            Transformer = VqShapes.Transformer(checkpoint, settings?.Heads),
        };
    }
}
