using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn.Perceptual;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>Several answers to one picture, learned by conditional IMLE in months and days; 2011.01926 §3.</summary>
public sealed class HyperRimMethod : TrainingMethod
{
    internal const string Best = "best", Spread = "spread";
    private const double UpscalingRate = 1.25e-4, DecompressionRate = 1e-4;
    private const int SmallestInput = 2, DecompressionSide = 64, InputSide = 16;

    /// <inheritdoc/>
    public override string Name => "hyperrim";

    /// <inheritdoc/>
    public override string Purpose =>
        "several answers to one picture, larger ones or without JPEG's traces, without a judge: of many random answers the nearest learns. "
        + "Any folder of full-size pictures will do; they are shrunk here";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<HyperRimSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("hyperrim_small --data photos/ --size 64 --month 40 --out run13", "four times larger, in minutes on a processor"),
        ("hyperrim_x16 --data photos/ --vgg vgg16.pth --out run13", "as the paper has it, on a graphics card"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<PictureUpscaler>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Upscale;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string place = data ?? network.Configuration?.Data ?? throw new SettingsException("data", called => $"which pictures? {called}");
        var settings = network.Configuration?.Of<HyperRimSettings>() ?? new HyperRimSettings();
        using var module = network.Variant.CreateTrained<HyperRimNetwork>(network.Weights, ModelOptions.Official);
        module.To(network.RunsOn);
        var pictures = FolderPictures.Open(place);
        int side = network.Size ?? Side(module.Config);
        using var pairs = new RimPairs(pictures.Images, side, module.Config, settings.Quality, null);
        var (_, heldOut) = network.IsOwn(data) ? Divided(pairs.Count, settings.Run) : ([], [.. Enumerable.Range(0, pairs.Count)]);
        using var player = new Player("generator", module, new Adam(module.Parameters(), 1e-3), LearningRateSchedule.Constant(1e-3));
        using var month = new ImleMonth(1, module.Config.Levels);
        using var features = new PixelFeatures();
        var program = new HyperRimProgram(player, new(module, features, pairs, [], heldOut), month, settings, network.RunsOn);
        return new EvaluationReport(place, heldOut.Length, program.Evaluate(cancellation)) { Remarks = pictures.Remarks };
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, "labels are not needed");
        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant)) throw new UsageException($"{variant.Name} gives no several answers to a picture, which {Name} trains");
        TorchRuntime.ManualSeed(asked.Run.Seed);
        var network = owned.Own((HyperRimNetwork)variant.Create(ModelOptions.Official));
        var config = network.Config;
        var configuration = Settled(asked.WithImageSize(asked.ImageSize ?? Side(config)), variant, config);
        ConfiguredParts.UseThreads(configuration);
        if (configuration.Run.Pretrained is { } weights) variant.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        var device = setup.RunsOn;
        network.To(device);

        var settings = configuration.Of<HyperRimSettings>();
        var pictures = FolderPictures.Open(configuration.Data);
        setup.Tell(pictures.Remarks);
        int side = configuration.ImageSize!.Value;
        var fault = configuration.Run.SkipBroken ? setup.Fault ?? (_ => { }) : null;
        var pairs = owned.Own(new RimPairs(pictures.Images, side, config, settings.Quality, fault));
        if (pairs.Count < 2)
            throw new DataException(configuration.Data, "one picture alone: two are needed, to learn from and to be asked about");
        var (learned, heldOut) = Divided(pairs.Count, configuration.Run);
        int count = Math.Min(settings.Month, learned.Length);
        var month = owned.Own(new ImleMonth(count, config.Levels));
        var batches = new RepeatedSource<RowBatch>(new RowBatches(count, configuration.Run.Batch, configuration.Run.Seed), settings.Passes);
        var features = owned.Own(Features(settings));
        features.To(device);
        var player = owned.Own(ConfiguredParts.Player("generator", network, Optimizer(network, configuration), configuration,
            batches.BatchesPerEpoch));
        var program = new HyperRimProgram(player, new(network, features, pairs, learned, heldOut), month, settings, device);
        string by = settings.Vgg is null ? "pixels" : "VGG's features";
        return new RunPlan<RowBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {learned.Length:N0} pictures of {side} px to learn from and {heldOut.Length:N0} to be asked about, "
                + $"{count:N0} a month with the nearest of {settings.Codes} codes by {by}",
            Device = device,
            Evaluate = program.Evaluate,
            View = _ => new BatchView(program.Draw(), Question: "questions on the left, the true answers of each level beside them"),
        };
    }

    private RunConfiguration Settled(RunConfiguration asked, ModelVariant variant, HyperRimConfig config)
    {
        int side = asked.ImageSize!.Value, factor = config.KeepsSize ? 1 : 1 << config.Levels;
        if (side % factor != 0 || side / factor < SmallestInput)
        {
            throw new SettingsException(
                "size", called => $"{called} {side}: {variant.Name} makes pictures {factor} times larger, so it must be a multiple of "
                    + $"{factor}, {SmallestInput * factor} at least");
        }

        var configuration = ConfiguredParts.Settle(
            ConfiguredParts.WithRate(asked, config.KeepsSize ? DecompressionRate : UpscalingRate), variant, this);
        var settings = configuration.Of<HyperRimSettings>();
        if (settings.Lpips is not null && settings.Vgg is null)
            throw new SettingsException("lpips", called => $"{called} weighs the channels of VGG-16, whose weights are not named");
        configuration = configuration with
        {
            Settings = settings with
            {
                Vgg = settings.Vgg is { } vgg ? Path.GetFullPath(vgg) : null,
                Lpips = settings.Lpips is { } lpips ? Path.GetFullPath(lpips) : null,
            },
        };
        string watched = WatchedFigure.Settle(configuration.Run.Watched, Best, [Best, Spread]);
        return configuration.With(configuration.Run with { Watched = watched });
    }

    private static FeatureComparison Features(HyperRimSettings settings)
    {
        if (settings.Vgg is not { } vgg) return new PixelFeatures();
        var features = new PerceptualFeatures();
        try
        {
            VggWeights.Load(features.Net, vgg, VggFeatures.Starts);
            if (settings.Lpips is { } lpips) features.Weigh(Linear(lpips));
            return features;
        }
        catch
        {
            features.Dispose();
            throw;
        }
    }

    /// <summary>LPIPS's file: <c>lin0.model.1.weight</c> to <c>lin4</c>, each <c>(1, C, 1, 1)</c>.</summary>
    private static List<Tensor> Linear(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        return
        [
            .. VggFeatures.Widths.Select((width, k) =>
            {
                var found = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name.StartsWith($"lin{k}.", StringComparison.Ordinal));
                return found is not null && found.Shape.Aggregate(1L, (product, size) => product * size) == width
                    ? ModelWeights.ToTensor(found)
                    : throw new CheckpointException(path, $"it has no lin{k} of {width} channels: LPIPS's weights for VGG-16 are expected");
            }),
        ];
    }

    private static Optimizer Optimizer(HyperRimNetwork network, RunConfiguration configuration)
    {
        var groups = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Name.Contains("_map.", StringComparison.Ordinal), named => (Tensor)named.Parameter);
        if (groups.Count == 0) throw ConfiguredParts.NothingToTrain();
        double slower = configuration.Of<HyperRimSettings>().MappingRate;
        return ConfiguredParts.Optimizer(
            [new ParameterGroup(groups[false], "generator"), new ParameterGroup(groups[true], "mapping") { RateFactor = slower }],
            configuration);
    }

    private static int Side(HyperRimConfig config) => config.KeepsSize ? DecompressionSide : InputSide << config.Levels;

    private static (int[] Learned, int[] HeldOut) Divided(int count, RunSettings run)
    {
        int[] order = AugmentationRandom.Permutation(count, run.Seed, 0);
        int held = Math.Clamp((int)Math.Round(run.Validation * count), 1, count - 1);
        return ([.. order[held..].Order()], [.. order[..held].Order()]);
    }
}
