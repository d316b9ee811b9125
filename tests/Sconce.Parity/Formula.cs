using System.Text;
using Sconce.Torch;

namespace Sconce.Parity;

/// <summary>The counter-based generator of the cases' README: every number follows from a key and a place.</summary>
internal static class Formula
{
    /// <summary>u(key, index) in [-1, 1).</summary>
    internal static double Unit(ulong hash, long index) => ((Mix(hash, index) >> 40) / 8388608.0) - 1;

    /// <summary>FNV-1a of the key.</summary>
    internal static ulong Hash(string key)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(key)) hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }

    /// <summary>Fills a contiguous float32 tensor with mean + amp · u.</summary>
    internal static unsafe void Fill(Tensor tensor, string key, double mean, double amp)
    {
        ulong hash = Hash(key);
        var data = (float*)tensor.Data;
        const long chunk = 1 << 18;
        long count = tensor.Elements;
        Parallel.For(0, (int)((count + chunk - 1) / chunk), part =>
        {
            long end = Math.Min(count, (part + 1) * chunk);
            for (long i = part * chunk; i < end; i++) data[i] = (float)(mean + (amp * Unit(hash, i)));
        });
    }

    /// <summary>Floats of that shape.</summary>
    internal static Tensor Floats(string key, ReadOnlySpan<long> shape, double mean = 0, double amp = 1)
    {
        var tensor = Tensor.Empty(shape, DType.Float32);
        Fill(tensor, key, mean, amp);
        return tensor;
    }

    /// <summary>Integers below a bound.</summary>
    internal static Tensor Integers(string key, ReadOnlySpan<long> shape, long below)
    {
        ulong hash = Hash(key);
        long count = 1;
        foreach (long size in shape) count *= size;
        var data = new long[count];
        for (long i = 0; i < count; i++) data[i] = (long)((Mix(hash, i) >> 40) % (ulong)below);
        return Tensor.From(data, shape.IsEmpty ? [] : shape).Reshape(shape);
    }

    private static ulong Mix(ulong hash, long index)
    {
        ulong x = hash + ((ulong)(index + 1) * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
