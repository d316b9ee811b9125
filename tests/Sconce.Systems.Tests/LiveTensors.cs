using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Tests that count the process's live tensors, or seed its generator, run with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveTensors
{
    public const string Name = "Live tensors";
}
