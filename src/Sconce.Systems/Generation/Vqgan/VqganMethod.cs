using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>VQGAN's first stage on a folder of pictures: an autoencoder with a codebook, and a discriminator from a step on.</summary>
public sealed class VqganMethod : TrainingMethod
{
    private const int Shown = 8, MostPlain = 500;

    /// <inheritdoc/>
    public override string Name => VqganNetworks.CodecName;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures, depth maps or maps of labels become a grid of learned codes and back (2012.09841 §3.1). Any folder of pictures will do";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<VqganSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vqgan --data photos/ --out run1", "stage one; pictures above reconstructions in run1/samples"),
        ("vqgan --data photos/ --size 256 --downsampling 16 --width 128 --blocks 2 --codes 16384", "the official size"),
        ("vqgan --data maps/ --kind segmentation --labels 20 --out run2", "of maps of labels"),
        ("vqgan_gpt --first-stage run1 --data photos/ --out run3", "stage two, which makes new pictures"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant?.Name == VqganNetworks.CodecName;

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Reconstruct;

    /// <inheritdoc/>
    public override string? Advice(Verb verb) => verb == Verb.Generate || verb == Verb.Complete
        ? $"it is the first stage alone. Train {VqganNetworks.TransformerName} with this run as its first stage; that one makes new "
            + "pictures"
        : null;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<SquareBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var own = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run can be evaluated");
        using var model = network.Variant.CreateTrained<VqModel>(network.Weights, new ModelOptions(ImageSize: network.Size));
        var config = model.Config.Autoencoder;
        return CodecEvaluation.Report(
            network, own, data, batch, Evaluated(model),
            images => Squares(images, config.Resolution, config.InputChannels, isCropped: false),
            cancellation);
    }

    private RunPlan<SquareBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, "labels are not needed");
        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant))
            throw new UsageException($"{Name} trains the network {VqganNetworks.CodecName}, whose size is set, not {variant.Name}");
        var given = asked.Of<VqganSettings>();
        int side = given.Pictures.ImageSize ?? new VqganSettings().Pictures.ImageSize!.Value;
        var config = given.Codec.Network(side);
        var images = UnlabelledImages.Open(asked.Data, asked.Run.Validation, asked.Run.Seed, setup.Kept);
        setup.Tell(images.Remarks);
        ConfiguredParts.VerifyBatch(asked, images.Train.Count);
        bool plays = given.Codec.Kind != CodecKind.Segmentation && given.Loss.Adversarial > 0;
        var names = CodecEvaluation.Names(given.Codec.Kind == CodecKind.Segmentation, plays, images.Test.Count);
        long steps = asked.Run.Steps ?? (long)(images.Train.Count / asked.Run.Batch) * asked.Run.Epochs;
        var configuration = ConfiguredParts.Settle(
            (asked with
            {
                Settings = given with
                {
                    Loss = given.Loss with
                    {
                        DiscriminatorStart = given.Loss.DiscriminatorStart ?? steps / 2,
                        DiscriminatorRamp = given.Loss.DiscriminatorRamp ?? steps / 10,
                        Plain = given.Loss.Plain ?? Math.Min(MostPlain, steps / 10),
                        Perceptual = given.Loss.Perceptual is { } file ? Path.GetFullPath(file) : null,
                    },
                    Run = given.Run with { Watched = WatchedFigure.Settle(given.Run.Watched, names[0], names) },
                },
            }).WithImageSize(side),
            variant,
            this);
        var settings = configuration.Of<VqganSettings>();
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var device = setup.RunsOn;
        var model = owned.Own(new VqModel(config));
        if (configuration.Run.Pretrained is { } weights) VqVariants.LoadWithoutLosses(model, weights);
        ConfiguredParts.Freeze(model, configuration);
        model.To(device);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        int channels = settings.Codec.Channels;
        var learned = new DataLoader<float[], SquareBatch>(
            Squares(images.Train, side, channels, isCropped: true), loading with { Shuffle = true, DropLast = true });
        var heldOut = new DataLoader<float[], SquareBatch>(Squares(images.Test, side, channels, isCropped: false), loading);
        var loss = settings.Codec.Kind == CodecKind.Segmentation ? null : owned.Own(Losses(settings, plays, device));
        var player = PlayerOf("autoencoder", model, configuration, learned.BatchesPerEpoch);
        var opponent = plays ? PlayerOf("discriminator", loss!.Discriminator, Plain(configuration), learned.BatchesPerEpoch) : null;
        owned.Own(player);
        if (opponent is not null) owned.Own(opponent);
        var features = owned.Own(PictureFeatures.Random(device));
        var shown = owned.Own(SquareRecipe.First(heldOut, Shown, setup.Cancellation));
        var program = owned.Own(new VqganProgram(model, player, loss, opponent, settings.Loss, shown, device));
        int codes = (side / settings.Codec.Downsampling) * (side / settings.Codec.Downsampling);
        return new RunPlan<SquareBatch>(configuration, program, learned)
        {
            Summary = $"{Name} of {settings.Codec.Kind}, {images.Train.Count:N0} pictures to learn from and {images.Test.Count:N0} to be "
                + $"asked about, {side} px in {codes:N0} codes of {config.Codes:N0}"
                + (plays ? $"; the discriminator plays from step {settings.Loss.DiscriminatorStart:N0} on" : ""),
            Device = device,
            Evaluate = cancellation => CodecEvaluation.Run(Evaluated(model), heldOut, features, device, cancellation),
            Keep = folder => images.Keep(folder, configuration.Data),
            View = batch => new BatchView(ImageGrid.Create(VqganProgram.Drawn(batch.Pictures), 4)),
        };
    }

    private static SquareRecipe Squares(IDataset<ImageExample> images, int side, int channels, bool isCropped) =>
        new(images, side, channels, isCropped, (picture, along) => VqPictures.Square(picture, side, channels, along));

    private static EvaluatedCodec Evaluated(VqModel model) =>
        new(model, model.CodesOf, model.DecodeCodes, VqPictures.AreLabels(model.Config.Autoencoder.InputChannels));

    private static VqLoss Losses(VqganSettings settings, bool plays, Device device)
    {
        var loss = new VqLoss(new VqLossConfig
        {
            DiscriminatorStart = settings.Loss.DiscriminatorStart!.Value,
            DiscriminatorRamp = settings.Loss.DiscriminatorRamp!.Value,
            DiscriminatorChannels = settings.Codec.Channels,
            DiscriminatorWidth = plays ? settings.Loss.DiscriminatorWidth : 1,
            DiscriminatorLayers = settings.Loss.DiscriminatorLayers,
            DiscriminatorWeight = settings.Loss.Adversarial,
            PerceptualWeight = settings.Loss.Perceptual is null ? 0 : 1,
        });
        try
        {
            if (settings.Loss.Perceptual is { } file) ModelWeights.Load(loss.PerceptualLoss!, file);
            loss.To(device);
            return loss;
        }
        catch
        {
            loss.Dispose();
            throw;
        }
    }

    /// <summary>Adam of 0.5 and 0.9, as officially; others as configured.</summary>
    private static Player PlayerOf(string name, Module network, RunConfiguration configuration, int batches)
    {
        var optimizer = ConfiguredParts.Optimizer(network, configuration, (0.5, 0.9));
        return ConfiguredParts.Player(name, network, optimizer, configuration, batches);
    }

    /// <summary>The discriminator has no average.</summary>
    private static RunConfiguration Plain(RunConfiguration configuration) =>
        configuration.With(configuration.Optimization with { Averaging = Averaging.None });
}
