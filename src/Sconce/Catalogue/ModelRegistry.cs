using System.Text.RegularExpressions;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Catalogue;

/// <summary>Finds networks by name among systems, as timm does.</summary>
public sealed class ModelRegistry(IReadOnlyList<CatalogueSystem> systems)
{
    /// <summary>Every variant with its system, in the catalogue's order.</summary>
    public IEnumerable<(CatalogueSystem System, ModelVariant Variant)> All =>
        systems.SelectMany(system => system.Variants.Select(variant => (system, variant)));

    /// <summary>The names that fit a pattern with <c>*</c> and <c>?</c>, in alphabetical order.</summary>
    public IReadOnlyList<string> List(string pattern = "*")
    {
        var expression = new Regex("^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        return [.. All.Select(entry => entry.Variant.Name).Where(name => expression.IsMatch(name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The variant of that name (dashes and underscores are alike), or null.</summary>
    public (CatalogueSystem System, ModelVariant Variant)? Find(string name)
    {
        var kept = systems.SelectMany(system => system.ClaimNetworks.Select(variant => (System: system, Variant: variant)));
        foreach (var entry in All.Concat(kept))
        {
            if (Plain(entry.Variant.Name) == Plain(name)) return entry;
        }

        return null;
    }

    /// <summary>The variant of that name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public (CatalogueSystem System, ModelVariant Variant) Get(string name)
    {
        if (Find(name) is { } found) return found;
        var near = NearestNames.Find(name, All.Select(entry => entry.Variant.Name));
        string meant = near.Count > 0 ? $": did you mean {string.Join(", ", near)}?" : "";
        throw new UsageException($"there is no network '{name}'{meant}") { Remedy = Remedy.KnownNetworks };
    }

    /// <summary>Builds a network from one tensor to another.</summary>
    /// <param name="name">Such as <c>vit_base_patch16_224</c>.</param>
    /// <param name="classes">Outputs; null for the official number.</param>
    /// <param name="imageSize">Pixels; null for the official size.</param>
    /// <param name="weights">
    /// A checkpoint of the official classes (<c>OfficialWeightsCache.PullAsync</c> downloads one): with other <paramref name="classes"/>,
    /// everything but the head comes from it, and the head is new. Null for initial numbers.
    /// </param>
    /// <exception cref="UsageException">No such network, it does not map one tensor to another, or it has no head to be
    /// replaced.</exception>
    /// <exception cref="Weights.CheckpointException">The checkpoint does not fit.</exception>
    public Module<Tensor, Tensor> Create(string name, int? classes = null, int? imageSize = null, string? weights = null)
    {
        var (_, variant) = Get(name);
        if (weights is null) return Plainly(variant, new ModelOptions(classes, imageSize));
        Module<Tensor, Tensor> trained;
        using (Init.Skipped()) trained = Plainly(variant, new ModelOptions(null, imageSize));
        bool keeps = false;
        try
        {
            variant.Load(trained, weights);
            keeps = classes is null || classes == variant.Classes;
            return keeps ? trained : (Module<Tensor, Tensor>)variant.ReplaceHead(trained, classes!.Value, imageSize);
        }
        finally
        {
            if (!keeps) trained.Dispose();
        }
    }

    /// <summary>What a network costs: it is built and run once on one example.</summary>
    /// <exception cref="UsageException">No such network.</exception>
    /// <exception cref="InvalidOperationException">Its card does not say how it is run.</exception>
    public ModelCost Count(string name)
    {
        var (_, variant) = Get(name);
        Module module;
        using (Init.Skipped()) module = variant.Create(ModelOptions.Official);
        using (module)
        {
            module.Eval();
            var counter = new FlopCounter();
            using var noGradients = Gradients.Inference();
            using (counter.Watch()) variant.Run(module);
            return new ModelCost(module.ParameterCount, counter.MultiplyAdds, counter.Activations);
        }
    }

    private static Module<Tensor, Tensor> Plainly(ModelVariant variant, ModelOptions options)
    {
        var module = variant.Create(options);
        if (module is Module<Tensor, Tensor> network) return network;
        module.Dispose();
        throw new UsageException($"{variant.Name} does not map one tensor to another: build it with its system's own classes");
    }

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();
}

/// <summary>What a network costs.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="MultiplyAdds">Of one forward pass on one example (what papers print as FLOPs).</param>
/// <param name="Activations">Numbers that convolutions and matrix products give in it.</param>
public sealed record ModelCost(long Parameters, long MultiplyAdds, long Activations);
