using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Detection.Detr;

/// <summary>A run of DETR on a person's pictures.</summary>
internal sealed class DetrRun : TrainingRun
{
    private const int ShownPictures = 4;
    private readonly ModelVariant variant;
    private readonly DetectionFolder data;
    private readonly Module<PaddedImages, DetrOutput> network;
    private readonly DataLoader<ImageExample, DetectionBatch> batches;
    private readonly DetrObjective objective;
    private readonly Optimizer optimizer;
    private readonly Device device;
    private readonly bool masks;

    public DetrRun(TrainingSetup setup, DetrMethod method)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration);
        ClassifierSettings.Refuse(configuration, "DETR's pictures are flipped, resized and cropped with their boxes");
        variant = setup.Models.Get(configuration.Network).Variant;
        masks = DetrVariants.GivesMasks(variant);
        configuration = ConfiguredParts.Settle(configuration with { ImageSize = configuration.ImageSize ?? method.Start.ImageSize }, variant, method);
        data = DetectionFolder.Open(configuration.Data, masks, configuration.Validation, configuration.Seed);
        Configuration = Settle(configuration);
        ConfiguredParts.UseThreads(Configuration);
        int classes = data.Train.Classes.Count;
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault) with { Shuffle = true, DropLast = data.Train.Count > Configuration.Batch };
        batches = DetrTraining.Loader(data.Train, classes, loading, DetrTrainingAugmentation.ForSide(Configuration.ImageSize!.Value), masks);
        device = TorchRuntime.BestDevice;
        TorchRuntime.ManualSeed(Configuration.Seed);
        network = variant.Create(new ModelOptions(Classes: classes)) as Module<PaddedImages, DetrOutput> ?? throw new UsageException($"{variant.Name} is no DETR: the method {method.Name} trains {string.Join(", ", DetrVariants.All.Select(known => known.Name))}");
        try
        {
            if (Configuration.MethodOptions.Text(DetrMethod.Trunk) is { } trunk) DetrTraining.LoadTrunk(network, trunk);
            if (Configuration.Pretrained is { } weights) CatalogueClassifier.LoadPretrained(network, variant, weights);
            if (Configuration.MethodOptions.Text(DetrMethod.Detector) is { } detector) LoadDetector(detector);
            ConfiguredParts.Freeze(network, Configuration);
            if (device.Type != DeviceType.Cpu) network.To(device);
            var criterion = new SetCriterion(classes, new HungarianMatcher()) { NoObjectWeight = Configuration.MethodOptions.Real(DetrMethod.NoObject) };
            objective = new DetrObjective(network, classes, criterion, device);
            var groups = DetrTraining.Groups(network, Configuration.MethodOptions.Real(DetrMethod.TrunkRate)).Where(group => group.Parameters.Count > 0).ToList();
            if (groups.Count == 0) throw new UsageException("--freeze leaves nothing to train");
            optimizer = ConfiguredParts.Optimizer(groups, Configuration);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override TrainingConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary
    {
        get
        {
            string repaired = data.Train.RepairedBoxes > 0 ? $"; {data.Train.RepairedBoxes} boxes that left their pictures or had no area were cut or dropped" : "";
            string with = data.Train.Things is not null ? ", cut into segments" : masks ? ", with masks" : "";
            bool untrained = Configuration.Pretrained is null && Configuration.MethodOptions.Text(DetrMethod.Trunk) is null && Configuration.MethodOptions.Text(DetrMethod.Detector) is null;
            string trunk = untrained ? "; the trunk is untrained and its norms are constants, so it will learn little: begin with --trunk or --pretrained" : "";
            return $"{variant.Name}, {data.Train.Count:N0} pictures to learn from and {data.Test.Count:N0} to be asked about{with}, {data.Train.Classes.Count} classes{repaired}{trunk}";
        }
    }

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        int steps = ConfiguredParts.StepsPerEpoch(Configuration, batches.BatchesPerEpoch), side = Configuration.ImageSize!.Value;
        return new Trainer<DetectionBatch>(objective, optimizer, Schedule(steps), batches, ConfiguredParts.Trainer(Configuration, device))
        {
            Folder = folder,
            Evaluate = stop => DetrEvaluation.Run(network, data.Test, shortSide: side, longSide: DetrMethod.LongSide(side), cancellation: stop).Figures(),
        }.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var group = batches.FirstBatches(1, cancellation);
        var batch = group.Batches[0];
        Draw(batch).Save(picture);
        return
        [
            new SanityFinding("a batch and its objects", true, $"{picture}: look whether each box fits its object ({batch.Targets.Sum(target => target.Count)} in {batch.Count} pictures)"),
            SanityCheck.Falls(objective, batch, "the loss of detr", cancellation: cancellation),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        optimizer.Dispose();
        network.Dispose();
    }

    /// <summary>What is known only with the data: the classes, which of them are things, and the figure to watch.</summary>
    private TrainingConfiguration Settle(TrainingConfiguration configuration)
    {
        if (configuration.Classes is { } asked && !asked.SequenceEqual(data.Train.Classes)) throw new DataException(configuration.Data, $"its classes are {string.Join(", ", data.Train.Classes)}, but the run's are {string.Join(", ", asked)}");
        var options = configuration.MethodOptions;
        string? things = data.Train.Things is not { } known ? options.Text(DetrMethod.Things)
            : known.Contains(true) ? string.Join(',', known.Select((thing, label) => (thing, label)).Where(pair => pair.thing).Select(pair => pair.label)) : DetrMethod.NoThings;
        string best = data.Train.Things is not null ? "PQ" : masks ? "mask AP" : "AP";
        if (options.Has(DetrMethod.DropAfter) && configuration.Schedule != ScheduleKind.Step) throw new UsageException("--drop-after goes with --schedule step");
        int dropAfter = options.Has(DetrMethod.DropAfter) ? options.Count(DetrMethod.DropAfter) : Math.Max(1, configuration.Epochs * 2 / 3);
        return configuration with
        {
            Classes = data.Train.Classes,
            // The default is a classifier's.
            Watched = configuration.Watched == new TrainingConfiguration().Watched ? best : configuration.Watched,
            MethodOptions = options.With([new(DetrMethod.DropAfter, configuration.Schedule == ScheduleKind.Step ? dropAfter.ToString(System.Globalization.CultureInfo.InvariantCulture) : null), new(DetrMethod.Things, things)]),
        };
    }

    private LearningRateSchedule Schedule(int steps)
    {
        if (Configuration.Schedule != ScheduleKind.Step) return ConfiguredParts.Schedule(Configuration, steps);
        double rate = Configuration.LearningRate!.Value;
        long rising = (long)Math.Round(Configuration.WarmUpEpochs!.Value * steps);
        int after = Configuration.MethodOptions.Count(DetrMethod.DropAfter);
        var schedule = LearningRateSchedule.MultiStep(rate, [Math.Max(1, ((long)steps * after) - rising)]);
        return rising > 0 ? schedule.WithWarmUp(rising, rate / (rising + 1)) : schedule;
    }

    /// <summary>A detector of boxes into the panoptic network; it learns no more. main.py <c>--frozen_weights</c>.</summary>
    private void LoadDetector(string file)
    {
        if (network is not DetrSegmentation whole) throw new UsageException($"--detector: {variant.Name} gives no masks; a panoptic network does");
        ModelWeights.Load(whole.Detr, file);
        whole.Detr.RequireGrad(false);
    }

    private Image Draw(DetectionBatch batch)
    {
        using var scope = new TensorScope();
        var offsets = Tensor.From([.. ImagePreprocessing.ImageNetMean], [3, 1, 1]);
        var scales = Tensor.From([.. ImagePreprocessing.ImageNetStd], [3, 1, 1]);
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(batch.Count, ShownPictures); k++)
        {
            var inside = batch.Mask[k].LogicalNot();
            int height = (int)inside[.., 0].Sum().Item<long>(), width = (int)inside[0].Sum().Item<long>();
            var picture = ((batch.Images[k, .., ..height, ..width] * scales) + offsets).ToImage();
            float[] corners = (Boxes.ToCorners(batch.Targets[k].Boxes) * Tensor.From([(float)width, height, width, height])).ToArray<float>();
            long[] labels = batch.Targets[k].Labels.ToArray<long>();
            DetectedBox[] boxes = [.. labels.Select((label, b) => new DetectedBox(corners[4 * b], corners[(4 * b) + 1], corners[(4 * b) + 2], corners[(4 * b) + 3], (int)label, 1))];
            cells.Add(DetrDrawing.Boxes(picture, boxes, data.Train.Classes));
        }

        return ImageGrid.Create(cells, 2);
    }
}
