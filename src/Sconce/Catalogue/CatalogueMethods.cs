using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>The plain method of training and those that systems bring, by name.</summary>
/// <param name="systems">In the catalogue's order.</param>
public sealed class CatalogueMethods(IReadOnlyList<CatalogueSystem> systems) : MethodRegistry(systems.SelectMany(system => system.Methods));
