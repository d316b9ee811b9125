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

    /// <summary>The abilities, in the order in which they were named; of several at one address the first, with the others.</summary>
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
            // While sessions are opened; afterwards each network is its sessions' alone.
            using var pool = new NetworkPool();
            foreach (var one in served) Open(one, settings, meters, abilities, networks, pool, told);
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
        NetworkPool pool,
        Action<string>? told)
    {
        var found = one.Target.Abilities.ToList();
        if (found.Count == 0) throw new UsageException($"{one.Name} has nothing to be asked");
        foreach (var ability in found)
        {
            var first = abilities.FirstOrDefault(other => other.Name == one.Name && other.Ability.Verb == ability.Verb);
            // Nobody could ask for the second of two that are asked alike.
            if (first?.Ways.Any(way => way.Ability.AskedBy == ability.AskedBy && way.Ability.Input == ability.Input) == true) continue;
            var asked = one.Target.NetworkFor(ability);
            // The weights are of the network that the first way takes: another's would not fit.
            if (first is not null && asked is not null && one.Target.NetworkFor(first.Ability) is { } taken && asked.Name != taken.Name)
                continue;
            bool isShared = asked is not null && ability.SharesNetwork(asked.Capabilities);
            var session = ability.OpenSession(Request(one, asked, ability.RunsNetwork, settings, isShared ? pool : null));
            var queue = new ServedAbility(one.Name, ability, session, settings, meters.Watcher(ability.Verb.Name, one.Name));
            string by = ability.AskedBy is { } word ? $" ({word})" : "";
            told?.Invoke($"POST {queue.Path}{by}: {ability.Purpose}");
            if (first is not null)
            {
                first.Others.Add(queue);
                continue;
            }

            abilities.Add(queue);
            meters.Depth(ability.Verb.Name, one.Name, () => queue.Ways.Sum(way => way.Queue.Count));
        }

        if (ServedNetwork.TryOpen(one, settings, meters, pool) is not { } network) return;
        networks.Add(network);
        told?.Invoke($"POST /v2/models/{one.Name}/infer: {string.Join(", ", network.InputShape)}");
    }

    /// <summary>What a session opens, where the server puts it.</summary>
    internal static CatalogueRequest Request(
        Served one, ModelVariant? network, bool runsNetwork, ServerSettings settings, NetworkPool? pool) =>
        new(one.Target, network, one.Weights)
        {
            Pool = pool,
            Device = runsNetwork ? TorchRuntime.BestDevice : Device.Cpu,
            Size = one.Target.Run?.Size,
            Compiles = settings.Compile,
        };
}
