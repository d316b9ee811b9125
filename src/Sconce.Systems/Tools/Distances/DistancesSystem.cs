using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.Tools.Distances;

/// <summary>The card of the measures of distance.</summary>
public sealed class DistancesSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "distances",
        "Nine distance measures",
        "2021-W07",
        SystemTask.Tools,
        new Paper("9 Distance Measures in Data Science", "Grootendorst", 2021),
        "Says how far apart rows of tables are, by thirteen measures, with when each misleads; " +
            "nearest rows of large tables on every core.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DistancesClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new DistanceAbility()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Distance];
}
