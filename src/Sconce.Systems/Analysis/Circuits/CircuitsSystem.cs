using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Systems.Analysis.Looks;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>The card of the tools that look into vision networks.</summary>
public sealed class CircuitsSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "circuits",
        "Circuits",
        "2020-W50",
        SystemTask.Analysis,
        new Paper(
            "Naturally Occurring Equivariance in Neural Networks",
            "Olah, Cammarata, Voss, Schubert, Goh",
            2020,
            Repository: "tensorflow/lucid@6dcc927"),
        "Pictures that excite a unit, found as spectra under small transforms; stimuli of high and low frequency; filters " +
            "that come in turned and mirrored families.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [CircuitsClaim.Learned];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new CircuitsClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> ForNetworks { get; } =
        [new ExplainPicture(), new ExplainUnits(), new ExplainTuning(), new ExplainEquivariance()];
}
