using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>Perceiver's card.</summary>
public sealed class PerceiverSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "perceiver",
        "Perceiver",
        "2021-W09",
        SystemTask.Multimodal,
        new Paper("Perceiver: General Perception with Iterative Attention", "Jaegle, Gimeno, Brock, Zisserman, Vinyals, Carreira", 2021,
            "2103.03206", "google-deepmind/deepmind-research@f5de0ede"),
        "A small latent array reads pixels, sound or points, however many, by attention, again and again: one network for all senses, "
            + "which knows the grid by position features alone.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants => PerceiverVariants.All;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [PerceiverClaim.Network];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new PerceiverMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [.. OfClassifiers, new PerceiverListen(), new PerceiverTouch()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new PerceiverClaim();
}
