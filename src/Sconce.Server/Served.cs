using Sconce.Catalogue;

namespace Sconce.Server;

/// <summary>Something that a server serves: a run, a network or a system, with its weights.</summary>
/// <param name="Target">Who is asked.</param>
/// <param name="Weights">The checkpoint; null for a run's best, or for what needs none.</param>
public sealed record Served(AbilityTarget Target, string? Weights = null)
{
    /// <summary>What it is called in addresses: a run by its folder's name.</summary>
    public string Name { get; init; } = Target.Run is null
        ? Target.Name
        : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Target.Name)));

    /// <summary>Whom a name means.</summary>
    /// <param name="systems">The catalogue.</param>
    /// <param name="name">A run's folder, a network or a system; with <c>=FILE</c>, its weights.</param>
    /// <exception cref="UsageException">It means nobody.</exception>
    public static Served Of(IReadOnlyList<CatalogueSystem> systems, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var registry = new AbilityRegistry(systems);
        int equals = name.IndexOf('=', StringComparison.Ordinal);
        string asked = equals < 0 ? name : name[..equals];
        var target = registry.Find(asked)
            ?? throw new UsageException($"there is no run, network or system '{asked}'. {registry.Suggest(asked)}".TrimEnd(' ', '.'));
        return new Served(target, equals < 0 ? null : name[(equals + 1)..]);
    }
}
