using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Tests that count the process's live tensors, or seed its generator, run with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveTensors
{
    public const string Name = "Live tensors";

    /// <summary>Tensors alive now, without what earlier tests dropped and the collector has yet to find.</summary>
    public static long Count
    {
        get
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return TensorDiagnostics.Live;
        }
    }
}
