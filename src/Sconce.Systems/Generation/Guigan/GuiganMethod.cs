using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>Writes screens: a <see cref="SubtreeGenerator"/>.</summary>
/// <param name="Width">Of a token's vector.</param>
/// <param name="Hidden">Of the state.</param>
/// <param name="JudgeLengths">Lengths of the judge's filters; the official ones where left out.</param>
/// <param name="JudgeFilters">Filters of each length; the official ones where left out.</param>
public sealed record ScreenWriter(int Width, int Hidden, IReadOnlyList<int>? JudgeLengths = null, int JudgeFilters = 0) : Capability
{
    /// <summary>The shortest screen that its judge takes, in tokens.</summary>
    internal int Shortest => JudgeLengths?.Max() ?? 20;

    internal ScreenDiscriminator Judge(int vocabulary) => JudgeLengths is { } lengths
        ? new(vocabulary, 32, lengths, [.. lengths.Select(_ => JudgeFilters)], dropout: 0.25)
        : new(vocabulary);
}

/// <summary>Screens as sequences of parts: likelihood, then a judge, then both; 2101.09978 §4.</summary>
public sealed class GuiganMethod : TrainingMethod
{
    internal const string Both = "score";
    private const int OfficialLength = 30;

    /// <inheritdoc/>
    public override string Name => "guigan";

    /// <inheritdoc/>
    public override string Purpose =>
        "new screens out of the parts of real ones: a folder of view hierarchies with pictures (Rico's 12.json and 12.jpg); without data, "
        + "screens by a grammar";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<GuiganSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("guigan_small --out run14 --rollouts 2", "on screens of a grammar, in a minute"),
        ("guigan --data rico/news/ --out run14 --reward official", "as the released code has it"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<ScreenWriter>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (network.Configuration is not { } configuration)
            throw new UsageException($"{network.Variant.Name}: a run is evaluated, which knows the screens that it learned from");
        if (!network.IsOwn(data))
        {
            throw new SettingsException(
                "data", called => $"{called}: new screens are made of the parts that were learned from, and held against those screens");
        }

        using var writer = new LoadedWriter(network.Variant.Get<ScreenWriter>(), network.Weights);
        var figures = new ScreenScores(writer.Library, writer.Pictures).FiguresOf(writer.Generator, configuration.Run.Seed);
        string place = configuration.Data is { Length: > 0 } folder ? folder : "screens of a grammar";
        return new EvaluationReport(place, ScreenScores.Asked, figures) { Items = "screens" };
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, needsData: false);
        var variant = setup.Models.Get(asked.Network);
        var form = variant.Find<ScreenWriter>()
            ?? throw new UsageException($"{variant.Name} writes no screens, which {Name} trains");
        if (setup.Device is { Type: not DeviceType.Cpu }) throw new UsageException($"{Name} learns on the processor");
        var own = asked.Of<GuiganSettings>();
        var (builder, remarks) = asked.Data.Length > 0
            ? ScreenFolder.Read(asked.Data, setup.Cancellation)
            : (MadeScreens.Draw(own.Made, new Random((int)(asked.Run.Seed % int.MaxValue))), []);
        setup.Tell(remarks);
        int length = own.Length ?? Math.Max(form.Shortest, Math.Min(builder.Longest, OfficialLength));
        if (length < form.Shortest)
        {
            throw new SettingsException(
                "length", called => $"{called} {length}: the judge of {variant.Name} takes {form.Shortest} at least");
        }

        var library = builder.Build(length);
        IReadOnlyList<Image> pictures = builder.Pictures;
        var configuration = ConfiguredParts.Settle(asked, variant, this);
        configuration = configuration with { Settings = configuration.Of<GuiganSettings>() with { Length = length } };
        configuration = configuration.With(configuration.Run with
        {
            Watched = WatchedFigure.Settle(configuration.Run.Watched, Both, [Both, "style", "structure", "distinct"]),
        });
        var settings = configuration.Of<GuiganSettings>();
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var batches = new RowBatches(library.Screens.Count, configuration.Run.Batch, configuration.Run.Seed);
        var players = Players(library.Vocabulary.Count, form, configuration, batches.BatchesPerEpoch, owned);
        var painter = new ScreenPainter(library, pictures);
        var program = new GuiganProgram(players, library, new ScreenScores(library, pictures), painter, settings);
        return new RunPlan<RowBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {library.Screens.Count:N0} screens of {library.Apps.Count} apps, "
                + $"{library.Parts.Count:N0} sub-trees, {length} tokens a screen",
            Evaluate = _ => program.Evaluate(),
            Keep = folder =>
            {
                if (folder is not null) library.Save(folder.Folder, pictures);
            },
            View = _ => new BatchView(program.Draw(), Question: "look whether real screens are put together of their parts"),
            Falls = settings.Beginning > 0,
        };
    }

    private static GuiganPlayers Players(
        int vocabulary, ScreenWriter form, RunConfiguration configuration, int batchesPerEpoch, OwnedParts owned)
    {
        var settings = configuration.Of<GuiganSettings>();
        var writer = owned.Own(new SubtreeGenerator(vocabulary, form.Width, form.Hidden));
        if (configuration.Run.Pretrained is { } weights) ModelWeights.Load(writer, weights);
        ConfiguredParts.Freeze(writer, configuration);
        var judge = owned.Own(form.Judge(vocabulary));
        var rollout = owned.Own(new Rollout(writer));
        var weighed = owned.Own(new WeighedLosses());
        var learned = writer.Parameters().Where(parameter => parameter.RequiresGrad).Cast<Tensor>().ToList();
        if (learned.Count == 0) throw ConfiguredParts.NothingToTrain();
        if (settings.Reward == ScreenReward.Official) learned.AddRange(weighed.Parameters());
        int steps = ConfiguredParts.StepsPerEpoch(configuration, batchesPerEpoch);
        var schedule = ConfiguredParts.Schedule(configuration, steps);
        var optimizer = ConfiguredParts.Optimizer([new ParameterGroup(learned)], configuration);
        var judging = new Adam(judge.Parameters(), settings.JudgeRate);
        return new GuiganPlayers(
            owned.Own(ConfiguredParts.Player("generator", writer, optimizer, configuration, schedule)),
            owned.Own(new Player("judge", judge, judging, LearningRateSchedule.Constant(settings.JudgeRate))),
            writer,
            rollout,
            weighed);
    }
}
