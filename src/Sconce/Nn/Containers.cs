using System.Collections;
using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// Modules one after the other: <c>new Sequential(a, b)</c> has the keys 0, 1; <c>new Sequential { ["fc"] = a }</c> has its own.
/// What lies between two of them is freed as soon as the next has read it.
/// </summary>
public sealed class Sequential : Module<Tensor, Tensor>, IEnumerable<Module<Tensor, Tensor>>
{
    private readonly List<(string Key, Module<Tensor, Tensor> Module)> modules = [];

    /// <summary>Modules under the keys 0, 1, 2 …; one that is itself a <see cref="Sequential"/> is the module 0, not its modules.</summary>
    public Sequential(params IEnumerable<Module<Tensor, Tensor>> modules)
    {
        // The compiler takes a single Sequential for the enumeration that it also is.
        foreach (var module in modules is Module<Tensor, Tensor> only ? [only] : modules) Add(module);
    }

    /// <summary>How many there are.</summary>
    public int Count => modules.Count;

    /// <summary>The module at that place.</summary>
    public Module<Tensor, Tensor> this[int index] => modules[index].Module;

    /// <summary>The module of that key; setting appends a new one.</summary>
    public new Module<Tensor, Tensor> this[string key]
    {
        get => modules.Find(entry => entry.Key == key).Module
            ?? throw new KeyNotFoundException($"no module '{key}': there are {string.Join(", ", modules.Select(entry => entry.Key))}");
        set
        {
            if (modules.Exists(entry => entry.Key == key)) throw new ArgumentException($"two modules have the key '{key}'");
            modules.Add((key, value));
        }
    }

    /// <summary>Appends a module under the next number.</summary>
    public void Add(Module<Tensor, Tensor> module) => this[modules.Count.ToString()] = module;

    /// <inheritdoc/>
    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => modules.Select(entry => entry.Module).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var (key, module) in modules) visitor.Child(key, module);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        var x = input;
        foreach (var (_, module) in modules)
        {
            var next = module.Call(x);
            if (!ReferenceEquals(x, input) && !ReferenceEquals(x, next)) x.Dispose();
            x = next;
        }

        return x;
    }
}

/// <summary>Modules of one kind under the keys 0, 1, 2 …; whoever holds the list decides how they are called.</summary>
public sealed class ModuleList<T> : Module, IReadOnlyList<T>
    where T : Module
{
    private readonly List<T> modules;
    private readonly int firstKey;

    /// <summary>Holds the modules.</summary>
    public ModuleList(params IEnumerable<T> modules)
        : this(0, modules)
    {
    }

    /// <summary>Holds the modules under keys that begin at another number than 0.</summary>
    public ModuleList(int firstKey, IEnumerable<T> modules)
    {
        this.firstKey = firstKey;
        this.modules = modules is T only ? [only] : [.. modules];
    }

    /// <inheritdoc/>
    public int Count => modules.Count;

    /// <inheritdoc/>
    public T this[int index] => modules[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < modules.Count; k++) visitor.Child((firstKey + k).ToString(), modules[k]);
    }
}

/// <summary>Modules of one kind under keys of their own, in the order in which they were added.</summary>
public sealed class ModuleDictionary<T> : Module, IEnumerable<KeyValuePair<string, T>>
    where T : Module
{
    private readonly List<KeyValuePair<string, T>> modules = [];

    /// <summary>How many there are.</summary>
    public int Count => modules.Count;

    /// <summary>The module of that key; setting appends a new one.</summary>
    public new T this[string key]
    {
        get => modules.Find(entry => entry.Key == key).Value
            ?? throw new KeyNotFoundException($"no module '{key}': there are {string.Join(", ", modules.Select(entry => entry.Key))}");
        set
        {
            if (modules.Exists(entry => entry.Key == key)) throw new ArgumentException($"two modules have the key '{key}'");
            modules.Add(new(key, value));
        }
    }

    /// <summary>Appends a module.</summary>
    public void Add(string key, T module) => this[key] = module;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var (key, module) in modules) visitor.Child(key, module);
    }
}
