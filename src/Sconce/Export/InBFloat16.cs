using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Export;

/// <summary>A network whose weights are bfloat16 for the time being; its own come back.</summary>
internal sealed class InBFloat16 : IDisposable
{
    private readonly List<(Tensor Tensor, Tensor Data)> before;
    private bool restored;

    /// <summary>Converts the weights.</summary>
    /// <param name="module">The network.</param>
    /// <param name="channelsLast">Whether weights of four dimensions are laid out with channels innermost, as the processor's bfloat16 convolutions like it.</param>
    public InBFloat16(Module module, bool channelsLast = false)
    {
        before = [.. module.StateDict().Select(entry => entry.Tensor).Distinct().Select(tensor => (tensor, tensor.Detach()))];
        module.To(DType.BFloat16);
        if (channelsLast) module.To(MemoryFormat.ChannelsLast);
    }

    /// <summary>The function with floating-point inputs and results in float32 all the same, so that callers need not know.</summary>
    public ExportFunction Function(ExportFunction function) => function with
    {
        Run = inputs => [.. function.Run([.. inputs.Select(input => input.DType == DType.Float32 ? input.To(DType.BFloat16) : input)]).Select(result => result.DType == DType.BFloat16 ? result.To(DType.Float32) : result)],
    };

    public void Dispose()
    {
        if (restored) return;
        restored = true;
        foreach (var (tensor, data) in before) tensor.SetData(data);
    }
}
