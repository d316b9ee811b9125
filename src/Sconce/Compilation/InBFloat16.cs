using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>A network whose weights are bfloat16 for the time being; its own come back.</summary>
internal sealed class InBFloat16 : IDisposable
{
    private readonly List<(Tensor Tensor, Tensor Data)> before;
    private bool restored;

    /// <summary>Converts the weights.</summary>
    /// <param name="module">The network.</param>
    /// <param name="channelsLast">Whether weights of four dimensions are laid out with channels innermost, as the processor's bfloat16
    /// convolutions like it.</param>
    public InBFloat16(Module module, bool channelsLast = false)
    {
        before = [.. module.StateDict().Select(entry => entry.Tensor).Distinct().Select(tensor => (tensor, tensor.Detach()))];
        module.To(DType.BFloat16);
        if (channelsLast) module.To(MemoryFormat.ChannelsLast);
    }

    public void Dispose()
    {
        if (restored) return;
        restored = true;
        foreach (var (tensor, data) in before) tensor.SetData(data);
    }
}
