using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>The card of the analysis of rank collapse.</summary>
public sealed class RankCollapseSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "rank_collapse",
        "Rank collapse of pure attention",
        "2021-W09",
        SystemTask.Analysis,
        new Paper("Attention is not all you need: pure attention loses rank doubly exponentially with depth", "Dong, Cordonnier, Loukas",
            2021, "2103.03404", "twistedcubic/attention-rank-collapse@38b5df6"),
        "Measures how fast attention makes all tokens alike, and splits a network into its paths to show why skip connections matter.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new RankCollapseClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> ForNetworks { get; } = [new ExplainRank()];
}
