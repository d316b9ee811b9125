using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Detection.Detr;

/// <summary>What a run of DETR on a person's pictures is made of.</summary>
internal static class DetrRun
{
    internal static RunPlan<DetectionBatch> Plan(TrainingSetup setup, DetrMethod method, OwnedParts owned)
    {
        bool masks = setup.Models.Get(setup.Configuration.Network).Get<DetrDetector>().GivesMasks;
        int side = setup.Configuration.ImageSize ?? DetrMethod.OfficialSide;
        var run = new DetectionRun(setup, new DetectionPlan(method, side, DetrTrainingAugmentation.ForSide(side))
        {
            Masks = masks,
            Figures = data => DetrEvaluation.Names(masks, data.Things is not null),
            Settle = (configuration, data) => (Settle(configuration, data), data.Things is not null ? "PQ" : masks ? "mask AP" : "AP"),
        });
        var network = run.Created<Module<PaddedImages, DetrOutput>>("DETR", owned);
        var settings = run.Configuration.Of<DetrSettings>();
        if (settings.Trunk is { } trunk) DetrTraining.LoadTrunk(network, trunk);
        ConfiguredParts.Ready(network, run.Variant, run.Configuration, run.Device);
        if (settings.Detector is { } detector) LoadDetector(network, run.Variant, detector);
        var criterion = new SetCriterion(run.Classes, new HungarianMatcher()) { NoObjectWeight = settings.NoObject };
        var player = owned.Own(ConfiguredParts.Learner(
            "detector", network, DetrTraining.Groups(network, settings.TrunkRate), run.Configuration, Schedule(run, settings)));
        bool isRandom = run.Configuration.Run.Pretrained is null && settings.Trunk is null && settings.Detector is null;
        var plan = run.Plan(
            new DetrProgram(network, player, run.Classes, criterion, run.Device),
            run.Data.Train.Things is not null ? ", cut into segments" : masks ? ", with masks" : "",
            isRandom
                ? "; the trunk is untrained and its norms are constants, so it will learn little: begin with a trunk or pretrained weights"
                : "");
        return plan with
        {
            Evaluate = stop => DetrEvaluation.Run(
                network, run.Data.Test, shortSide: side, longSide: DetrMethod.LongSide(side), cancellation: stop).Figures(),
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

    private static LearningRateSchedule Schedule(DetectionRun run, DetrSettings settings)
    {
        int steps = run.StepsPerEpoch;
        var optimization = run.Configuration.Optimization;
        if (optimization.Schedule != ScheduleKind.Step) return ConfiguredParts.Schedule(run.Configuration, steps);
        double rate = optimization.LearningRate!.Value;
        long rising = (long)Math.Round(optimization.WarmUpEpochs!.Value * steps);
        var schedule = LearningRateSchedule.MultiStep(rate, [Math.Max(1, ((long)steps * settings.DropAfter!.Value) - rising)]);
        return rising > 0 ? schedule.WithWarmUp(rising, rate / (rising + 1)) : schedule;
    }

    /// <summary>A detector of boxes into the panoptic network; it learns no more. main.py <c>--frozen_weights</c>.</summary>
    private static void LoadDetector(Module network, ModelVariant variant, string file)
    {
        if (network is not DetrSegmentation whole)
        {
            throw new SettingsException("detector", called => $"{called}: {variant.Name} gives no masks; a panoptic network does");
        }

        ModelWeights.Load(whole.Detr, file);
        whole.Detr.RequireGrad(false);
    }
}
