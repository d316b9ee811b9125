using System.Text.RegularExpressions;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Catalogue;

/// <summary>Finds networks by name among systems, as timm does.</summary>
public sealed class ModelRegistry(IReadOnlyList<NewsletterSystem> systems)
{
    /// <summary>Every variant with its system, in the catalogue's order.</summary>
    public IEnumerable<(NewsletterSystem System, ModelVariant Variant)> All => systems.SelectMany(system => system.Variants.Select(variant => (system, variant)));

    /// <summary>The names that fit a pattern with <c>*</c> and <c>?</c>, in alphabetical order.</summary>
    public IReadOnlyList<string> List(string pattern = "*")
    {
        var expression = new Regex("^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        return [.. All.Select(entry => entry.Variant.Name).Where(name => expression.IsMatch(name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The variant of that name (dashes and underscores are alike), or null.</summary>
    public (NewsletterSystem System, ModelVariant Variant)? Find(string name)
    {
        foreach (var entry in All)
        {
            if (Plain(entry.Variant.Name) == Plain(name)) return entry;
        }

        return null;
    }

    /// <summary>The variant of that name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public (NewsletterSystem System, ModelVariant Variant) Get(string name)
    {
        if (Find(name) is { } found) return found;
        var near = NearestNames.Find(name, All.Select(entry => entry.Variant.Name));
        throw new UsageException($"there is no network '{name}'{(near.Count > 0 ? $": did you mean {string.Join(", ", near)}?" : "")} ('sconce list --models' names them all)");
    }

    /// <summary>Builds a classifier.</summary>
    /// <param name="name">Such as <c>vit_base_patch16_224</c>.</param>
    /// <param name="classes">Outputs; null for the official number.</param>
    /// <param name="imageSize">Pixels; null for the official size.</param>
    /// <exception cref="UsageException">No such network, or it is no classifier of pictures.</exception>
    public Module<Tensor, Tensor> Create(string name, int? classes = null, int? imageSize = null)
    {
        var (_, variant) = Get(name);
        return variant.Create(new ModelOptions(classes, imageSize)) as Module<Tensor, Tensor>
            ?? throw new UsageException($"{variant.Name} does not map one tensor to another: build it with its system's own classes");
    }

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();
}
