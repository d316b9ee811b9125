using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Training.Frost;

/// <summary>A run of FROST on a person's pictures; 2011.09471, MLDL/FROST@a397f08 PT-FROST/frost.py <c>main</c>.</summary>
internal sealed class FrostRun : TrainingRun
{
    private readonly LabelledImages data;
    private readonly ModelVariant variant;
    private readonly ImagePreprocessing preprocessing;
    private readonly FrostState state;
    private readonly FrostObjective objective;
    private readonly FrostSource batches;
    private readonly DataLoader<ImageExample, ImageBatch> all, test;
    private readonly Optimizer optimizer;
    private readonly Device device;
    private readonly long[] given;

    internal FrostRun(TrainingSetup setup, FrostMethod method)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration);
        ClassifierSettings.RefuseAugmentation(configuration, method.Name);
        ClassifierSettings.RefuseSmoothing(configuration, method.Name);
        variant = CatalogueClassifier.Find(setup.Models, configuration.Network);
        configuration = ConfiguredParts.Settle(configuration, variant, method);
        data = LabelledImages.Open(configuration.Data, configuration.Classes, configuration.Validation, configuration.Seed);
        Configuration = configuration with { Classes = data.Classes };
        var options = Configuration.MethodOptions;
        given = options.Text("labelled") is { } list
            ? LabelledChoice.ByList(list, Configuration.Data, data.Train, data.TrainLabels, data.Classes)
            : LabelledChoice.BySeed(data.TrainLabels, data.Classes, options.Count("labelsPerClass"), Configuration.Seed);
        ConfiguredParts.UseThreads(Configuration);
        preprocessing = CatalogueClassifier.Preprocessing(variant, Configuration.ImageSize);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        all = ImageLoader.Create(data.Train, [new Preprocess(preprocessing)], loading, preprocessing.Mean, preprocessing.Std);
        test = ImageLoader.Create(data.Test, [new Preprocess(preprocessing)], loading, preprocessing.Mean, preprocessing.Std, data.Classes.Count);
        device = TorchRuntime.BestDevice;
        TorchRuntime.ManualSeed(Configuration.Seed);
        var network = FrostMethod.Create(variant, data.Classes.Count, Configuration.ImageSize, options.Count("projection"));
        state = new FrostState(network, given);
        try
        {
            if (Configuration.Pretrained is { } weights) CatalogueClassifier.LoadPretrained(FrostMethod.Product(network), variant, weights);
            ConfiguredParts.Freeze(FrostMethod.Product(network), Configuration);
            if (device.Type != DeviceType.Cpu) state.To(device);
            optimizer = ConfiguredParts.Optimizer(state, "", Configuration);
            objective = new FrostObjective(state, Step(options), device);
            batches = new FrostSource(data.Train, () => state.Labels, FrostViews.Of(Configuration.ImageSize!.Value, preprocessing.Mean), options.Count("unlabelledRatio"), loading, preprocessing.Mean, preprocessing.Std, data.Classes.Count);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override TrainingConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{variant.Name} by frost, {data.Train.Count:N0} pictures to learn from, {given.Count(label => label >= 0):N0} of them with labels, and {data.Test.Count:N0} to be asked about, {data.Classes.Count} classes";

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        int stepsPerEpoch = ConfiguredParts.StepsPerEpoch(Configuration, batches.BatchesPerEpoch);
        var options = Configuration.MethodOptions;
        int perClass = given.Where(label => label >= 0).GroupBy(label => label).Max(group => group.Count());
        var moments = options.Count("bootstrap") > 1 && Configuration.Epochs >= 3
            ? Bootstrap.Schedule(Configuration.Epochs, perClass, options.Count("bootstrap")).ToDictionary(moment => moment.Epoch, moment => moment.PerClass)
            : [];
        var schedule = Configuration.Schedule == ScheduleKind.Cosine && Configuration.WarmUpEpochs == 0
            ? FrostTraining.Schedule(Configuration.LearningRate!.Value, (long)stepsPerEpoch * Configuration.Epochs)
            : ConfiguredParts.Schedule(Configuration, stepsPerEpoch);
        var trainer = new Trainer<FrostPictures>(objective, optimizer, schedule, batches, ConfiguredParts.Trainer(Configuration, device))
        {
            Folder = folder,
            Evaluate = cancelled => ClassifierEvaluation.Run(state.Trained, test, data.Classes.Count, device, cancellation: cancelled).Figures(),
            EpochEnded = (done, averaged) =>
            {
                if (moments.TryGetValue(done, out int count)) Extend(count, averaged, cancellation);
            },
        };
        return trainer.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var group = batches.FirstBatches(1, cancellation);
        var batch = group.Batches[0];
        SanityCheck.Picture(batch.Labelled, data.Classes, preprocessing.Mean, preprocessing.Std).Save(picture);
        string views = Path.ChangeExtension(picture, ".views.png");
        SanityCheck.Picture(batch.Unlabelled.Views, preprocessing.Mean, preprocessing.Std).Save(views);
        return
        [
            new SanityFinding("labelled pictures", true, $"{picture}: look whether each label fits its picture"),
            new SanityFinding("views of others", true, $"{views}: weak and strong; would you know what the strong ones show?"),
            SanityCheck.InitialLoss(SanityCheck.Loss(state.Trained, [batch.Labelled], data.Classes.Count, device), data.Classes.Count),
            SanityCheck.Falls(objective, batch, "the loss of frost", cancellation: cancellation),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        optimizer.Dispose();
        state.Dispose();
    }

    private static FrostStep Step(MethodOptions options) => new(new LabelGuesser(options.Real("threshold"), (ClassBalance)options.Count("balance"), options.Real("relief")))
    {
        SupervisedWeight = options.Real("labelledWeight"),
        UnlabelledWeight = options.Real("unlabelledWeight"),
        ContrastiveWeight = options.Real("contrastiveWeight"),
        Temperature = options.Real("temperature"),
    };

    /// <summary>The averaged network's surest guesses become labels, beside those that were given.</summary>
    private void Extend(int perClass, Func<IDisposable?> averaged, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var logits = Tensor.Zeros([data.Train.Count, data.Classes.Count]);
        using (averaged())
        {
            ClassifierEvaluation.Each(state.Trained, all, device, (batch, answer) => logits.IndexCopyInPlace(0, Tensor.From(batch.Indices.Select(index => (long)index).ToArray()), answer.Float().Cpu()), null, cancellation);
        }

        var chosen = Bootstrap.Select(logits, perClass);
        long[] labels = [.. given];
        for (int label = 0; label < chosen.Places.Count; label++)
        {
            foreach (long place in chosen.Places[label])
            {
                if (given[place] < 0) labels[place] = label;
            }
        }

        state.Assign(labels);
    }
}

