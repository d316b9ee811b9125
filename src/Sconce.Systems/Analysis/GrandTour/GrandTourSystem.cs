using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>The card of the grand tour.</summary>
public sealed class GrandTourSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "grand_tour",
        "Grand Tour",
        "2020-W12",
        SystemTask.Analysis,
        new Paper("Visualizing Neural Networks with the Grand Tour", "Li, Zhao, Scheidegger", 2020),
        "A smoothly turning view of points in many dimensions that in time shows every projection, with axes and groups that" +
            " a hand can drag.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new GrandTourClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> ForNetworks { get; } = [new TourOfRun(), new TourOfPictures()];
}
