using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>One system of the newsletter: its card, its networks, its claim, and how it answers on a person's own pictures or
/// files.</summary>
public abstract class CatalogueSystem
{
    /// <summary>The entry in the catalogue.</summary>
    public abstract SystemCard Card { get; }

    /// <summary>The networks, under the names of their official weights; none for methods without one of their own.</summary>
    public virtual IReadOnlyList<ModelVariant> Variants => [];

    /// <summary>
    /// The small networks that its claim trains and keeps: found by name and opened like the others, but listed nowhere.
    /// </summary>
    public virtual IReadOnlyList<ModelVariant> ClaimNetworks => [];

    /// <summary>The paper's effect as an experiment; null for systems whose newsletter item claims none.</summary>
    public virtual Claim? Claim => null;

    /// <summary>The ways of training that it brings to <c>sconce train</c>; none for systems that are trained as plain classifiers, or not
    /// at all.</summary>
    public virtual IReadOnlyList<TrainingMethod> Methods => [];

    /// <summary>
    /// What a person can do with it, the foremost first; by default what every classifier of pictures does, or every generator of them.
    /// </summary>
    public virtual IReadOnlyList<Ability> Abilities => Has<ImageClassifier>() ? OfClassifiers : Has<ImageGenerator>() ? OfGenerators : [];

    /// <summary>What it does with networks of any system, where they fit: looking into them, making them smaller.</summary>
    public virtual IReadOnlyList<Ability> ForNetworks => [];

    /// <summary>How it is judged on a person's own files, where it has no network whose run is judged; null where it is not.</summary>
    public virtual SystemEvaluation? Evaluation => null;

    /// <summary>The verbs for which this system is taken where none is named.</summary>
    public virtual IReadOnlyList<Verb> DefaultFor => [];

    /// <summary>What can be done with a network: what the system does, or where it does nothing of its own, what every network of its kind
    /// does.</summary>
    /// <param name="network">The network; null for the system as a whole.</param>
    internal IReadOnlyList<Ability> AbilitiesWith(ModelVariant? network)
    {
        if (network is null || Abilities.Count > 0) return Abilities;
        return network.Capabilities.OfType<ImageClassifier>().Any() ? OfClassifiers
            : network.Capabilities.OfType<ImageGenerator>().Any() ? OfGenerators : [];
    }

    /// <summary>What every classifier of pictures does.</summary>
    protected static IReadOnlyList<Ability> OfClassifiers { get; } = [new Classify(), new Embed()];

    /// <summary>What every generator of pictures does.</summary>
    protected static IReadOnlyList<Ability> OfGenerators { get; } = [new Generate(), new GenerateFromStyles()];

    private bool Has<T>()
        where T : Capability => Variants.Any(variant => variant.Has<T>());
}
