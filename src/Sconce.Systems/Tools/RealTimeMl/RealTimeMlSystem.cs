using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>The card of learning from streams and answering in time.</summary>
public sealed class RealTimeMlSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "real_time_ml",
        "Real-time machine learning",
        "2020-W52",
        SystemTask.Tools,
        new Paper("Machine learning is going real-time", "Huyen", 2020),
        "Detectors that say when a stream has changed, errors of learners that are asked before they are told, streams that " +
            "drift, and ways to a smaller model.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new RealTimeMlClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new MonitorStream(), new MonitorWindows()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> ForNetworks { get; } = [new CompressRun(), new CompressWithPictures()];
}
