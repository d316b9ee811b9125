using Sconce.Data;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary><c>sconce train oilpaintbrush --out brush1</c>: no data are needed, since the engine draws them.</summary>
public sealed class RendererMethod : TrainingMethod
{
    internal const string Ratio = "psnr";
    private const string Strokes = "strokes of the engine";

    /// <inheritdoc/>
    public override string Name => "stroke_renderer";

    /// <inheritdoc/>
    public override string Purpose =>
        "a network imitates the engine that draws strokes, so that strokes have a gradient; it needs no data, the engine draws them";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<RendererSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("oilpaintbrush_light --epochs 20 --strokes 5000 --out brush1", "a small canvas, in minutes on a processor"),
        ("watercolor --out brush2", "as the paper has it, on a graphics card"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<StrokePainter>();

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (data is not null)
            throw new SettingsException("data", called => $"{called}: a renderer is asked about the engine's own strokes; leave it out");
        using var renderer = network.Variant.CreateTrained<StrokeRenderer>(network.Weights, ModelOptions.Official);
        renderer.To(network.RunsOn);
        var settings = network.Configuration?.Of<RendererSettings>() ?? new RendererSettings();
        using var player = new Player("renderer", renderer, new Adam(renderer.Parameters(), 1e-3), LearningRateSchedule.Constant(1e-3));
        var figures = new RendererProgram(player, settings, network.RunsOn).Evaluate(cancellation);
        return new EvaluationReport(Strokes, settings.Judged, figures) { Items = "strokes" };
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, needsData: false);
        if (asked.Data.Length > 0)
        {
            throw new SettingsException(
                "data", called => $"{called}: {Name} learns from strokes that the engine draws; leave {called} out");
        }

        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant)) throw new UsageException($"{variant.Name} draws no strokes, which {Name} teaches");
        var configuration = ConfiguredParts.Settle(asked, variant, this);
        configuration = configuration.With(
            configuration.Run with { Watched = WatchedFigure.Settle(configuration.Run.Watched, Ratio, [Ratio]) });
        var settings = configuration.Of<RendererSettings>();
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var renderer = owned.Own((StrokeRenderer)variant.Create(ModelOptions.Official));
        if (configuration.Run.Pretrained is { } weights) variant.Load(renderer, weights);
        ConfiguredParts.Freeze(renderer, configuration);
        var device = setup.RunsOn;
        renderer.To(device);
        var batches = new RowBatches(settings.Strokes, configuration.Run.Batch, configuration.Run.Seed);
        var schedule = Schedule(configuration, ConfiguredParts.StepsPerEpoch(configuration, batches.BatchesPerEpoch));
        var player = owned.Own(ConfiguredParts.AdamPlayer("renderer", renderer, configuration, schedule, (0.9, 0.999)));
        var program = new RendererProgram(player, settings, device);
        return new RunPlan<RowBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {settings.Strokes:N0} strokes of the {renderer.Brush.Name} an epoch on {renderer.Side} px",
            Device = device,
            Evaluate = program.Evaluate,
            View = _ => new BatchView(program.Draw(), Question: "the engine's paint above, what it covers below"),
        };
    }

    /// <summary>A stepwise fall is a tenth after each quarter of the run, as officially every 100 of 400 epochs.</summary>
    private static LearningRateSchedule Schedule(RunConfiguration configuration, int stepsPerEpoch)
    {
        if (configuration.Optimization.Schedule != ScheduleKind.Step) return ConfiguredParts.Schedule(configuration, stepsPerEpoch);
        long total = configuration.Run.Steps ?? (long)stepsPerEpoch * configuration.Run.Epochs;
        return LearningRateSchedule.Step(configuration.Optimization.LearningRate!.Value, Math.Max(1, total / 4));
    }
}
