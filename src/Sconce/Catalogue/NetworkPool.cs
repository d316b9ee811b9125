using Sconce.Nn;

namespace Sconce.Catalogue;

/// <summary>
/// Networks that several sessions share: of one target with the same weights and size on one device there is one, however many ask for it.
/// Each owner disposes it as if it were its own; it is freed with the last, and with the pool.
/// </summary>
public sealed class NetworkPool : IDisposable
{
    private readonly Dictionary<string, Module> networks = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>How many different networks were loaded.</summary>
    public int Count
    {
        get
        {
            lock (gate) return networks.Count;
        }
    }

    /// <summary>A network, loaded where nobody has asked for it yet.</summary>
    /// <param name="key">Whatever it depends on.</param>
    /// <param name="load">Loads it.</param>
    internal T Take<T>(string key, Func<T> load)
        where T : Module
    {
        lock (gate)
        {
            if (networks.TryGetValue(key, out var known)) return known is T fitting ? (T)fitting.Retain() : load();
            var loaded = load();
            networks.Add(key, loaded);
            return (T)loaded.Retain();
        }
    }

    /// <summary>Lets them go: those who took one keep it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var network in networks.Values) network.Dispose();
            networks.Clear();
        }
    }
}
