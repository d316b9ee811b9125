using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Networks;

/// <summary>One network under the name that its official weights have.</summary>
/// <param name="Name">Such as <c>vit_base_patch16_224</c>.</param>
/// <param name="Description">A few words: size, data, what differs.</param>
/// <param name="Create">Builds it, with initial weights.</param>
public sealed record ModelVariant(string Name, string Description, Func<ModelOptions, Module> Create)
{
    /// <summary>Parameters of the official configuration, where they are known (0 otherwise).</summary>
    public long Parameters { get; init; }

    /// <summary>What it takes and what it can do; what can be done with it follows.</summary>
    public IReadOnlyList<Capability> Capabilities { get; init; } = [];

    /// <summary>Where its official weights are published; empty where they are not, or not known here.</summary>
    public IReadOnlyList<OfficialWeights> Weights { get; init; } = [];

    /// <summary>Loads a checkpoint into it, in whatever form its authors publish: by default by name, with every misfit reported.</summary>
    public Action<Module, string> Load { get; init; } = static (module, path) => ModelWeights.Load(module, path);

    /// <summary>Builds it for a checkpoint whose own sizes decide; null where the name says all. The options hold what else is
    /// known.</summary>
    public Func<string, ModelOptions, Module>? CreateFor { get; init; }

    /// <summary>What it says of one kind; null where it says nothing.</summary>
    /// <typeparam name="T">A capability, or what several of them have in common, such as <see cref="IHasClasses"/>.</typeparam>
    public T? Find<T>()
        where T : class => Capabilities.Find<T>();

    /// <summary>Whether it says something of one kind.</summary>
    /// <typeparam name="T">As for <see cref="Find{T}"/>.</typeparam>
    public bool Has<T>()
        where T : class => Capabilities.Has<T>();

    /// <summary>What it says of one kind.</summary>
    /// <typeparam name="T">A capability, such as <see cref="ImageClassifier"/>.</typeparam>
    /// <exception cref="UsageException">It says nothing.</exception>
    public T Get<T>()
        where T : Capability => Capabilities.Get<T>(Name);

    /// <summary>The same with one more capability, in place of its own of that kind.</summary>
    /// <param name="capability">Such as a classifier whose preprocessing a file says.</param>
    public ModelVariant With(Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        bool IsOfKind(Capability known) => known.GetType() == capability.GetType();
        return this with
        {
            Capabilities = Capabilities.Any(IsOfKind)
                ? [.. Capabilities.Select(known => IsOfKind(known) ? capability : known)] : [.. Capabilities, capability],
        };
    }

    /// <summary>Builds it with initial numbers, for what a person asked.</summary>
    /// <param name="options">Such as another size of pictures.</param>
    /// <exception cref="SettingsException">It cannot be built for pictures of that size.</exception>
    public Module Built(ModelOptions options)
    {
        try
        {
            return Create(options);
        }
        catch (ArgumentException fault) when (options.ImageSize is not null)
        {
            string said = fault.Message.Split(" (Parameter")[0];
            throw new SettingsException("size", called => $"{called} {options.ImageSize}: {Name} cannot be built for it: {said}");
        }
    }

    /// <summary>Builds it around a checkpoint, in evaluation: no initial numbers are drawn, and nothing is left where the checkpoint does
    /// not fit.</summary>
    /// <typeparam name="T">What its user calls.</typeparam>
    /// <param name="weights">A checkpoint's path.</param>
    /// <param name="options">Such as another number of classes.</param>
    /// <exception cref="UsageException">The network is called otherwise.</exception>
    /// <exception cref="CheckpointException">The checkpoint does not fit.</exception>
    public T CreateTrained<T>(string weights, ModelOptions options)
        where T : Module
    {
        Module built;
        using (Init.Skipped()) built = CreateFor is { } create ? create(weights, options) : Built(options);
        try
        {
            var network = built as T ?? throw new UsageException(
                $"{Name} is a {built.GetType().Name}, which cannot be used so: it is no network from one tensor to another");
            Load(network, weights);
            network.Eval();
            return network;
        }
        catch
        {
            built.Dispose();
            throw;
        }
    }
}
