using Sconce.Catalogue;
using Sconce.Networks;
using Sconce.Server.Monitoring;
using Sconce.Torch;

namespace Sconce.Server.Serving;

/// <summary>Everything that is served, opened: each ability with its session, and each network for KServe's protocol.</summary>
internal sealed class ServedCatalogue : IDisposable
{
    private ServedCatalogue(IReadOnlyList<ServedAbility> abilities, IReadOnlyList<ServedNetwork> networks) =>
        (Abilities, Networks) = (abilities, networks);

    /// <summary>The abilities, in the order in which they were named.</summary>
    public IReadOnlyList<ServedAbility> Abilities { get; }

    /// <summary>The networks.</summary>
    public IReadOnlyList<ServedNetwork> Networks { get; }

    /// <summary>Opens all of them.</summary>
    /// <exception cref="UsageException">Two have one name, one has nothing to be asked, or weights are missing.</exception>
    public static ServedCatalogue Open(IReadOnlyList<Served> served, ServerSettings settings, ServerMeters meters,
        Action<string>? told = null)
    {
        if (served.Count == 0) throw new UsageException("nothing is served: name runs, networks or systems");
        if (served.GroupBy(one => one.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"two of them are called {twice.Key}: rename a folder, or serve them at two ports");
        var abilities = new List<ServedAbility>();
        var networks = new List<ServedNetwork>();
        try
        {
            foreach (var one in served) Open(one, settings, meters, abilities, networks, told);
            return new ServedCatalogue(abilities, networks);
        }
        catch
        {
            foreach (var ability in abilities) ability.Dispose();
            foreach (var network in networks) network.Dispose();
            throw;
        }
    }

    /// <summary>The ability at an address; null where there is none.</summary>
    public ServedAbility? Find(string verb, string name) =>
        Abilities.FirstOrDefault(one => one.Ability.Verb.Name == verb && one.Name == name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var ability in Abilities) ability.Dispose();
        foreach (var network in Networks) network.Dispose();
    }

    private static void Open(
        Served one,
        ServerSettings settings,
        ServerMeters meters,
        List<ServedAbility> abilities,
        List<ServedNetwork> networks,
        Action<string>? told)
    {
        var found = one.Target.Abilities.ToList();
        if (found.Count == 0) throw new UsageException($"{one.Name} has nothing to be asked");
        foreach (var ability in found)
        {
            // A verb that is done in two ways has one address: the first way's.
            if (abilities.Any(other => other.Name == one.Name && other.Ability.Verb == ability.Verb)) continue;
            var session = ability.OpenSession(Request(one, one.Target.NetworkFor(ability), ability.RunsNetwork, settings));
            var queue = new ServedAbility(one.Name, ability, session, settings, meters.Watcher(ability.Verb.Name, one.Name));
            abilities.Add(queue);
            meters.Depth(ability.Verb.Name, one.Name, () => queue.Queue.Count);
            told?.Invoke($"POST {queue.Path}: {ability.Purpose}");
        }

        if (ServedNetwork.TryOpen(one, settings, meters) is not { } network) return;
        networks.Add(network);
        told?.Invoke($"POST /v2/models/{one.Name}/infer: {string.Join(", ", network.InputShape)}");
    }

    /// <summary>What a session opens, where the server puts it.</summary>
    internal static CatalogueRequest Request(Served one, ModelVariant? network, bool runsNetwork, ServerSettings settings) =>
        new(one.Target, network, one.Weights)
        {
            Device = runsNetwork ? TorchRuntime.BestDevice : Device.Cpu,
            Size = one.Target.Run?.Size,
            Compiles = settings.Compile,
        };
}
