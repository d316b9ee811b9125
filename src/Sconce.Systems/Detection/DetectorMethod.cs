using Sconce.Networks;
using Sconce.Nn;
using Sconce.Training;

namespace Sconce.Systems.Detection;

/// <summary>A way of training detectors of boxes that say by a <see cref="Sconce.Abilities.PictureDetector"/> how they are asked.</summary>
internal abstract class DetectorMethod : TrainingMethod
{
    /// <summary>What the data are, for <see cref="TrainingMethod.Purpose"/>.</summary>
    protected const string Layouts =
        "the data are COCO's layout, train.json and test.json in COCO's format, one such file, or a Pascal VOC folder";

    /// <inheritdoc/>
    public sealed override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string place = data ?? network.Configuration?.Data
            ?? throw new SettingsException("data", called => $"{called} is missing: the folder of pictures with objects");
        var (set, remarks) = AskedPictures.Of(network, data, place, masks: false);
        int[] labels = AskedPictures.Labels(network, set, place);
        var options = new ModelOptions(network.Classes?.Count, network.Size);
        using var module = network.Variant.CreateTrained<Module>(network.Weights, options);
        module.To(network.RunsOn);
        var evaluation = DetectorEvaluation.Run(network.Variant, module, set, labels, network.Size, progress, cancellation: cancellation);
        var precisions = evaluation.ByClass();
        return new EvaluationReport(place, set.Count, DetectorEvaluation.Figures(evaluation))
        {
            Remarks = remarks,
            Columns = ["AP"],
            Rows = [.. set.Classes.Select((name, label) => (name, (IReadOnlyList<double>)[precisions[label]]))],
        };
    }
}
