using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>Paints narratives: tagger, dual encoder and painter together.</summary>
public sealed record NarrativePainter : Capability;

/// <summary>Tagger, dual encoder and painter of narratives with traces learn side by side; 2011.03775 §4.</summary>
public sealed class TrecsMethod : TrainingMethod
{
    internal const string Overlap = "overlap";
    private const int PainterMultiple = 32, Written = 4;

    /// <inheritdoc/>
    public override string Name => "trecs";

    /// <inheritdoc/>
    public override string Purpose =>
        "narratives with mouse traces become pictures: a folder with narratives.jsonl (Localized Narratives), maps/ID.png, "
        + "pictures/ID.jpg and labels.txt; without data, small made scenes";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<TrecsSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("trecs_small --epochs 10 --out run15", "on small made scenes; narratives to try lie in run15/narratives.jsonl")];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<NarrativePainter>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (network.Configuration is not { } configuration)
            throw new UsageException($"{network.Variant.Name}: a run is evaluated, which knows the scenes that it composes of");
        using var scope = new TensorScope();
        using var narrator = new LoadedNarrator(network.Weights, count => Divided(count, configuration.Run).Known);
        var world = narrator.World;
        IEnumerable<DescribedScene> asked = Divided(world.Scenes.Count, configuration.Run).Held.Select(k => world.Scenes[k]);
        if (!network.IsOwn(data))
        {
            var other = SceneFolder.Read(data!, world.Side);
            if (!other.Labels.SequenceEqual(world.Labels))
            {
                throw new DataException(
                    data!, $"its labels are {string.Join(", ", other.Labels)}, and the run's {string.Join(", ", world.Labels)}");
            }

            asked = other.Scenes;
        }

        DescribedScene[] few = [.. asked.Take(GroundedComposer.MostAsked)];
        string place = data ?? (configuration.Data.Length > 0 ? configuration.Data : "made scenes");
        return new EvaluationReport(place, few.Length, narrator.Composer.FiguresOn(few, cancellation)) { Items = "scenes" };
    }

    /// <summary>Places of the scenes that are learned from, and of those that are only asked about.</summary>
    private static (int[] Known, int[] Held) Divided(int count, RunSettings run)
    {
        int held = Math.Clamp((int)Math.Round(run.Validation * count), 1, Math.Max(1, count - 2));
        int[] order = AugmentationRandom.Permutation(count, run.Seed, 0);
        return (order[..(count - held)], order[(count - held)..]);
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, needsData: false);
        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant)) throw new UsageException($"{variant.Name} paints no narratives, which {Name} trains");
        if (setup.Device is { Type: not DeviceType.Cpu }) throw new UsageException($"{Name} learns on the processor");
        var configuration = Settled(asked, variant);
        var settings = configuration.Of<TrecsSettings>();
        int side = configuration.ImageSize!.Value;
        string? data = configuration.Data.Length > 0 ? configuration.Data : null;
        var world = data is null ? TrecsWorld.Made(settings.Made, configuration.Run.Seed) : SceneFolder.Read(data, side);
        int count = world.Scenes.Count;
        if (count < 3) throw new DataException(configuration.Data, $"{count} described scenes: three are needed at least");
        var (known, held) = Divided(count, configuration.Run);
        int[] order = [.. known, .. held];
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var contract = new TrecsContract(
            world.Words, world.Labels.Count, side, world.Longest, data, settings.Made, configuration.Run.Seed);
        var model = owned.Own(new TrecsModel(new WordNumbers(world.Words).Count, world.Labels.Count, side, world.Longest));
        if (configuration.Run.Pretrained is { } weights) ModelWeights.Load(model, weights);
        ConfiguredParts.Freeze(model, configuration);
        var composer = owned.Own(new GroundedComposer(model, world, world.Words, known));
        var batches = new RowBatches(composer.Count, configuration.Run.Batch, configuration.Run.Seed);
        var judge = owned.Own(new SpadeDiscriminator(world.Labels.Count + 3, 16, 3, 1));
        var players = Players(model, judge, configuration, batches.BatchesPerEpoch, owned);
        var program = new TrecsProgram(players, model, composer, world, order, settings);
        return new RunPlan<RowBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {composer.Count:N0} described scenes of {side} px to learn from and {held.Length:N0} to be asked "
                + $"about, {world.Words.Count:N0} words, {world.Labels.Count} labels",
            Evaluate = program.Evaluate,
            Keep = folder => Keep(folder, contract, world, order),
            View = _ => new BatchView(program.Draw(), Question: "does each map fit the picture below it?"),
        };
    }

    private static void Keep(RunFolder? run, TrecsContract contract, TrecsWorld world, int[] order)
    {
        if (run?.Folder is not { } folder) return;
        contract.Save(Path.Combine(folder, TrecsContract.FileName));
        if (contract.Data is not null) return;
        var some = order.TakeLast(Written).Select(k => world.Scenes[k].Narrative);
        NarrativeFile.Save(Path.Combine(folder, NarrativeFile.Name), [.. some]);
    }

    private RunConfiguration Settled(RunConfiguration asked, ModelVariant variant)
    {
        int side = asked.ImageSize ?? TinyWorld.Side;
        if (side % PainterMultiple != 0)
            throw new SettingsException("size", called => $"{called} {side}: the painter makes multiples of {PainterMultiple}");
        if (asked.Data.Length == 0 && side != TinyWorld.Side)
            throw new SettingsException("size", called => $"{called} {side}: made scenes have {TinyWorld.Side}; name data for others");
        var configuration = ConfiguredParts.Settle(asked.WithImageSize(side), variant, this);
        return configuration.With(configuration.Run with
        {
            Watched = WatchedFigure.Settle(configuration.Run.Watched, Overlap, [Overlap]),
        });
    }

    private static TrecsPlayers Players(
        TrecsModel model, SpadeDiscriminator judge, RunConfiguration configuration, int batchesPerEpoch, OwnedParts owned)
    {
        var schedule = ConfiguredParts.Schedule(configuration, ConfiguredParts.StepsPerEpoch(configuration, batchesPerEpoch));
        double rate = configuration.Of<TrecsSettings>().PainterRate;
        var plain = configuration.With(configuration.Optimization with { Averaging = Averaging.None });
        return new TrecsPlayers(
            owned.Own(ConfiguredParts.AdamPlayer("tagger", model.Tagger, plain, schedule, (0.9, 0.999))),
            owned.Own(ConfiguredParts.AdamPlayer("encoder", model.Encoder, plain, schedule, (0.9, 0.999))),
            owned.Own(ConfiguredParts.AdamPlayer("painter", model.Painter, plain, LearningRateSchedule.Constant(rate), (0, 0.9))),
            owned.Own(ConfiguredParts.AdamPlayer("judge", judge, plain, LearningRateSchedule.Constant(4 * rate), (0, 0.9))));
    }
}
