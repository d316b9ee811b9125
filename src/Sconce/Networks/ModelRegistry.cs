using System.Text.RegularExpressions;
using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Networks;

/// <summary>Finds networks by name, as timm does; dashes, underscores and case are alike.</summary>
/// <param name="listed">Those that <see cref="All"/> and <see cref="List"/> give, in their order.</param>
/// <param name="unlisted">Those that are found by name alone: what a claim trains and keeps.</param>
public class ModelRegistry(IEnumerable<ModelVariant> listed, IEnumerable<ModelVariant> unlisted)
{
    /// <summary>Every network that is listed.</summary>
    public IEnumerable<ModelVariant> All => listed;

    /// <summary>The names that fit a pattern with <c>*</c> and <c>?</c>, in alphabetical order.</summary>
    public IReadOnlyList<string> List(string pattern = "*")
    {
        var expression = new Regex("^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        return [.. All.Select(variant => variant.Name).Where(name => expression.IsMatch(name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The network of that name, or null.</summary>
    public ModelVariant? Find(string name) => listed.Concat(unlisted).FirstOrDefault(variant => Plain(variant.Name) == Plain(name));

    /// <summary>The network of that name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public ModelVariant Get(string name)
    {
        if (Find(name) is { } found) return found;
        var near = NearestNames.Find(name, All.Select(variant => variant.Name));
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
        var variant = Get(name);
        if (weights is null) return Plainly(variant, new ModelOptions(classes, imageSize));
        Module<Tensor, Tensor> trained;
        using (Init.Skipped()) trained = Plainly(variant, new ModelOptions(null, imageSize));
        bool keeps = false;
        try
        {
            variant.Load(trained, weights);
            keeps = classes is null || classes == variant.Find<IHasClasses>()?.Classes;
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
        var variant = Get(name);
        var exercise = Exercise.Of(variant)
            ?? throw new InvalidOperationException($"{variant.Name} does not say how it is run on an example");
        Module module;
        using (Init.Skipped()) module = variant.Create(ModelOptions.Official);
        using (module)
        {
            module.Eval();
            var counter = new FlopCounter();
            using var noGradients = Gradients.Inference();
            using (counter.Watch()) exercise.Run(module, 1);
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
