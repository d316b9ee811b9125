using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>The card of VQGAN and its transformer.</summary>
public sealed class VqganSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "vqgan",
        "VQGAN and transformer",
        "2020-W52",
        SystemTask.Generation,
        new Paper(
            "Taming Transformers for High-Resolution Image Synthesis", "Esser, Rombach, Ommer", 2020, "2012.09841",
            "CompVis/taming-transformers@3ba01b2"),
        "Turns pictures into a small grid of learnt codes and back, sharp enough that a transformer over the codes paints large pictures.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => VqVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [CodeTrial.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new VqganClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new VqganMethod(), VqganGptMethod.Instance];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor { get; } = [Verb.Complete, Verb.Reconstruct];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new VqGenerate(), new VqComplete(), new VqReconstruct()];
}
