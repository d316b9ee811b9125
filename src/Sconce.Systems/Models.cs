using Sconce.Catalogue;
using Sconce.Data.Downloads;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems;

/// <summary>The catalogue's networks by name, as timm's <c>create_model</c> and <c>list_models</c>.</summary>
public static class Models
{
    /// <summary>All of them.</summary>
    public static CatalogueModels Registry { get; } = new(Catalogue.Systems);

    /// <inheritdoc cref="ModelRegistry.Create"/>
    public static Module<Tensor, Tensor> Create(string name, int? classes = null, int? imageSize = null, string? weights = null) =>
        Registry.Create(name, classes, imageSize, weights);

    /// <inheritdoc cref="ModelRegistry.List"/>
    public static IReadOnlyList<string> List(string pattern = "*") => Registry.List(pattern);

    /// <summary>A network's card: preprocessing, parameters, official weights, how it is built.</summary>
    /// <exception cref="UsageException">There is none of that name; the message names the nearest.</exception>
    public static ModelVariant Get(string name) => Registry.Get(name);

    /// <inheritdoc cref="ModelRegistry.Count"/>
    public static ModelCost Count(string name) => Registry.Count(name);

    /// <summary>Downloads a network's official weights, the first that its card names, unless they are in the cache, and gives the file's
    /// path.</summary>
    /// <exception cref="UsageException">No such network, or none are published.</exception>
    /// <exception cref="DownloadException">The file does not come, or not as published.</exception>
    public static async Task<string> PullAsync(string name, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var variant = Get(name);
        if (variant.Weights.Count == 0) throw new UsageException($"no official weights of {variant.Name} are known");
        return (await OfficialWeightsCache.PullAsync(variant.Weights[0], null, progress, cancellationToken).ConfigureAwait(false)).Path;
    }
}
