using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a run of a <see cref="FileClassifierMethod"/> is made of.</summary>
internal static class FileClassifierRun
{
    internal static RunPlan<ImageBatch> Plan(TrainingSetup setup, FileClassifierMethod method, OwnedParts owned)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration, method);
        var variant = method.StandIn(setup.Models.Get(configuration.Network));
        configuration = ConfiguredParts.Settle(configuration, variant, method);
        var form = method.FormOf(variant, configuration.ImageSize, configuration.Settings);
        var run = configuration.Run;
        var files = LabelledFiles.Open(
            configuration.Data, form.Plural, form.Fits, configuration.Classes, run.Validation, run.Seed, setup.Kept);
        setup.Tell(files.Remarks);
        int classes = files.Classes.Count;
        string watched = WatchedFigure.Settle(run.Watched, "accuracy", ClassificationMetrics.Names(classes));
        configuration = (configuration with { Classes = files.Classes }).With(run with { Watched = watched });
        ConfiguredParts.UseThreads(configuration);
        var options = ConfiguredParts.Loading(configuration, setup.Fault);
        var settings = configuration.Of<IFileSettings>();
        var batches = Source(files, form, settings, options with { Shuffle = true, DropLast = files.Learned.Count > run.Batch });
        var asked = new DataLoader<TensorExample, ImageBatch>(new FileRecipe(files, form, files.HeldOut, learns: false), options);
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(run.Seed);
        var network = owned.Own(ClassifierNetwork.Create(variant, classes, configuration.ImageSize));
        if (run.Pretrained is null) method.Begin(network);
        ConfiguredParts.Ready(network, variant, configuration, device);
        var optimizer = ConfiguredParts.Optimizer(network, variant.Find<IHasClasses>()?.Head ?? "", configuration);
        var player = owned.Own(ConfiguredParts.Player("classifier", network, optimizer, configuration, batches.BatchesPerEpoch));
        var program = new ClassifierProgram(network, player, Labels(files, settings, device), device);
        return new RunPlan<ImageBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {files.Learned.Count:N0} {form.Plural} to learn from and {files.HeldOut.Count:N0} to be asked "
                + $"about, {classes} classes",
            Device = device,
            Keep = folder => files.Keep(folder?.Folder, configuration.Data),
            Evaluate = stop => ClassifierEvaluation.Run(network, asked, classes, device, cancellation: stop).Figures(),
            Check = (batch, _, stop) =>
            [
                SanityCheck.InitialLoss(Loss(network, program, batch), classes),
                SanityCheck.Overfit(network, batch, classes, device: device, cancellation: stop),
            ],
        };
    }

    private static double Loss(Module network, ClassifierProgram program, ImageBatch batch)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        network.Train();
        return program.Loss(batch).Item<double>();
    }

    private static LabelLoss Labels(LabelledFiles files, IFileSettings settings, Device device) =>
        new(files.Classes.Count, settings.Labels.LabelSmoothing, device)
        {
            ClassWeights = settings.Labels.ClassWeights == ClassWeighting.Balanced
                ? LabelLoss.Balanced(LearnedLabels(files), files.Classes.Count) : null,
        };

    /// <summary>Each file once an epoch, or every class as often as every other.</summary>
    private static IBatchSource<ImageBatch> Source(
        LabelledFiles files, FileForm form, IFileSettings settings, DataLoaderOptions options)
    {
        DataLoader<TensorExample, ImageBatch> Loader(IReadOnlyList<int> numbers, DataLoaderOptions reading) =>
            new(new FileRecipe(files, form, numbers, learns: true), reading);

        return settings.Sampling.Balanced
            ? new BalancedSource<int, ImageBatch>(
                Datasets.InMemory(files.Learned), LearnedLabels(files),
                drawn => Loader([.. Enumerable.Range(0, drawn.Count).Select(k => drawn[k])], options with { Shuffle = false }),
                options.Seed)
            : Loader(files.Learned, options);
    }

    private static IReadOnlyList<int> LearnedLabels(LabelledFiles files) => [.. files.Learned.Select(k => files.Labels[k])];
}
