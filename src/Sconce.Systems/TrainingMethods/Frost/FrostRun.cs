using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>What a run of FROST on a person's pictures is made of; 2011.09471, MLDL/FROST@a397f08 PT-FROST/frost.py <c>main</c>.</summary>
internal static class FrostRun
{
    internal static RunPlan<FrostPictures> Plan(TrainingSetup setup, FrostMethod method, OwnedParts owned)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration, method);
        var variant = ClassifierNetwork.Find(setup.Models, configuration.Network);
        configuration = ConfiguredParts.Settle(configuration, variant, method);
        var decisions = Decisions.Of(setup);
        var data = LabelledImages.Open(configuration.Data, configuration.Classes, configuration.Run.Validation,
            configuration.Run.Seed, setup.Kept, decisions);
        if (setup.Kept is not null && !data.IsKept)
        {
            // What each picture was taken for is a part of its checkpoint.
            throw new SettingsException("decisions", called => $"{called}: a run of frost goes on with the pictures that it had; "
                + "those decided since need a new run, which may begin with this one's weights")
            {
                Remedy = Remedy.StartFromWeights,
            };
        }

        setup.Tell(data.Remarks);
        configuration = (configuration with { Classes = data.Classes }).With(
            configuration.Run with { Watched = data.Watch(configuration.Run.Watched) });
        var settings = configuration.Of<FrostSettings>();
        int classes = data.Classes.Count;
        long[] given = Given(data, settings, configuration, LabelledChoice.Decided(decisions?.Pictures.Files ?? [], data.Train));
        ConfiguredParts.UseThreads(configuration);
        var preprocessing = ClassifierNetwork.Preprocessing(variant, configuration.ImageSize);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var all = ImageLoader.Create(data.Train, [new Preprocess(preprocessing)], loading, preprocessing.Mean, preprocessing.Std);
        var test = ImageLoader.Create(
            data.Test, [new Preprocess(preprocessing)], loading, preprocessing.Mean, preprocessing.Std, classes);
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var network = FrostMethod.Create(variant, classes, configuration.ImageSize, settings.Projection);
        var state = owned.Own(new FrostState(network, given));
        if (configuration.Run.Pretrained is { } weights)
            ClassifierNetwork.LoadPretrained(FrostMethod.Product(network), variant, weights);
        ConfiguredParts.Freeze(FrostMethod.Product(network), configuration);
        if (device.Type != DeviceType.Cpu) state.To(device);
        var batches = new FrostSource(data.Train, () => state.Labels, FrostViews.Of(configuration.ImageSize!.Value, preprocessing.Mean),
            settings.UnlabelledRatio, loading, preprocessing.Mean, preprocessing.Std, classes);
        int stepsPerEpoch = ConfiguredParts.StepsPerEpoch(configuration, batches.BatchesPerEpoch);
        var player = owned.Own(ConfiguredParts.Player("classifier", state, ConfiguredParts.Optimizer(state, "", configuration),
            configuration, Schedule(configuration, stepsPerEpoch)));
        var growth = new FrostGrowth(state, given, configuration, all, classes, device);
        var program = new FrostProgram(state, player, Step(settings), device) { EndOfEpoch = growth.Extend };
        return new RunPlan<FrostPictures>(configuration, program, batches)
        {
            Summary = $"{variant.Name} by frost, {data.Train.Count:N0} pictures to learn from, {given.Count(label => label >= 0):N0} of "
                + $"them with labels, and {data.Test.Count:N0} to be asked about, {classes} classes",
            Device = device,
            Keep = folder => data.Keep(folder, configuration.Data, k => given[k] >= 0),
            Evaluate = stop => ClassifierEvaluation.Run(state.Trained, test, classes, device, cancellation: stop).Figures(),
            Check = (batch, picture, stop) =>
            [
                .. Seen(batch, picture, data.Classes, preprocessing),
                SanityCheck.InitialLoss(SanityCheck.Loss(state.Trained, [batch.Labelled], classes, device), classes),
                SanityCheck.Falls(program, batch, "the loss of frost", cancellation: stop),
            ],
        };
    }

    /// <summary>The label of each picture, -1 for those whose label is not looked at.</summary>
    private static long[] Given(
        LabelledImages data, FrostSettings settings, RunConfiguration configuration, IReadOnlyList<int> decided)
    {
        long[] given = data.Labelled is { } known ? LabelledChoice.Kept(data.TrainLabels, known)
            : settings.Labelled is { } list
            ? LabelledChoice.ByList(list, configuration.Data, data.Train, data.TrainLabels, data.Classes, decided)
            : LabelledChoice.BySeed(data.TrainLabels, data.Classes, settings.LabelsPerClass, configuration.Run.Seed, decided);
        foreach (int k in decided) given[k] = data.TrainLabels[k];
        return given;
    }

    private static SanityFinding[] Seen(
        FrostPictures batch, string picture, IReadOnlyList<string> classes, ImagePreprocessing preprocessing)
    {
        SanityCheck.Picture(batch.Labelled, classes, preprocessing.Mean, preprocessing.Std).Save(picture);
        string views = Path.ChangeExtension(picture, ".views.png");
        SanityCheck.Picture(batch.Unlabelled.Views, preprocessing.Mean, preprocessing.Std).Save(views);
        return
        [
            new SanityFinding("labelled pictures", true, $"{picture}: look whether each label fits its picture"),
            new SanityFinding("views of others", true, $"{views}: weak and strong; would you know what the strong ones show?"),
        ];
    }

    private static FrostStep Step(FrostSettings settings) =>
        new(new LabelGuesser(settings.Threshold, (ClassBalance)settings.Balance, settings.Relief))
        {
            SupervisedWeight = settings.LabelledWeight,
            UnlabelledWeight = settings.UnlabelledWeight,
            ContrastiveWeight = settings.ContrastiveWeight,
            Temperature = settings.Temperature,
        };

    private static LearningRateSchedule Schedule(RunConfiguration configuration, int stepsPerEpoch) =>
        configuration.Optimization is { Schedule: ScheduleKind.Cosine, WarmUpEpochs: 0 }
        ? FrostTraining.Schedule(configuration.Optimization.LearningRate!.Value,
            configuration.Run.Steps ?? (long)stepsPerEpoch * configuration.Run.Epochs)
        : ConfiguredParts.Schedule(configuration, stepsPerEpoch);
}
