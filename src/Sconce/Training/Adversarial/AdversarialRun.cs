using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// A run of a generator against its discriminator on a folder of pictures of any sizes: the shorter side is brought to the network's own,
/// and the middle is taken. It is evaluated by the distance of what the averaged generator paints to all of the data.
/// </summary>
public sealed class AdversarialRun : TrainingRun
{
    private const string Watched = "fid", Spread = "spread";
    private readonly Module<Tensor, Tensor> generator;
    private readonly OwnedParts owned = new();
    private readonly AdversarialProgram program;
    private readonly AdversarialPlan plan;
    private readonly IBatchSource<ImageBatch> batches;
    private readonly PictureDistance distance;
    private readonly IAdversarialSettings settings;
    private readonly Device device;
    private readonly int latent, pictures;

    /// <summary>Opens the data and builds both networks.</summary>
    /// <param name="setup">What is null in its configuration is settled.</param>
    /// <param name="plan">What the method does its own way.</param>
    /// <exception cref="UsageException">A setting means nothing, or the network is no generator with a discriminator.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    public AdversarialRun(TrainingSetup setup, AdversarialPlan plan)
    {
        (this.plan, device) = (plan, setup.RunsOn);
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, plan.Method, "labels are not needed");
        var variant = setup.Models.Get(asked.Network);
        var capability = variant.Find<ImageGenerator>() is { } known && (known.Opponent is not null || plan.Opponent is not null)
            ? known
            : throw new UsageException($"{variant.Name} is no generator with a discriminator, which {plan.Method.Name} trains");
        latent = capability.Latent;
        var data = FolderPictures.Open(asked.Data);
        setup.Tell(data.Remarks);
        pictures = data.Images.Count;
        TorchRuntime.ManualSeed(asked.Run.Seed);
        generator = Own(Painter());
        try
        {
            var discriminator = Own(Opponent(generator));
            var (channels, side) = Painted(generator, latent);
            Configuration = Settle(
                asked.WithImageSize(side), variant, new AdversarialNetworks(generator, discriminator, channels, capability.HasStyles));
            settings = (IAdversarialSettings)Configuration.Settings;
            var rules = AdversarialDefaults.RulesOf(settings.Game, latent);
            ConfiguredParts.VerifyBatch(Configuration, pictures);
            ConfiguredParts.UseThreads(Configuration);
            if (Configuration.Run.Pretrained is { } weights) variant.Load(generator, weights);
            ConfiguredParts.Freeze(generator, Configuration);
            generator.To(device);
            discriminator.To(device);
            var preprocessing = ImagePreprocessing.Symmetric(side, 1);
            var options = ConfiguredParts.Loading(Configuration, setup.Fault);
            List<Augmentation> steps = [new Preprocess(preprocessing)];
            if (settings.Game.Mirror) steps.Add(new RandomHorizontalFlip());
            var pass = ImageLoader.Create(
                data.Images, [.. steps], options with { Shuffle = true, DropLast = true }, preprocessing.Mean, preprocessing.Std);
            batches = AdversarialEvaluation.Grey(new RepeatedSource<ImageBatch>(pass, settings.Game.Passes!.Value), channels);
            var judged = Own(settings.Game.Features is { } file
                ? PictureFeatures.Of(setup.Models.Get(settings.Game.FeatureNetwork), file, device)
                : PictureFeatures.Random(device));
            setup.Tell([$"fid is measured in the features of {judged.Name}, not in Inception's: it compares runs with each other alone"]);
            distance = Own(new PictureDistance(
                judged,
                data.Images,
                some => AdversarialEvaluation.Grey(ImageLoader.Create(some, preprocessing, options), channels),
                device));
            bool slowed = rules.PathLength > 0 || plan.SlowsGenerator;
            var painting = PlayerOf("generator", generator, slowed ? rules.PathEvery : null, averages: true);
            var judging = PlayerOf("discriminator", discriminator, rules.R1 > 0 ? rules.R1Every : null, averages: false);
            program = plan.Program(new AdversarialParts(painting, judging, rules, Configuration, device, distance.Nearest, Again));
            if (program is IDisposable kept) Own(kept);
        }
        catch
        {
            owned.Dispose();
            throw;
        }

