using Sconce.Abilities;
using Sconce.Catalogue;

namespace Sconce.Systems;

/// <summary>Opens what the command opens, from a program: <c>Classifier.Open("run1").Classify("photo.jpg")</c>.</summary>
public static class Classifier
{
    /// <summary>A classifier of pictures with its weights. Several threads may ask it; dispose it when nothing more is asked.</summary>
    /// <param name="name">A run's folder, or a network of the catalogue.</param>
    /// <param name="weights">The checkpoint; null for a run's best.</param>
    /// <param name="compile">Whether the network is compiled: slower to open, faster to ask.</param>
    /// <exception cref="UsageException">There is none of that name, it classifies no pictures, or no weights were named.</exception>
    public static ClassifierSession Open(string name, string? weights = null, bool compile = false) =>
        Sessions.Open<ClassifierSession>(Verb.Classify, name, new AbilityOptions { Weights = weights, Compiles = compile });
}

/// <summary>Opens any ability of the catalogue from a program: the sessions that the command asks.</summary>
public static class Sessions
{
    private static readonly AbilityRegistry Abilities = new(Systems.Catalogue.Systems);

    /// <summary>Opens what a system, a network or a run does.</summary>
    /// <typeparam name="T">The session that is wanted.</typeparam>
    /// <param name="verb">What is to be done.</param>
    /// <param name="name">A run's folder, a system, or a network.</param>
    /// <param name="options">Weights, size, device.</param>
    /// <exception cref="UsageException">There is none of that name, or it cannot be done.</exception>
    public static T Open<T>(Verb verb, string name, AbilityOptions? options = null)
        where T : Session
    {
        var target = Abilities.Find(name)
            ?? throw new UsageException($"there is no run's folder, system or network '{name}'. {Abilities.Suggest(name)}".TrimEnd());
        return target.Open<T>(verb, options);
    }
}
