using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Supervised training of a classifier of pictures: the plain method, and the base of those that end with a classifier too.</summary>
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
    public override TrainingRun Open(TrainingSetup setup) => new ClassifierRun(setup);

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var (images, classes, place) = Pictures(network, data);
        using var module = Load(network, classes.Count);
        var device = TorchRuntime.BestDevice;
        module.To(device);
        var loader = ImageLoader.Create(images, network.Preprocessing, new DataLoaderOptions { BatchSize = batch }, classes.Count);
        var metrics = ClassifierEvaluation.Run(module, loader, classes.Count, device, done => progress?.Report(new WorkProgress("evaluating", Math.Min((long)done * batch, images.Count), images.Count)), cancellation);
        return EvaluationReport.Of(place, metrics, classes);
    }

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(TrainedNetwork network, IReadOnlyList<string> inputs, int most, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var module = Load(network, network.Classes?.Count);
        var device = TorchRuntime.BestDevice;
        module.To(device);
        for (int k = 0; k < inputs.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new PredictResult(inputs[k], Ask(module, network, inputs[k], most, device));
            progress?.Report(new WorkProgress("predicting", k + 1, inputs.Count));
        }
    }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> CreateFeatures(TrainedNetwork network) => CatalogueClassifier.CreateFeatures(network.Variant, network.Weights, network.Size);

    /// <summary>Builds the network with its weights, in evaluation.</summary>
    /// <param name="network">Which.</param>
    /// <param name="classes">Outputs; null for the official number.</param>
    public static Module<Tensor, Tensor> Load(TrainedNetwork network, int? classes) => network.Variant.CreateTrained<Module<Tensor, Tensor>>(network.Weights, new ModelOptions(classes, network.Size));

    private static (IDataset<ImageExample> Images, IReadOnlyList<string> Classes, string Place) Pictures(TrainedNetwork network, string? folder)
    {
        if (folder is not null)
        {
            var (images, classes) = LabelledImages.OpenTest(folder, network.Classes);
            return (images, classes, folder);
        }

        if (network.Configuration is not { } own) throw new UsageException("--data is missing: the folder of labelled pictures");
        var parts = LabelledImages.Open(own.Data, own.Classes, own.Validation, own.Seed);
        return (parts.Test, parts.Classes, own.Data);
    }

    private static Prediction[] Ask(Module<Tensor, Tensor> module, TrainedNetwork network, string picture, int most, Device device)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var input = network.Preprocessing.Apply(Image.Load(picture)).Unsqueeze(0).To(device);
        double[] confidences = module.Call(input).Float().Softmax(-1)[0].ToArray<double>();
        return [.. confidences.Select((confidence, c) => new Prediction(NameOf(network, c, confidences.Length), confidence)).OrderByDescending(prediction => prediction.Confidence).Take(most)];
    }

    private static string NameOf(TrainedNetwork network, int c, int classes) =>
        network.Classes?[c] ?? (classes == ImageNetClasses.Names.Count ? ImageNetClasses.Names[c] : $"class {c}");
}
