using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn.Perceptual;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>Draws a character from its keypoints: a <see cref="CharacterGenerator"/>.</summary>
/// <param name="Layers">Depth layers.</param>
/// <param name="Multiple">What the sides of pictures divide by.</param>
/// <param name="HasMask">Whether it draws the character's mask too.</param>
public sealed record CharacterDrawer(int Layers, int Multiple, bool HasMask) : Capability;

/// <summary>One character, learned from 8 to 15 pictures and their keypoints; 2102.03141 §3.</summary>
public sealed class CharacterMethod : TrainingMethod
{
    internal const string Error = "error";

    /// <inheritdoc/>
    public override string Name => "charactergan";

    /// <inheritdoc/>
    public override string Purpose =>
        "one character from 8 to 15 pictures: a folder with keypoints.csv (label, x, y, file), keypoints_layers.csv (label, layer 0 to 2, "
        + "the farthest first) and keypoints_skeleton.csv (label, its neighbours)";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<CharacterSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("charactergan --data fox/ --out run12 --vgg vgg19.pth", "an hour on a graphics card"),
        ("charactergan_small --data fox/ --size 64 --out run12", "a small drawing in minutes on a processor"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<CharacterDrawer>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Animate;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string place = data ?? network.Configuration?.Data ?? throw new SettingsException("data", called => $"which character? {called}");
        var drawer = network.Variant.Get<CharacterDrawer>();
        var folder = CharacterFolder.Open(place, network.Size, drawer);
        bool isOwn = network.IsOwn(data);
        var device = network.RunsOn;
        using var painter = network.Variant.CreateTrained<CharacterGenerator>(network.Weights, ModelOptions.Official);
        painter.To(device);
        using var poses = Poses(folder, drawer, isOwn ? network.Configuration!.Run : null);
        using var player = new Player("generator", painter, new Adam(painter.Parameters(), 1e-3), LearningRateSchedule.Constant(1e-3));
        var figures = new CharacterProgram(player, null, null, poses, new CharacterSettings(), device).Evaluate();
        int asked = poses.Count > poses.Learned ? poses.Count - poses.Learned : poses.Count;
        return new EvaluationReport(place, asked, figures) { Remarks = folder.Remarks };
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this);
        var variant = setup.Models.Get(asked.Network);
        var drawer = variant.Find<CharacterDrawer>()
            ?? throw new UsageException($"{variant.Name} draws no character, which {Name} trains");
        if (asked.ImageSize is { } side && side % drawer.Multiple != 0)
        {
            throw new SettingsException(
                "size", called => $"{called} {side}: {variant.Name} halves pictures until it must divide by {drawer.Multiple}");
        }

        var folder = CharacterFolder.Open(asked.Data, asked.ImageSize, drawer);
        setup.Tell(folder.Remarks);
        var configuration = Settled(asked.WithImageSize(folder.Rig.Side), variant);
        var settings = configuration.Of<CharacterSettings>();
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var device = setup.RunsOn;
        var painter = owned.Own((CharacterGenerator)variant.Create(ModelOptions.Official));
        if (configuration.Run.Pretrained is { } weights) variant.Load(painter, weights);
        ConfiguredParts.Freeze(painter, configuration);
        painter.To(device);
        var poses = owned.Own(Poses(folder, drawer, configuration.Run));
        var batches = new RepeatedSource<RowBatch>(
            new RowBatches(poses.Learned, configuration.Run.Batch, configuration.Run.Seed), settings.Passes);
        var schedule = Schedule(configuration, batches.BatchesPerEpoch);
        var generator = owned.Own(ConfiguredParts.AdamPlayer("generator", painter, configuration, schedule, (0.5, 0.999)));
        Player? judge = null;
        if (settings.Judge > 0)
        {
            var network = owned.Own(new CharacterDiscriminator((int)(poses.Maps.Size(1) + poses.Pictures.Size(1)), painter.JudgeWidth));
            network.To(device);
            var plain = configuration.With(configuration.Optimization with { Averaging = Averaging.None });
            judge = owned.Own(ConfiguredParts.AdamPlayer("judge", network, plain, schedule, (0.5, 0.999)));
        }

