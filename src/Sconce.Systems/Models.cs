using Sconce.Catalogue;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems;

/// <summary>The catalogue's networks by name, as timm's <c>create_model</c> and <c>list_models</c>.</summary>
public static class Models
{
    /// <summary>All of them.</summary>
    public static ModelRegistry Registry { get; } = new(Catalogue.Systems);

    /// <inheritdoc cref="ModelRegistry.Create"/>
    public static Module<Tensor, Tensor> Create(string name, int? classes = null, int? imageSize = null) => Registry.Create(name, classes, imageSize);

    /// <inheritdoc cref="ModelRegistry.List"/>
    public static IReadOnlyList<string> List(string pattern = "*") => Registry.List(pattern);
}
