using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>A run of FROST on a person's pictures; 2011.09471, MLDL/FROST@a397f08 PT-FROST/frost.py <c>main</c>.</summary>
internal sealed class FrostRun : TrainingRun
{
    private readonly LabelledImages data;
    private readonly ModelVariant variant;
    private readonly ImagePreprocessing preprocessing;
    private readonly FrostState state;
    private readonly Player player;
    private readonly FrostProgram program;
    private readonly FrostSource batches;
    private readonly DataLoader<ImageExample, ImageBatch> all, test;
    private readonly Device device;
    private readonly long[] given;

    internal FrostRun(TrainingSetup setup, FrostMethod method)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration, method);
        variant = ClassifierNetwork.Find(setup.Models, configuration.Network);
        configuration = ConfiguredParts.Settle(configuration, variant, method);
        var decisions = Decisions.Of(setup);
        data = LabelledImages.Open(configuration.Data, configuration.Classes, configuration.Run.Validation,
            configuration.Run.Seed, setup.Kept, decisions);
        if (setup.Kept is not null && !data.IsKept)
        {
            // What each picture was taken for is a part of its checkpoint.
            throw new SettingsException("decisions", called => $"{called}: a run of frost goes on with the pictures that it had. Begin a "
                + $"new one from it (--pretrained {setup.Folder} --out …)");
        }

        setup.Tell(data.Remarks);
        Configuration = (configuration with { Classes = data.Classes }).With(
            configuration.Run with { Watched = data.Watch(configuration.Run.Watched) });
        var settings = Configuration.Of<FrostSettings>();
        var decided = LabelledChoice.Decided(decisions?.Pictures.Files ?? [], data.Train);
        given = data.Labelled is { } known ? LabelledChoice.Kept(data.TrainLabels, known)
            : settings.Labelled is { } list
            ? LabelledChoice.ByList(list, Configuration.Data, data.Train, data.TrainLabels, data.Classes, decided)
            : LabelledChoice.BySeed(data.TrainLabels, data.Classes, settings.LabelsPerClass, Configuration.Run.Seed, decided);
        foreach (int k in decided) given[k] = data.TrainLabels[k];
        ConfiguredParts.UseThreads(Configuration);
        preprocessing = ClassifierNetwork.Preprocessing(variant, Configuration.ImageSize);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        all = ImageLoader.Create(data.Train, [new Preprocess(preprocessing)], loading, preprocessing.Mean, preprocessing.Std);
        test = ImageLoader.Create(data.Test, [new Preprocess(preprocessing)], loading, preprocessing.Mean, preprocessing.Std,
            data.Classes.Count);
        device = setup.RunsOn;
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        var network = FrostMethod.Create(variant, data.Classes.Count, Configuration.ImageSize, settings.Projection);
        state = new FrostState(network, given);
        try
        {
            if (Configuration.Run.Pretrained is { } weights)
                ClassifierNetwork.LoadPretrained(FrostMethod.Product(network), variant, weights);
            ConfiguredParts.Freeze(FrostMethod.Product(network), Configuration);
            if (device.Type != DeviceType.Cpu) state.To(device);
            batches = new FrostSource(data.Train, () => state.Labels, FrostViews.Of(Configuration.ImageSize!.Value, preprocessing.Mean),
                settings.UnlabelledRatio, loading, preprocessing.Mean, preprocessing.Std, data.Classes.Count);
            int stepsPerEpoch = ConfiguredParts.StepsPerEpoch(Configuration, batches.BatchesPerEpoch);
            player = ConfiguredParts.Player("classifier", state, ConfiguredParts.Optimizer(state, "", Configuration), Configuration,
                Schedule(stepsPerEpoch));
            program = new FrostProgram(state, player, Step(settings), device) { EndOfEpoch = Extend };
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{variant.Name} by frost, {data.Train.Count:N0} pictures to learn from, {given.Count(label => label >= 0):N0} of them with "
        + $"labels, and {data.Test.Count:N0} to be asked about, {data.Classes.Count} classes";

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        data.Keep(folder, Configuration.Data, k => given[k] >= 0);
        var trainer = new Trainer<FrostPictures>(program, batches, ConfiguredParts.Trainer(Configuration, device))
        {
            Folder = folder,
            Evaluate = cancelled => ClassifierEvaluation.Run(state.Trained, test, data.Classes.Count, device,
                cancellation: cancelled).Figures(),
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
            SanityCheck.Falls(program, batch, "the loss of frost", cancellation: cancellation),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        player.Dispose();
        state.Dispose();
    }

    private static FrostStep Step(FrostSettings settings) =>
        new(new LabelGuesser(settings.Threshold, (ClassBalance)settings.Balance, settings.Relief))
        {
            SupervisedWeight = settings.LabelledWeight,
            UnlabelledWeight = settings.UnlabelledWeight,
            ContrastiveWeight = settings.ContrastiveWeight,
            Temperature = settings.Temperature,
        };

    private LearningRateSchedule Schedule(int stepsPerEpoch) =>
        Configuration.Optimization is { Schedule: ScheduleKind.Cosine, WarmUpEpochs: 0 }
        ? FrostTraining.Schedule(Configuration.Optimization.LearningRate!.Value,
            Configuration.Run.Steps ?? (long)stepsPerEpoch * Configuration.Run.Epochs)
        : ConfiguredParts.Schedule(Configuration, stepsPerEpoch);

    /// <summary>At some epochs' ends the averaged network's surest guesses become labels, beside those that were given.</summary>
    private void Extend(EpochEnd epoch)
    {
        int growth = Configuration.Of<FrostSettings>().Bootstrap;
        if (growth < 2 || Configuration.Run.Epochs < 3) return;
        int given = this.given.Where(label => label >= 0).GroupBy(label => label).Max(group => group.Count());
        foreach (var (at, perClass) in Bootstrap.Schedule(Configuration.Run.Epochs, given, growth))
        {
            if (at == epoch.Done) Extend(perClass, epoch.Averaged, epoch.Cancellation);
        }
    }

    private void Extend(int perClass, Func<IDisposable> averaged, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var logits = Tensor.Zeros([data.Train.Count, data.Classes.Count]);
        using (averaged())
        {
            ClassifierEvaluation.Each(state.Trained, all, device, (batch, answer) => logits.IndexCopyInPlace(0,
                Tensor.From(batch.Indices.Select(index => (long)index).ToArray()), answer.Float().Cpu()), null, cancellation);
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
