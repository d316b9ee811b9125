using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Detection.Detr;

/// <summary>A run of DETR on a person's pictures.</summary>
internal sealed class DetrRun : DetectionRun
{
    private readonly Module<PaddedImages, DetrOutput> network;
    private readonly bool masks;

    public DetrRun(TrainingSetup setup, DetrMethod method)
        : base(setup, Plan(setup, method))
    {
        masks = DetrVariants.GivesMasks(Variant);
        network = Created<Module<PaddedImages, DetrOutput>>("DETR");
        Program = Built(() =>
        {
            if (Settings.Trunk is { } trunk) DetrTraining.LoadTrunk(network, trunk);
            ConfiguredParts.Ready(network, Variant, Configuration, Device);
            if (Settings.Detector is { } detector) LoadDetector(detector);
            var criterion = new SetCriterion(Classes, new HungarianMatcher()) { NoObjectWeight = Settings.NoObject };
            var player = Learner("detector", network, DetrTraining.Groups(network, Settings.TrunkRate), Schedule());
            return new DetrProgram(network, player, Classes, criterion, Device);
        });
    }

    /// <inheritdoc/>
    protected override TrainingProgram<DetectionBatch> Program { get; }

    /// <inheritdoc/>
    protected override string Kind => Data.Train.Things is not null ? ", cut into segments" : masks ? ", with masks" : "";

    /// <inheritdoc/>
    protected override string Advice => Configuration.Run.Pretrained is null && Settings.Trunk is null && Settings.Detector is null
        ? "; the trunk is untrained and its norms are constants, so it will learn little: begin with a trunk or pretrained weights"
        : "";

    private DetrSettings Settings => Configuration.Of<DetrSettings>();

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation)
    {
        int side = Configuration.ImageSize!.Value;
        return DetrEvaluation.Run(
            network, Data.Test, shortSide: side, longSide: DetrMethod.LongSide(side), cancellation: cancellation).Figures();
    }

    private static DetectionPlan Plan(TrainingSetup setup, DetrMethod method)
    {
        bool masks = DetrVariants.GivesMasks(setup.Models.Get(setup.Configuration.Network));
        int side = setup.Configuration.ImageSize ?? DetrMethod.OfficialSide;
        return new DetectionPlan(method, side, DetrTrainingAugmentation.ForSide(side))
        {
            Masks = masks,
            Figures = data => DetrEvaluation.Names(masks, data.Things is not null),
            Settle = (configuration, data) => (Settle(configuration, data), data.Things is not null ? "PQ" : masks ? "mask AP" : "AP"),
        };
    }

    /// <summary>What is known only with the data: which classes are things.</summary>
    private static RunConfiguration Settle(RunConfiguration configuration, DetectionDataset data)
    {
        bool isStepwise = configuration.Optimization.Schedule == ScheduleKind.Step;
        var given = configuration.Of<DetrSettings>();
        if (given.DropAfter is not null && !isStepwise)
        {
            throw new SettingsException("dropAfter", called => $"{called} goes with the schedule step");
        }

        return configuration with
        {
            Settings = given with
            {
                DropAfter = isStepwise ? given.DropAfter ?? Math.Max(1, configuration.Run.Epochs * 2 / 3) : null,
                Things = data.Things is { } known
                    ? [.. known.Index().Where(pair => pair.Item).Select(pair => pair.Index)]
                    : given.Things,
            },
        };
    }

    private LearningRateSchedule Schedule()
    {
        int steps = StepsPerEpoch;
        if (Configuration.Optimization.Schedule != ScheduleKind.Step) return ConfiguredParts.Schedule(Configuration, steps);
        double rate = Configuration.Optimization.LearningRate!.Value;
        long rising = (long)Math.Round(Configuration.Optimization.WarmUpEpochs!.Value * steps);
        var schedule = LearningRateSchedule.MultiStep(rate, [Math.Max(1, ((long)steps * Settings.DropAfter!.Value) - rising)]);
        return rising > 0 ? schedule.WithWarmUp(rising, rate / (rising + 1)) : schedule;
    }

    /// <summary>A detector of boxes into the panoptic network; it learns no more. main.py <c>--frozen_weights</c>.</summary>
    private void LoadDetector(string file)
    {
        if (network is not DetrSegmentation whole)
        {
            throw new SettingsException("detector", called => $"{called}: {Variant.Name} gives no masks; a panoptic network does");
        }

        ModelWeights.Load(whole.Detr, file);
        whole.Detr.RequireGrad(false);
    }
}
