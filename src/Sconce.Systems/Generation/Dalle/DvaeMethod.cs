using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>DALL·E's first stage on a folder of pictures: an autoencoder whose codes are drawn, ever harder.</summary>
public sealed class DvaeMethod : TrainingMethod
{
    private const int Shown = 8, MostPlain = 400;

    /// <inheritdoc/>
    public override string Name => DalleNetworks.DvaeName;

    /// <inheritdoc/>
    public override string Purpose => "pictures become a grid of learned codes and back (2102.12092 §2.1). Any folder of pictures will do";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DvaeSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("dalle_dvae --data photos/ --out run1", "stage one; pictures above reconstructions in run1/samples"),
        ("dalle --first-stage run1 --data captions.csv --out run2", "stage two, which paints captions"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant?.Name == DalleNetworks.DvaeName;

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Reconstruct;

    /// <inheritdoc/>
    public override string? Advice(Verb verb) => verb == Verb.Generate || verb == Verb.Complete
        ? $"it is the first stage alone. Train {DalleNetworks.DalleName} with this run as its first stage; that one paints captions"
        : null;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<SquareBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var own = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run can be evaluated");
        using var model = network.Variant.CreateTrained<Dvae>(network.Weights, ModelOptions.Official);
        return CodecEvaluation.Report(
            network, own, data, batch, Evaluated(model), images => Squares(images, own.ImageSize!.Value, isCropped: false), cancellation);
    }

    private RunPlan<SquareBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, "labels are not needed");
        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant)) throw new UsageException($"{Name} trains the network {Name}, whose size is set, not {variant.Name}");
        var given = asked.Of<DvaeSettings>();
        int side = given.Pictures.ImageSize ?? new DvaeSettings().Pictures.ImageSize!.Value;
        var config = given.Codec.Network(side);
        var images = UnlabelledImages.Open(asked.Data, asked.Run.Validation, asked.Run.Seed, setup.Kept);
        setup.Tell(images.Remarks);
        ConfiguredParts.VerifyBatch(asked, images.Train.Count);
        long steps = asked.Run.Steps ?? (long)(images.Train.Count / asked.Run.Batch) * asked.Run.Epochs;
        var names = CodecEvaluation.Names(areLabels: false, plays: false, images.Test.Count);
        var settled = given with
        {
            Loss = given.Loss with { Plain = given.Loss.Plain ?? Math.Min(MostPlain, steps / 4) },
            Run = given.Run with { Watched = WatchedFigure.Settle(given.Run.Watched, names[0], names) },
        };
        var configuration = ConfiguredParts.Settle((asked with { Settings = settled }).WithImageSize(side), variant, this);
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var device = setup.RunsOn;
        var model = owned.Own(new Dvae(config));
        if (configuration.Run.Pretrained is { } weights) variant.Load(model, weights);
        ConfiguredParts.Freeze(model, configuration);
        model.To(device);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var learned = new DataLoader<float[], SquareBatch>(
            Squares(images.Train, side, isCropped: true), loading with { Shuffle = true, DropLast = true });
        var heldOut = new DataLoader<float[], SquareBatch>(Squares(images.Test, side, isCropped: false), loading);
        var player = owned.Own(ConfiguredParts.Player(
            "autoencoder", model, ConfiguredParts.Optimizer(model, "", configuration), configuration, learned.BatchesPerEpoch));
        var features = owned.Own(PictureFeatures.Random(device));
        var objective = new DvaeObjective(configuration.Of<DvaeSettings>().Loss, steps);
        var shown = owned.Own(SquareRecipe.First(heldOut, Shown, setup.Cancellation));
        int grid = side / config.Downsampling;
        return new RunPlan<SquareBatch>(configuration, new DvaeProgram(model, player, objective, shown, device), learned)
        {
            Summary = $"{Name}, {images.Train.Count:N0} pictures to learn from and {images.Test.Count:N0} to be asked about, {side} px in "
                + $"{grid * grid:N0} codes of {config.Codes:N0}",
            Device = device,
            Evaluate = cancellation => CodecEvaluation.Run(Evaluated(model), heldOut, features, device, cancellation),
            Keep = folder => images.Keep(folder, configuration.Data),
            View = batch => new BatchView(ImageGrid.Create(PaintedPictures.Of(batch.Pictures), 4)),
        };
    }

    private static SquareRecipe Squares(IDataset<ImageExample> images, int side, bool isCropped) =>
        new(images, side, 3, isCropped, (picture, along) => DallePictures.Square(picture, side, along));

    private static EvaluatedCodec Evaluated(Dvae model) => new(
        model,
        pictures => model.Encode(DallePictures.ToUnit(pictures)),
        codes => DallePictures.ToSymmetric(model.Decode(codes)));
}