/// <summary>FROST's step as the trainer takes it.</summary>
internal sealed class FrostObjective(FrostState state, FrostStep step, Device device) : Objective<FrostPictures>
{
    /// <inheritdoc/>
    public override Module Network => state;

    /// <inheritdoc/>
    public override Module Product => FrostMethod.Product(state.Trained);

    /// <inheritdoc/>
    public override Tensor Loss(FrostPictures batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(step.Compute(state.Trained, new FrostBatch(
            batch.Labelled.Images.To(device), batch.Labelled.Labels!.To(device),
            batch.Unlabelled.Views[0].To(device), batch.Unlabelled.Views[1].To(device),
            batch.Contrast.Views[0].To(device), batch.Contrast.Views[1].To(device))).Total);
    }

    /// <inheritdoc/>
    public override int Count(FrostPictures batch) => batch.Labelled.Count + batch.Unlabelled.Count + batch.Contrast.Count;

    /// <inheritdoc/>
    public override string Describe(FrostPictures batch) => ClassifierObjective.First([.. batch.Labelled.Names, .. batch.Unlabelled.Names]);

    /// <inheritdoc/>
    public override string? Fault(FrostPictures batch) =>
        ClassifierObjective.NotFinite(batch.Labelled.Images) is { } first ? $"the picture {batch.Labelled.Names[first]} holds NaN or infinity" : ViewFaults.Of(batch.Unlabelled) ?? ViewFaults.Of(batch.Contrast);
}
