using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Supervised training of a classifier of pictures: the plain method, and the base of those that end with a classifier
/// too.</summary>
public class ClassifierMethod : TrainingMethod
{
    /// <summary>Only methods of their own derive from it.</summary>
    protected ClassifierMethod()
    {
    }

    /// <summary>The plain one: cross-entropy with the labels.</summary>
    public static ClassifierMethod Plain { get; } = new();

    /// <inheritdoc/>
    public override string Name => "classifier";

    /// <inheritdoc/>
    public override string Purpose => "a classifier learns its labels: a folder with a subfolder a class";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<ClassifierSettings>();

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ClassifierRun(setup);

    /// <inheritdoc/>
    public override bool HasDetail => true;

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var (images, classes, remarks) = Pictures(network, data);
        using var module = Load(network, classes.Count);
        var device = network.RunsOn;
        module.To(device);
        var loader = ImageLoader.Create(images, network.Preprocessing, new DataLoaderOptions { BatchSize = batch }, classes.Count);
        var items = new List<int>();
        var metrics = ClassifierEvaluation.Run(module, loader, classes.Count, device, Tell, items, cancellation);
        return EvaluationReport.Of(data ?? network.Configuration!.Data, metrics, classes) with
        {
            Remarks = remarks,
            Classifier = ClassifierDetail.Of(metrics, items, images, classes),
        };

        void Tell(int done) =>
            progress?.Report(new WorkProgress("evaluating", Math.Min((long)done * batch, images.Count), images.Count));
    }

    /// <inheritdoc/>
    public override EvaluationReport EvaluateAttacked(
        TrainedNetwork network, PictureAttack attack, string? data, int batch, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var (images, classes, remarks) = Pictures(network, data);
        using var module = Load(network, classes.Count);
        var device = network.RunsOn;
        module.To(device);
        var loader = ImageLoader.Create(images, network.Preprocessing, new DataLoaderOptions { BatchSize = batch }, classes.Count);
        var (plain, random, attacked) = AttackedEvaluation.Run(
            module, network.Preprocessing, loader, classes.Count, attack, device,
            done => progress?.Report(new WorkProgress("attacking", Math.Min((long)done * batch, images.Count), images.Count)),
            cancellation);
        var figures = new Dictionary<string, double>();
        foreach (var (suffix, metrics) in (ReadOnlySpan<(string, ClassificationMetrics)>)
            [("", plain), (" with random signs", random), ($" under {attack.Name}", attacked)])
        {
            var all = metrics.Figures();
            foreach (string figure in (ReadOnlySpan<string>)["accuracy", "loss"]) figures[figure + suffix] = all[figure];
        }

        return new EvaluationReport(data ?? network.Configuration!.Data, plain.Count, figures)
        {
            Remarks = remarks,
            Columns = ["pictures", "recall", $"recall under {attack.Name}"],
            Rows = [.. classes.Select((name, c) => (name, (IReadOnlyList<double>)
                [plain.Confusion.Labelled(c), plain.Confusion.Recall(c), attacked.Confusion.Recall(c)]))],
        };
    }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> CreateFeatures(TrainedNetwork network) =>
        ClassifierNetwork.CreateFeatures(network.Variant, network.Weights, network.Size);

    /// <summary>Builds the network with its weights, in evaluation.</summary>
    /// <param name="network">Which.</param>
    /// <param name="classes">Outputs; null for the official number.</param>
    public static Module<Tensor, Tensor> Load(TrainedNetwork network, int? classes) =>
        network.Variant.CreateTrained<Module<Tensor, Tensor>>(network.Weights, new ModelOptions(classes, network.Size));

    private static AskedImages Pictures(TrainedNetwork network, string? folder)
    {
        if (network.IsOwn(folder)) return LabelledImages.OpenHeldOut(network.Configuration!, network.Kept);
        if (folder is null) throw new SettingsException("data", called => $"{called} is missing: the folder of labelled pictures");
        var asked = LabelledImages.OpenTest(folder, network.Classes);
        string[] unnamed = network.Classes is null
            ? [$"{network.Weights}: it names no classes, so the outputs are taken to be "
                + $"{string.Join(", ", asked.Classes.Take(4))}{(asked.Classes.Count > 4 ? " …" : "")} in this order"]
            : [];
        return asked with
        {
            Remarks = [.. unnamed, .. asked.Remarks,
                .. network.Kept?.Learned(Enumerable.Range(0, asked.Images.Count).Select(asked.Images.NameOf)) ?? []],
        };
    }
}
