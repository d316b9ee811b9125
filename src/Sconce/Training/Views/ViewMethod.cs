using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A method that learns an encoder without labels. <c>eval</c> asks it by a linear probe, <c>features</c> writes its features, and <c>train --pretrained RUN/best.ckpt</c> goes on from it with labels.</summary>
public abstract class ViewMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var own = network.Configuration ?? throw new UsageException($"{Name}: only a run can be evaluated");
        string folder = data ?? own.Data;
        if (!LabelledImages.IsLabelled(folder)) throw new UsageException($"{folder} has no labels, and a linear probe on the features needs them: name a folder with a subfolder a class with --data");
        var parts = LabelledImages.Open(folder, data is null ? own.Classes : null, own.Validation, own.Seed);
        using var scope = new TensorScope();
        using var encoder = CreateFeatures(network);
        var device = TorchRuntime.BestDevice;
        encoder.To(device);
        progress?.Report(new WorkProgress("features", 0, 0));
        var train = scope.Keep(FeatureProbe.Features(encoder, Loader(parts.Train), device, cancellation));
        var test = scope.Keep(FeatureProbe.Features(encoder, Loader(parts.Test), device, cancellation));
        const int steps = 300;
        var metrics = FeatureProbe.Linear(train, test, parts.Classes.Count, steps, done => progress?.Report(new WorkProgress("linear probe", done, steps)), cancellation);
        var report = EvaluationReport.Of(folder, metrics, parts.Classes);
        return report with { Figures = new Dictionary<string, double>(report.Figures) { ["knn"] = FeatureProbe.NearestNeighbours(train, test, parts.Classes.Count) } };

        DataLoader<ImageExample, ImageBatch> Loader(IDataset<ImageExample> images) => ImageLoader.Create(images, network.Preprocessing, new DataLoaderOptions { BatchSize = batch });
    }

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(TrainedNetwork network, IReadOnlyList<string> inputs, int most, IProgress<WorkProgress>? progress, CancellationToken cancellation) => throw new UsageException(
        $"{network.Variant.Name} learned without labels, so it predicts none: 'sconce features' writes its features, and 'sconce train {network.Variant.Name} --pretrained {network.Weights} --data FOLDER' teaches it labels");

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> CreateFeatures(TrainedNetwork network)
    {
        using var unset = Init.Skipped();
        // A run ships the encoder alone; what others publish holds the head that it was trained with.
        if (network.Configuration is null && CreatePublished(network.Variant, network.Size) is { } published) return Loaded(published.Called, () => network.Variant.Load(published.Whole, network.Weights));
        var (called, shipped) = CreateEncoder(network.Variant, network.Size);
        return Loaded(called, () => CatalogueClassifier.LoadTrunk(shipped, network.Variant, network.Weights));
    }

    private static Module<Tensor, Tensor> Loaded(Module<Tensor, Tensor> called, Action load)
    {
        try
        {
            load();
            called.Eval();
            return called;
        }
        catch
        {
            called.Dispose();
            throw;
        }
    }

    /// <summary>A network whose published checkpoints hold its head too: its features, <c>(N, 3, H, W) -> (N, width)</c>, and the whole of it. By default there is none.</summary>
    protected virtual (Module<Tensor, Tensor> Called, Module Whole)? CreatePublished(ModelVariant variant, int? size) => null;

    /// <summary>An encoder to be loaded: what is called, <c>(N, 3, H, W) -> (N, width)</c>, and the part of it that <c>best.ckpt</c> holds. By default a classifier without its head.</summary>
    protected virtual (Module<Tensor, Tensor> Called, Module Shipped) CreateEncoder(ModelVariant variant, int? size)
    {
        var trunk = CatalogueClassifier.Create(variant, 0, size);
        return (trunk, trunk);
    }
}
