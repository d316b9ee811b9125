using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>What a run of depth on clips and folders of frames is made of.</summary>
internal static class DepthRun
{
    private const int Shown = 4;
    private static readonly string[] Figures = ["photometric", "moving"];

    internal static RunPlan<DepthBatch> Plan(TrainingSetup setup, DepthMethod method, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "clips, or folders of frames");
        var variant = setup.Models.Get(asked.Network);
        var configuration = ConfiguredParts.Settle(asked, variant, method);
        var settings = configuration.Of<DepthTrainingSettings>();
        int side = configuration.ImageSize!.Value;
        var cache = owned.Own(new KeptFolder(setup.Folder, FrameSequences.Folder));
        var clips = DepthClips.Of(
            FrameSequences.Open(configuration.Data, cache.Path, side, settings.Rate, setup.Progress, setup.Cancellation),
            configuration.Data,
            settings,
            side,
            configuration.Run.Validation);
        setup.Tell(clips.Remarks);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, Figures[0], Figures);
        configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(configuration);
        var size = (clips.Width, clips.Height);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var batches = new DataLoader<float[][], DepthBatch>(
            new DepthRecipe(clips.Learned, size, mirrors: true),
            loading with { Shuffle = true, DropLast = clips.Learned.Count > configuration.Run.Batch });
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        if (owned.Own(variant.Create(new ModelOptions())) is not DepthSegmentationNetwork { HasMotion: true } network)
        {
            throw new UsageException($"{variant.Name} sees no camera motion, which the method {method.Name} learns with depth");
        }

        if (settings.Trunk is { } trunk) network.Encoder.LoadTrunk(trunk);
        ConfiguredParts.Ready(network, variant, configuration, device);
        var schedule = ConfiguredParts.Schedule(configuration, ConfiguredParts.StepsPerEpoch(configuration, batches.BatchesPerEpoch));
        var player = owned.Own(ConfiguredParts.Learner("depth", network, configuration, schedule));
        int[] shown = [.. Enumerable.Range(0, Math.Min(Shown, clips.HeldOut.Count))];
        var program = new DepthProgram(
            network, player, settings.Smoothness, () => DepthEvaluation.Batch(clips.HeldOut, shown, size), device);
        return new RunPlan<DepthBatch>(configuration, program, batches)
        {
            Summary = $"{configuration.Network}, {clips.Learned.Count:N0} frames to learn from and {clips.HeldOut.Count:N0} to be asked "
                + $"about, seen at {clips.Width} x {clips.Height}",
            Device = device,
            Evaluate = stop => DepthEvaluation.Run(program, clips.HeldOut, size, null, stop),
            HeldOut = clips.HeldOut.Count,
            Items = "frames",
            View = View,
        };
    }

    private static BatchView View(DepthBatch batch)
    {
        var cells = Enumerable.Range(0, Math.Min(Shown, batch.Count))
            .SelectMany(k => new[] { batch.Before[k], batch.Frames[k], batch.After[k] }).Select(frame => frame.ToImage());
        return new BatchView(
            ImageGrid.Create([.. cells], 3), "frames with those before and after",
                "look whether each row shows one place, and the camera moves from left to right");
    }
}
