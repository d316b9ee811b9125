using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>The card of known physics with a learnt correction.</summary>
public sealed class AphynitySystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "aphynity",
        "APHYNITY",
        "2020-W41",
        SystemTask.Science,
        new Paper(
            "Augmenting Physical Models with Deep Networks for Complex Dynamics Forecasting",
            "Yin, Le Guen, Dona, de Bézenac, Ayed, Thome, Gallinari",
            2020,
            "2010.04456",
            "yuan-yin/APHYNITY@03d1f96"),
        "Known but incomplete physics and a network's correction, trained through a solver so that the physics explains all " +
            "it can and the network only the rest.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => AphynityVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [AphynityClaim.Entry];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new AphynityClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new AphynityMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new ForecastStates()];
}
