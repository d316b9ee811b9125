using Sconce.Networks;

namespace Sconce.Catalogue;

/// <summary>The networks of systems by name, those that their claims keep included.</summary>
/// <param name="systems">In the catalogue's order.</param>
public sealed class CatalogueModels(IReadOnlyList<CatalogueSystem> systems) : ModelRegistry(
    systems.SelectMany(system => system.Variants), systems.SelectMany(system => system.ClaimNetworks))
{
    /// <summary>Whose a network is.</summary>
    /// <param name="variant">One that was found here, or one made of it.</param>
    /// <exception cref="ArgumentException">It is no network of these systems.</exception>
    public CatalogueSystem SystemOf(ModelVariant variant) =>
        systems.FirstOrDefault(system => system.Variants.Any(own => own.Name == variant.Name))
        ?? systems.FirstOrDefault(system => system.ClaimNetworks.Any(own => own.Name == variant.Name))
        ?? throw new ArgumentException($"{variant.Name} is no network of these systems", nameof(variant));
}
