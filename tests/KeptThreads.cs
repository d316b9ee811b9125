using Sconce.Torch;

namespace Sconce.Tests.Common;

/// <summary>Gives libtorch back the number of threads that it had when this began.</summary>
internal sealed class KeptThreads : IDisposable
{
    private readonly int before = TorchRuntime.Threads;

    public void Dispose() => TorchRuntime.Threads = before;
}