        var program = new CharacterProgram(generator, judge, Vgg(settings, owned, device), poses, settings, device);
        return new RunPlan<RowBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {poses.Learned} poses of {folder.Rig.Labels.Count} keypoints at {folder.Rig.Side} px to learn from "
                + $"and {poses.Count - poses.Learned} to be asked about",
            Device = device,
            Evaluate = _ => program.Evaluate(),
            Keep = run =>
            {
                if (run is not null) folder.Rig.Save(Path.Combine(run.Folder, CharacterRig.FileName));
            },
            View = _ => new BatchView(
                program.Draw(), Question: "look whether dots and lines lie where the bent pictures have their joints"),
        };
    }

    private RunConfiguration Settled(RunConfiguration asked, ModelVariant variant)
    {
        var configuration = ConfiguredParts.Settle(asked, variant, this);
        var settings = configuration.Of<CharacterSettings>();
        double pixels = settings.Pixels ?? (settings.Vgg is null ? 10 : 0);
        if (pixels == 0 && settings.Judge == 0 && settings.Vgg is null)
        {
            throw new SettingsException(
                "pixels", called => $"{called} 0 without a judge and without VGG's weights leaves nothing to learn by");
        }

        string? vgg = settings.Vgg is { } file ? Path.GetFullPath(file) : null;
        configuration = configuration with { Settings = settings with { Pixels = pixels, Vgg = vgg } };
        return configuration.With(configuration.Run with { Watched = WatchedFigure.Settle(configuration.Run.Watched, Error, [Error]) });
    }

    /// <summary>Linear is the official fall: level for the first half of the run, then straight down to 0.</summary>
    private static LearningRateSchedule Schedule(RunConfiguration configuration, int batchesPerEpoch)
    {
        int steps = ConfiguredParts.StepsPerEpoch(configuration, batchesPerEpoch);
        if (configuration.Optimization.Schedule != ScheduleKind.Linear) return ConfiguredParts.Schedule(configuration, steps);
        double rate = configuration.Optimization.LearningRate!.Value;
        long total = configuration.Run.Steps ?? (long)steps * configuration.Run.Epochs, level = total / 2;
        return new LearningRateSchedule(step => step < level ? rate : rate * Math.Max(0, total - step) / Math.Max(1, total - level));
    }

    private static Vgg19Loss? Vgg(CharacterSettings settings, OwnedParts owned, Device device)
    {
        if (settings.Vgg is not { } file || settings.Perceptual == 0) return null;
        var vgg = owned.Own(new Vgg19Loss());
        VggWeights.Load(vgg, file, Vgg19Loss.Starts);
        vgg.To(device);
        return vgg;
    }

    /// <summary>Those that are learned from first; which are only asked about, the seed says. Without a run all are asked about.</summary>
    private static CharacterPoses Poses(CharacterFolder folder, CharacterDrawer drawer, RunSettings? run)
    {
        int count = folder.Poses.Count, held = run is null ? 0 : (int)Math.Round(run.Validation * count);
        int[] order = run is null ? [.. Enumerable.Range(0, count)] : AugmentationRandom.Permutation(count, run.Seed, 0);
        int learned = Math.Max(1, count - held);
        using var scope = new TensorScope();
        var sorted = order[..learned].Order().Concat(order[learned..].Order()).Select(k => folder.Poses[k]).ToList();
        var maps = Tensor.Stack([.. sorted.Select(pose => CharacterTensors.Maps(folder.Rig, drawer.Layers, pose.Points))]);
        var pictures = Tensor.Stack([.. sorted.Select(CharacterTensors.Picture)]);
        return new CharacterPoses(scope.KeepForever(maps), scope.KeepForever(pictures), learned);
    }
}
