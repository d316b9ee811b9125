using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tests;

/// <summary>Opens an ability with a network that a test makes.</summary>
internal sealed class MadeRequest(Func<Module> make, params IReadOnlyList<Capability> capabilities) : OpenRequest
{
    public override string Name => "made";

    public override string NetworkName => "made";

    public override string Weights => "";

    public override IReadOnlyList<Capability> Capabilities => capabilities;

    /// <summary>The names of a run's classes; null for none.</summary>
    public IReadOnlyList<string>? OwnClasses { get; init; }

    public override IReadOnlyList<string>? Classes => OwnClasses;

    public override int Outputs => OwnClasses?.Count ?? 0;

    public override T Network<T>()
    {
        TorchRuntime.ManualSeed(7);
        var network = make();
        network.Eval();
        return (T)network;
    }

    public override Module<Tensor, Tensor> Features() => throw new NotSupportedException();
}
