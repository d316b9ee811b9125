using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>Whom an ability is asked of: a system, one of its networks, or what a person trained.</summary>
/// <param name="Name">As it was asked for.</param>
/// <param name="System">The system.</param>
/// <param name="Variant">The network; null for the system as a whole.</param>
public sealed record AbilityTarget(string Name, CatalogueSystem System, ModelVariant? Variant)
{
    /// <summary>The run; null for networks of the catalogue.</summary>
    public TrainedNetwork? Run { get; init; }

    /// <summary>How the run learned; null without one.</summary>
    public TrainingMethod? Method { get; init; }

    /// <summary>What systems do with networks of any other (<see cref="CatalogueSystem.ForNetworks"/>).</summary>
    public IReadOnlyList<Ability> OfOthers { get; init; } = [];

    /// <summary>What can be done with it: in the system's order, then what others do with it.</summary>
    public IEnumerable<Ability> Abilities =>
        System.AbilitiesWith(Variant).Where(ability => NetworkFor(ability) is not null || !ability.NeedsWeights)
            .Where(ability => Method is not { } method || method.Answers(ability.Verb))
            .Concat(OfOthers.Where(ability => NetworkFor(ability) is not null));

    /// <summary>The network that an ability takes: the one that was named, or the system's first that fits; null where none does.</summary>
    public ModelVariant? NetworkFor(Ability ability) => Variant is { } named
        ? ability.Fits(named.Capabilities) ? named : null
        : System.Variants.FirstOrDefault(variant => ability.Fits(variant.Capabilities));
}
