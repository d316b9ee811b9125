using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>The card of the comparison of human and machine perception.</summary>
public sealed class MedicalPerceptionSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "medical_perception",
        "Human and machine perception",
        "2020-W49",
        SystemTask.Science,
        new Paper(
            "Differences between human and machine perception in medical diagnosis",
            "Makino, Jastrzebski, Oleszkiewicz, Chacko, Ehrenpreis et al.",
            2020,
            "2011.14036",
            "nyukat/perception_comparison@5d7deb0"),
        "Takes fine detail away step by step and compares, subgroup by subgroup, how readers' confidence and separation of cases fall: "
            + "what a network leans on that people ignore.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new MedicalPerceptionClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> ForNetworks { get; } = [new ExplainFrequencies()];
}
