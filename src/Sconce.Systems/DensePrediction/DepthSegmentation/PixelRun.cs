using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>What a run of classes of pixels on pictures of which some have labels is made of.</summary>
internal static class PixelRun
{
    private const int Shown = 4;

    internal static RunPlan<PixelBatch> Plan(TrainingSetup setup, PixelMethod method, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "subfolders images and labels");
        var variant = setup.Models.Get(asked.Network);
        var configuration = ConfiguredParts.Settle(asked, variant, method);
        int side = configuration.ImageSize!.Value, least = 2 * DepthSegmentationNetwork.Multiple;
        if (side % DepthSegmentationNetwork.Multiple != 0 || side < least)
        {
            throw new SettingsException(
                "size", called => $"{called} {side}: it must be a multiple of {DepthSegmentationNetwork.Multiple}, {least} at least");
        }

        var data = PixelLabelFolder.Open(configuration.Data, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        setup.Tell(data.Remarks);
        configuration = Settled(configuration, data.Classes);
        ConfiguredParts.UseThreads(configuration);
        int classes = data.Classes.Count;
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var batches = new DataLoader<float[][], PixelBatch>(
            new PixelRecipe(data.Labelled, data.Unlabelled, side, classes),
            loading with { Shuffle = true, DropLast = data.Labelled.Count > configuration.Run.Batch });
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        if (owned.Own(variant.Create(new ModelOptions(classes))) is not DepthSegmentationNetwork { TellsClasses: true } network)
            throw new UsageException($"{variant.Name} tells no classes of pixels, which the method {method.Name} trains");
        var settings = configuration.Of<PixelTrainingSettings>();
        var depth = settings.Depth is { } file ? Depth(network, file, device, owned) : null;
        ConfiguredParts.Ready(network, variant, configuration, device);
        var teacher = owned.Own(new DepthSegmentationNetwork(network.Config));
        teacher.RequireGrad(false);
        teacher.To(device);
        var schedule = ConfiguredParts.Schedule(configuration, ConfiguredParts.StepsPerEpoch(configuration, batches.BatchesPerEpoch));
        var player = owned.Own(ConfiguredParts.Learner("pixels", network, Groups(network, settings), configuration, schedule));
        var program = new PixelProgram(network, teacher, depth, player, settings, device);
        program.Begin();
        return new RunPlan<PixelBatch>(configuration, program, batches)
        {
            Summary = $"{configuration.Network}, {data.Labelled.Count:N0} labelled and {data.Unlabelled.Count:N0} other pictures to learn "
                + $"from and {data.HeldOut.Count:N0} to be asked about, {classes} classes"
                + (depth is null ? "; without a run of depth, pictures are not mixed and depth is not learned" : ""),
            Device = device,
            Evaluate = stop => PixelEvaluation.Figures(
                PixelEvaluation.Run(network, data.HeldOut, classes, side, device, null, stop)),
            Keep = folder => data.Keep(folder?.Folder, configuration.Data),
            View = batch => View(batch, data.Classes),
        };
    }

    private static RunConfiguration Settled(RunConfiguration configuration, IReadOnlyList<string> classes)
    {
        if (configuration.Classes is { } wanted && !wanted.SequenceEqual(classes))
        {
            string found = string.Join(", ", classes);
            throw new DataException(configuration.Data, $"its classes are {found}, but the run's are {string.Join(", ", wanted)}");
        }

        var given = configuration.Of<PixelTrainingSettings>();
        string watched = WatchedFigure.Settle(configuration.Run.Watched, "mIoU", PixelEvaluation.Names);
        return configuration with
        {
            Classes = classes,
            Settings = (given with { Depth = given.Depth is { } place ? Path.GetFullPath(place) : null })
                .With(configuration.Run with { Watched = watched }, configuration.Optimization),
        };
    }

    /// <summary>The network's trunk and depth as a run of depth left them, and that run's network, which learns no more.</summary>
    private static DepthSegmentationNetwork Depth(DepthSegmentationNetwork network, string file, Device device, OwnedParts owned)
    {
        network.LoadDepth(file);
        var depth = owned.Own(
            new DepthSegmentationNetwork(network.Config with { Segmentation = null, MultiTask = null, HasDepth = true }));
        depth.LoadDepth(file);
        depth.RequireGrad(false);
        depth.Eval();
        depth.To(device);
        return depth;
    }

    private static ParameterGroup[] Groups(DepthSegmentationNetwork network, PixelTrainingSettings settings)
    {
        var encoder = network.Encoder.Parameters().Where(parameter => parameter.RequiresGrad).ToHashSet();
        var rest = network.Parameters().Where(parameter => parameter.RequiresGrad && !encoder.Contains(parameter));
        return [new(rest, "decoders"), new(encoder, "encoder") { RateFactor = settings.EncoderRate }];
    }

    private static BatchView View(PixelBatch batch, IReadOnlyList<string> classes)
    {
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(Shown, batch.Count); k++)
        {
            var picture = batch.Pictures[k].ToImage();
            int[] told = [.. batch.Classes[k].Reshape([-1]).ToArray<float>().Select(value => value < classes.Count ? (int)value : -1)];
            cells.Add(picture);
            cells.Add(MaskDrawing.Over(picture, new Mask(picture.Width, picture.Height, told, classes)));
        }

        return new BatchView(ImageGrid.Create(cells, 2), "a batch and its classes", "look whether each tint fits what is shown");
    }
}
