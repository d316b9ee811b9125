using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>A network that answers faster once it was told that much will be asked.</summary>
public interface ICompilable
{
    /// <summary>From now on what is asked repeatedly is compiled; answers come off the tape, and weights must not change any
    /// more.</summary>
    void Compile();
}

/// <summary>
/// A part of a network whose pictures have any size, compiled for those that come again: frames of one camera have one size. A size is
/// compiled when it comes the second time running, two of them at most; all others run as they are. Several threads may call it.
/// </summary>
/// <param name="network">Whose weights the function reads.</param>
/// <param name="function">From pictures <c>(N, C, H, W)</c> to maps.</param>
public sealed class CompiledSizes(Module network, Func<Tensor, Tensor[]> function) : IDisposable
{
    private const int Most = 2;
    private readonly Lock sync = new();
    private readonly List<(long[] Shape, CompiledFunction? Form)> known = [];
    private long[] last = [];

    /// <summary>How many sizes are compiled.</summary>
    public int Compiled
    {
        get
        {
            lock (sync) return known.Count(size => size.Form is not null);
        }
    }

    /// <summary>The maps, in the scope around.</summary>
    public Tensor[] Call(Tensor pictures)
    {
        var compiled = pictures.Device.Type == DeviceType.Cpu && pictures.DType == DType.Float32 ? Form(pictures) : null;
        return compiled is null ? function(pictures) : compiled.Call(pictures);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, form) in known) form?.Dispose();
        known.Clear();
    }

    private CompiledFunction? Form(Tensor pictures)
    {
        lock (sync)
        {
            long[] shape = pictures.Shape.ToArray();
            foreach (var (size, form) in known)
            {
                if (size.AsSpan().SequenceEqual(shape)) return form;
            }

            bool again = last.AsSpan().SequenceEqual(shape);
            last = shape;
            if (!again || known.Count == Most) return null;
            CompiledFunction? made = null;
            try
            {
                made = CompiledFunction.Of(network, inputs => function(inputs[0]), pictures);
            }
            catch (TorchException)
            {
                // What cannot be had compiled runs as it is: slower, and as right.
            }

            known.Add((shape, made));
            return made;
        }
    }
}
