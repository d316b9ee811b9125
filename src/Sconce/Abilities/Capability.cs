namespace Sconce.Abilities;

/// <summary>What a network can do, by its own word; what can be done with it follows.</summary>
public abstract record Capability;

/// <summary>Asks lists of capabilities for one of a kind.</summary>
public static class CapabilitySearch
{
    /// <summary>The first of a kind; null where there is none.</summary>
    /// <typeparam name="T">A capability, or what several of them have in common, such as <see cref="IHasClasses"/>.</typeparam>
    /// <param name="network">What a network says of itself.</param>
    public static T? Find<T>(this IReadOnlyList<Capability> network)
        where T : class => network.OfType<T>().FirstOrDefault();

    /// <summary>Whether there is one of a kind.</summary>
    /// <typeparam name="T">As for <see cref="Find{T}"/>.</typeparam>
    /// <param name="network">What a network says of itself.</param>
    public static bool Has<T>(this IReadOnlyList<Capability> network)
        where T : class => network.OfType<T>().Any();

    /// <summary>The first of a kind, which must be there.</summary>
    /// <typeparam name="T">A capability.</typeparam>
    /// <param name="network">What a network says of itself.</param>
    /// <param name="name">The network's, for the error.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static T Get<T>(this IReadOnlyList<Capability> network, string name)
        where T : Capability => network.Find<T>()
        ?? throw new UsageException($"{name} is no {Plain(typeof(T).Name)}: it is {Words(network)}");

    private static string Words(IReadOnlyList<Capability> network) => network.Count == 0
        ? "called in a way of its own" : string.Join(", ", network.Select(known => Plain(known.GetType().Name)));

    // ImageClassifier: image classifier
    private static string Plain(string name) =>
        string.Concat(name.Select((c, k) => char.IsUpper(c) ? $"{(k > 0 ? " " : "")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
