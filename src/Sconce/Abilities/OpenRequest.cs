using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>What an ability opens: a network of the catalogue with weights, or what a person trained. It is asked for what the ability
/// needs.</summary>
public abstract class OpenRequest
{
    /// <summary>The network's or the run's name, for errors and notes.</summary>
    public abstract string Name { get; }

    /// <summary>The network's name in the catalogue; empty for a method without one.</summary>
    public abstract string NetworkName { get; }

    /// <summary>The checkpoint's path.</summary>
    /// <exception cref="UsageException">None was named.</exception>
    public abstract string Weights { get; }

    /// <summary>Whether a checkpoint was named, or a run has one; abilities that need none ask before they look.</summary>
    public virtual bool HasWeights => true;

    /// <summary>What the network says of itself.</summary>
    public abstract IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>The names of a run's own classes; null for the official ones.</summary>
    public abstract IReadOnlyList<string>? Classes { get; }

    /// <summary>The side of pictures in pixels that was asked for, or that a run was trained at; null for the network's own.</summary>
    public int? Size { get; init; }

    /// <summary>The width and height that were asked for of what is made, of abilities that say so; null for the network's own.</summary>
    public (int Width, int Height)? Extent { get; init; }

    /// <summary>Where the network runs.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>Whether so much will be asked that compiling pays.</summary>
    public bool Compiles { get; init; }

    /// <summary>Told how loading goes.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>The capability of a kind.</summary>
    /// <exception cref="UsageException">The network does not have it.</exception>
    public T Get<T>()
        where T : Capability => Capabilities.Get<T>(Name);

    /// <summary>How many classes the weights were made for.</summary>
    public abstract int Outputs { get; }

    /// <summary>The network with its weights, in evaluation, on the device; whoever asks disposes it.</summary>
    /// <typeparam name="T">How it is called.</typeparam>
    /// <exception cref="UsageException">It is called otherwise, or no weights were named.</exception>
    public abstract T Network<T>()
        where T : Module;

    /// <summary>The network without its classifier, <c>(N, 3, H, W) -> (N, width)</c>; whoever asks disposes it.</summary>
    /// <exception cref="UsageException">It has no features of whole pictures.</exception>
    public abstract Module<Tensor, Tensor> Features();
}