        Module<Tensor, Tensor> Painter() => (Module<Tensor, Tensor>)variant.Built(new ModelOptions(ImageSize: asked.ImageSize));

        Module<Tensor, Tensor> Opponent(Module painter) => plan.Opponent is { } own
            ? own((IAdversarialSettings)asked.Settings, painter)
            : capability.Opponent!(painter);

        (Module, Module) Again()
        {
            var painter = Painter();
            var opponent = Opponent(painter);
            painter.To(device);
            opponent.To(device);
            return (painter, opponent);
        }
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network} by {Configuration.Method}, {pictures:N0} pictures, both players see "
        + $"{(settings.Game.Augment is "none" ? "them as they are" : settings.Game.Augment)}"
        + (plan.Describe is { } more ? $"; {more(settings)}" : "");

    /// <inheritdoc/>
    public override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        var trainer = new Trainer<ImageBatch>(program, batches, ConfiguredParts.Trainer(Configuration, device))
        {
            Folder = folder,
            Evaluate = ended =>
            {
                var figures = distance.Of(generator, latent, settings.Game.Judged, Configuration.Run.Seed, ended);
                foreach (var figure in program.Figures()) figures.Add(figure);
                return figures;
            },
        };
        return trainer.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var group = batches.FirstBatches(1, cancellation);
        using (new TensorScope())
        {
            ImageGrid.Create(PaintedPictures.Of(program.Seen(group.Batches[0].Images)), 4).Save(picture);
        }

        var losses = SanityCheck.Falls(program, group.Batches[0], "the discriminator's loss", cancellation: cancellation);
        return
        [
            new SanityFinding("a batch as the discriminator sees it", true, $"{picture}: would you still know what the pictures show?"),
            // Against a generator that learns too it need not fall: that all numbers are finite is what is asked.
            losses with { Passed = true },
        ];
    }

    /// <summary>Channels and side of what a generator paints.</summary>
    internal static (int Channels, int Side) Painted(Module<Tensor, Tensor> generator, int latent)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        generator.Eval();
        var picture = generator.Call(Tensor.Zeros([1, latent]));
        return ((int)picture.Size(1), (int)picture.Size(2));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => owned.Dispose();

    private RunConfiguration Settle(RunConfiguration asked, ModelVariant variant, AdversarialNetworks networks)
    {
        var begun = plan.Begin((IAdversarialSettings)asked.Settings, networks.HasStyles);
        var given = AdversarialDefaults.Settle(begun, plan.Augment, networks.HasStyles, pictures);
        var run = given.Run with { Watched = WatchedFigure.Settle(given.Run.Watched, Watched, [Watched, Spread, .. plan.Figures]) };
        var settled = plan.Settle((IAdversarialSettings)given.With(run, given.Optimization), networks);
        return ConfiguredParts.Settle(asked with { Settings = settled }, variant, plan.Method);
    }

    /// <summary>Lazy penalties are steps of their own, so that each step is smaller. 1912.04958 appendix B.</summary>
    private Player PlayerOf(string name, Module network, int? lazy, bool averages)
    {
        double share = lazy is { } every ? every / (every + 1.0) : 1;
        var (optimization, game) = (Configuration.Optimization, settings.Game);
        double rate = (averages ? null : game.DiscriminatorRate) ?? optimization.LearningRate!.Value;
        var slowed = Configuration.With(optimization with
        {
            LearningRate = rate * share,
            Averaging = averages ? optimization.Averaging : Averaging.None,
        });
        var moments = (Math.Pow(game.Beta1!.Value, share), Math.Pow(game.Beta2!.Value, share));
        var optimizer = ConfiguredParts.Optimizer(network, slowed, moments);
        return Own(ConfiguredParts.Player(name, network, optimizer, slowed, batches.BatchesPerEpoch));
    }

    private T Own<T>(T part)
        where T : IDisposable => owned.Own(part);
}
