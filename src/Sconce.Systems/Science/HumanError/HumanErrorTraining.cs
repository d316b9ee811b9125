using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.HumanError;

/// <summary>What a run on a person's pictures and their annotators is made of.</summary>
internal static class HumanErrorTraining
{
    internal static RunPlan<AnnotatedBatch> Plan(TrainingSetup setup, HumanErrorMethod method, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method);
        var variant = setup.Models.Get(asked.Network);
        if (variant.Name != HumanErrorVariants.Own)
            throw new UsageException(
                $"the method {method.Name} trains {HumanErrorVariants.Own}, whose annotators and classes are those of the data");
        asked = ConfiguredParts.Settle(asked, variant, method);
        var folder = AnnotatedFolder.Open(asked.Data, asked.Of<HumanErrorSettings>().Annotators);
        var parts = Parts(folder, asked, setup.Kept);
        var settings = asked.Of<HumanErrorSettings>() with { Annotators = folder.Annotators };
        string watched = WatchedFigure.Settle(asked.Run.Watched, "loss", AnnotatorEvaluation.Names);
        var configuration = (asked with { Classes = folder.Classes, Settings = settings }).With(asked.Run with { Watched = watched });
        ConfiguredParts.UseThreads(configuration);
        int side = configuration.ImageSize!.Value, batch = configuration.Run.Batch;
        var loading = ConfiguredParts.Loading(configuration, setup.Fault) with { Shuffle = true };
        var batches = new DataLoader<AnnotatedPicture, AnnotatedBatch>(new AnnotatedRecipe(folder, parts.Learned, side, settings.Flip),
            loading);
        var held = new AnnotatedRecipe(folder, parts.HeldOut, side, flips: false);
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var network = owned.Own(HumanErrorVariants.Annotated(settings, folder.Annotators.Count, folder.Classes.Count));
        if (configuration.Run.Pretrained is { } weights) Weights.ModelWeights.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        if (device.Type != DeviceType.Cpu) network.To(device);
        var optimizer = ConfiguredParts.Optimizer(network, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("segmentation", network, optimizer, configuration, batches.BatchesPerEpoch));
        return new RunPlan<AnnotatedBatch>(configuration, new ScanProgram(network, player, settings, folder, held, device), batches)
        {
            Summary = $"{variant.Name}, {parts.Learned.Count:N0} pictures to learn from and {parts.HeldOut.Count:N0} to be asked about, "
                + $"{folder.Annotators.Count} annotators, {folder.Classes.Count} classes",
            Device = device,
            Evaluate = stop => AnnotatorEvaluation.Run(network, held, batch, folder, device, null, stop).Figures(),
            Keep = kept => Keep(kept, configuration, folder, parts),
            View = pictures => new BatchView(
                ScanDrawing.Draw(pictures, null, folder.Classes), Question: "does each annotator's mask fit its picture?"),
        };
    }

    /// <summary>What is learned from and what is held out.</summary>
    internal static (IReadOnlyList<int> Learned, IReadOnlyList<int> HeldOut) Parts(AnnotatedFolder folder, RunConfiguration configuration,
        KeptParts? kept)
    {
        if (kept?.Find(configuration.Data, folder.Pictures) is { } found) return ([.. found.Learned], [.. found.HeldOut]);
        return Datasets.SplitByLabel([.. folder.Pictures.Select(_ => 0)], 1 - configuration.Run.Validation, configuration.Run.Seed);
    }

    private static void Keep(
        RunFolder? kept, RunConfiguration configuration, AnnotatedFolder folder,
            (IReadOnlyList<int> Learned, IReadOnlyList<int> HeldOut) parts)
    {
        if (kept is null || File.Exists(Path.Combine(kept.Folder, KeptParts.FileName))) return;
        KeptParts.Keep(kept.Folder, configuration.Data,
        [
            .. parts.Learned.Select(k => new RunItem(RunPart.Learned, folder.Pictures[k])),
            .. parts.HeldOut.Select(k => new RunItem(RunPart.HeldOut, folder.Pictures[k])),
        ]);
    }
}

/// <summary>
/// The annotators' loss, with the trace from some epoch on, and samples: pictures, the estimated truth, and each annotator's mask.
/// </summary>
internal sealed class ScanProgram(Module<Tensor, Tensor> network, Player player, HumanErrorSettings settings, AnnotatedFolder folder,
    AnnotatedRecipe asked, Device device)
    : LossProgram<AnnotatedBatch>(player)
{
    private readonly AnnotatorProgram before = new(network, player, 0, device), after = new(network, player, settings.Trace, device);
    private int epoch;

    /// <inheritdoc/>
    public override Module Product => network;

    /// <inheritdoc/>
    public override int Count(AnnotatedBatch batch) => before.Count(batch);

    /// <inheritdoc/>
    public override Tensor Loss(AnnotatedBatch batch) => (epoch < settings.TraceFrom ? before : after).Loss(batch);

    /// <inheritdoc/>
    protected override void Step(AnnotatedBatch batch, TrainingStep step)
    {
        epoch = step.Epoch;
        base.Step(batch, step);
    }

    /// <inheritdoc/>
    protected override void WriteSamples(SampleFolder samples)
    {
        var loader = new DataLoader<AnnotatedPicture, AnnotatedBatch>(asked, new DataLoaderOptions { BatchSize = ScanDrawing.Most });
        using var group = loader.FirstBatches(1, CancellationToken.None);
        var truth = network.Call(group.Batches[0].Pictures.To(device)).Argmax(1);
        ScanDrawing.Draw(group.Batches[0], truth, folder.Classes).Save(samples.File("masks.png"));
    }
}

/// <summary>Pictures beside their masks: a row a picture, the estimated truth first where it is known, then each annotator's.</summary>
internal static class ScanDrawing
{
    /// <summary>Pictures at most.</summary>
    internal const int Most = 6;

    internal static Image Draw(AnnotatedBatch batch, Tensor? truth, IReadOnlyList<string> classes)
    {
        using var scope = new TensorScope();
        List<Image> cells = [];
        Tensor?[] masks = [.. truth is null ? (Tensor?[])[] : [truth], .. batch.Labels];
        for (int k = 0; k < Math.Min(Most, (int)batch.Pictures.Size(0)); k++)
        {
            var picture = ((batch.Pictures[k] + 1) / 2).ToImage();
            cells.Add(picture);
            foreach (var mask in masks)
            {
                int[] told = mask is null ? [] : [.. mask[k].Reshape([-1]).ToArray<long>().Select(value => (int)Math.Max(value, -1))];
                cells.Add(told.Length == 0 ? picture : MaskDrawing.Over(picture, new Mask(picture.Width, picture.Height, told, classes)));
            }
        }

        return ImageGrid.Create(cells, 1 + masks.Length);
    }
}
