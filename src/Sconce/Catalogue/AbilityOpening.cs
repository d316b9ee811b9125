using Sconce.Abilities;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>How a session is opened from a program.</summary>
public sealed record AbilityOptions
{
    /// <summary>The checkpoint; null for a run's best.</summary>
    public string? Weights { get; init; }

    /// <summary>The side of pictures in pixels; null for the network's own.</summary>
    public int? Size { get; init; }

    /// <summary>The width and height of what is made, of abilities that make any size; null for the network's own.</summary>
    public (int Width, int Height)? Extent { get; init; }

    /// <summary>Where the network runs; null for the best device there is.</summary>
    public Device? Device { get; init; }

    /// <summary>Whether the network is compiled: slower to open, faster to ask.</summary>
    public bool Compiles { get; init; }

    /// <summary>Told how loading goes.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}

/// <summary>Opens abilities from a program: the sessions that the command asks.</summary>
public static class AbilityOpening
{
    /// <summary>Opens what a target does.</summary>
    /// <typeparam name="T">The session that is wanted, such as <see cref="ClassifierSession"/>.</typeparam>
    /// <param name="target">A system, a network or a run.</param>
    /// <param name="verb">What is to be done.</param>
    /// <param name="options">Weights, size, device.</param>
    /// <exception cref="UsageException">It cannot be done, or is done by another session.</exception>
    public static T Open<T>(this AbilityTarget target, Verb verb, AbilityOptions? options = null)
        where T : Session
    {
        ArgumentNullException.ThrowIfNull(target);
        var found = target.Abilities.Where(ability => ability.Verb == verb).ToList();
        foreach (var ability in found)
        {
            var session = target.Open(ability, options);
            if (session is T wanted) return wanted;
            session.Dispose();
        }

        throw new UsageException(found.Count == 0
            ? $"{target.Name} does not {verb}" : $"{target.Name} does not {verb} as a {typeof(T).Name}");
    }

    /// <summary>Opens one ability of a target.</summary>
    public static Session Open(this AbilityTarget target, Ability ability, AbilityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= new AbilityOptions();
        return ability.OpenSession(new CatalogueRequest(target, target.NetworkFor(ability), options.Weights)
        {
            Device = options.Device ?? (ability.RunsNetwork ? TorchRuntime.BestDevice : Device.Cpu),
            Size = options.Size ?? target.Run?.Size,
            Extent = options.Extent,
            Compiles = options.Compiles,
            Progress = options.Progress,
        });
    }

    /// <summary>A run that is not found by its folder: a network with a configuration.</summary>
    /// <param name="trained">The network.</param>
    /// <param name="system">Whose network it is.</param>
    /// <param name="method">How it was trained.</param>
    public static AbilityTarget Target(this TrainedNetwork trained, CatalogueSystem system, TrainingMethod method) =>
        new(trained.Variant.Name, system, trained.Variant) { Run = trained, Method = method };
}
