using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>The card of norfair's tracker.</summary>
public sealed class TrackingSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "tracking",
        "Norfair",
        "2020-W27",
        SystemTask.Video,
        new Paper("Norfair: lightweight multi-object tracking for any detector", "Alori, Descoins and others (tryolabs)", 2020,
            Repository: "tryolabs/norfair@ac9c00b"),
        "Follows objects through a video by any detector's points or boxes, with a Kalman filter each and greedy matching; no network, " +
            "no training.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new TrackingClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new TrackClip(), new TrackDetections()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Track];

    /// <inheritdoc/>
    public override SystemEvaluation Evaluation { get; } = new TrackingFigures();
}
