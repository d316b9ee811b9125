using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>A method that learns an encoder without labels. <c>eval</c> asks it by a linear probe, <c>features</c> writes its features, and
/// <c>train --pretrained RUN/best.ckpt</c> goes on from it with labels.</summary>
public abstract class ViewMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var own = network.Configuration ?? throw new UsageException($"{Name}: only a run can be evaluated");
        string folder = data ?? own.Data;
        if (!LabelledImages.IsLabelled(folder))
        {
            throw new SettingsException("data", called =>
                $"{folder} has no labels, and a linear probe on the features needs them: "
                + $"name a folder with a subfolder a class ({called})");
        }

        bool isOwn = network.IsOwn(data);
        var parts = LabelledImages.Open(folder, isOwn ? own.Classes : null, own.Run.Validation, own.Run.Seed, isOwn ? network.Kept : null);
        using var scope = new TensorScope();
        using var encoder = CreateFeatures(network);
        var device = network.RunsOn;
        encoder.To(device);
        progress?.Report(new WorkProgress("features", 0, 0));
        var train = scope.Keep(FeatureProbe.Features(encoder, Loader(parts.Train), device, cancellation));
        var test = scope.Keep(FeatureProbe.Features(encoder, Loader(parts.Test), device, cancellation));
        const int steps = 300;
        var metrics = FeatureProbe.Linear(train, test, parts.Classes.Count, steps,
            done => progress?.Report(new WorkProgress("linear probe", done, steps)), cancellation);
        var report = EvaluationReport.Of(folder, metrics, parts.Classes);
        double nearest = FeatureProbe.NearestNeighbours(train, test, parts.Classes.Count);
        return report with { Remarks = parts.Remarks, Figures = new Dictionary<string, double>(report.Figures) { ["knn"] = nearest } };

        DataLoader<ImageExample, ImageBatch> Loader(IDataset<ImageExample> images) =>
            ImageLoader.Create(images, network.Preprocessing, new DataLoaderOptions { BatchSize = batch });
    }

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Embed;

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> CreateFeatures(TrainedNetwork network)
    {
        using var unset = Init.Skipped();
        var (called, shipped, whole) = CreateEncoder(network.Variant, network.Size);
        try
        {
            if (whole is not null && HoldsMore(network.Weights, shipped)) network.Variant.Load(whole, network.Weights);
            else ClassifierNetwork.LoadTrunk(shipped, network.Variant, network.Weights);
            called.Eval();
            return called;
        }
        catch
        {
            called.Dispose();
            throw;
        }
    }

    /// <summary>
    /// An encoder to be loaded: what is called, <c>(N, 3, H, W) -> (N, width)</c>; the part of it that a run's <c>best.ckpt</c> holds; and
    /// the whole with its head, where others publish checkpoints of that. By default a classifier without its head.
    /// </summary>
    protected virtual (Module<Tensor, Tensor> Called, Module Shipped, Module? Whole) CreateEncoder(ModelVariant variant, int? size)
    {
        var trunk = ClassifierNetwork.Create(variant, 0, size);
        return (trunk, trunk, null);
    }

    private static bool HoldsMore(string path, Module module)
    {
        using var checkpoint = Checkpoint.Open(path);
        var names = module.StateDict().Select(entry => entry.Name).ToHashSet();
        return checkpoint.Under(names).Tensors.Any(tensor => !names.Contains(tensor.Name));
    }
}
