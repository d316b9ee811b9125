using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>The card of label smoothing under label noise.</summary>
public sealed class LabelSmoothingSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "label_smoothing",
        "Label smoothing under label noise",
        "2020-W10",
        SystemTask.Training,
        new Paper("Does label smoothing mitigate label noise?", "Lukasik, Bhojanapalli, Menon, Kumar", 2020, "2003.02819"),
        "Losses for labels that are partly wrong: smoothing, backward and forward correction, and distillation from a smoothed teacher.");

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DistillationMethod(), new NoiseCorrectionMethod()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new LabelSmoothingClaim();
}
