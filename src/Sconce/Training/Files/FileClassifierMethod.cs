using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>The settings of a classifier of files: clips, sounds, point clouds.</summary>
public interface IFileSettings : ITrainingSettings
{
    /// <summary>What the loss makes of labels.</summary>
    LabelSettings Labels { get; }

    /// <summary>Which examples an epoch has.</summary>
    SamplingSettings Sampling { get; }
}

/// <summary>
/// A classifier of files learns its labels: a folder with a subfolder a class. A system says what a file is and how it is read.
/// </summary>
public abstract class FileClassifierMethod : TrainingMethod
{
    /// <inheritdoc/>
    public sealed override bool HasDetail => true;

    /// <summary>How files become a network's input.</summary>
    /// <param name="variant">The network.</param>
    /// <param name="size">The pictures' side in pixels; null for the network's own, or where there are no pictures.</param>
    /// <param name="settings">The run's; null for a network of the catalogue.</param>
    /// <exception cref="UsageException">The method trains no such network.</exception>
    public abstract FileForm FormOf(ModelVariant variant, int? size, ITrainingSettings? settings);

    /// <summary>Readies a new network for learning from nothing; by default its initial numbers are right.</summary>
    /// <param name="network">As it was built.</param>
    public virtual void Begin(Module<Tensor, Tensor> network)
    {
    }

    /// <inheritdoc/>
    public sealed override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<ImageBatch>.Open(owned => FileClassifierRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public sealed override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var form = FormOf(network.Variant, network.Size, network.Configuration?.Settings);
        string place = data ?? network.Configuration?.Data
            ?? throw new SettingsException("data", called => $"{called} is missing: the folder of {form.Plural}, a subfolder a class");
        var run = network.Configuration?.Run;
        bool isOwn = network.IsOwn(data);
        var files = isOwn
            ? LabelledFiles.Open(place, form.Plural, form.Fits, network.Classes, run!.Validation, run.Seed, network.Kept)
            : LabelledFiles.OpenTest(place, form.Plural, form.Fits, network.Classes);
        using var module = ClassifierMethod.Load(network, files.Classes.Count);
        var device = network.RunsOn;
        module.To(device);
        var recipe = new FileRecipe(files, form, files.HeldOut, learns: false);
        var items = new List<int>();
        var metrics = ClassifierEvaluation.Run(
            module, new DataLoader<TensorExample, ImageBatch>(recipe, new DataLoaderOptions { BatchSize = batch }), files.Classes.Count,
                device,
            done => progress?.Report(new WorkProgress("evaluating", Math.Min((long)done * batch, recipe.Count), recipe.Count)), items,
                cancellation);
        var learned = isOwn ? null : network.Kept?.Learned(Enumerable.Range(0, recipe.Count).Select(recipe.NameOf));
        return EvaluationReport.Of(place, metrics, files.Classes) with
        {
            Items = form.Plural,
            Remarks = [.. files.Remarks, .. learned ?? []],
            Classifier = ClassifierDetail.Of(metrics, items, recipe.NameOf, k => form.Picture(recipe.NameOf(k)), files.Classes),
        };
    }
}
