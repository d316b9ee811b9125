using System.Runtime.CompilerServices;

namespace Sconce.Weights;

/// <summary>Copies strided elements into row-major order.</summary>
internal static unsafe class StridedCopy
{
    public static bool IsContiguous(IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        long expected = 1;
        for (var i = shape.Count - 1; i >= 0; i--)
        {
            if (shape[i] == 0)
                return true;
            if (shape[i] != 1 && strides[i] != expected)
                return false;
            expected = unchecked(expected * shape[i]);
        }
        return true;
    }

    /// <param name="source">The first element.</param>
    /// <param name="destination">Room for every element.</param>
    /// <param name="width">Bytes of an element: 1, 2, 4, 8 or 16.</param>
    /// <param name="shape">Dimensions, none of them zero.</param>
    /// <param name="strides">In elements.</param>
    public static void Copy(byte* source, byte* destination, int width, IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        var (sizes, steps) = Merge(shape, strides);
        if (sizes.Length == 1 && steps[0] == 1)
        {
            Buffer.MemoryCopy(source, destination, sizes[0] * width, sizes[0] * width);
            return;
        }
        switch (width)
        {
            case 1: Copy<byte>(source, destination, sizes, steps); break;
            case 2: Copy<ushort>(source, destination, sizes, steps); break;
            case 4: Copy<uint>(source, destination, sizes, steps); break;
            case 8: Copy<ulong>(source, destination, sizes, steps); break;
            case 16: Copy<UInt128>(source, destination, sizes, steps); break;
            default: throw new ArgumentOutOfRangeException(nameof(width), width, "elements have 1, 2, 4, 8 or 16 bytes");
        }
    }

    static void Copy<T>(byte* source, byte* destination, long[] sizes, long[] steps) where T : unmanaged
    {
        var inner = sizes.Length - 1;
        var index = new long[sizes.Length];
        long at = 0;
        while (true)
        {
            if (steps[inner] == 1)
            {
                Buffer.MemoryCopy(source + at * sizeof(T), destination, sizes[inner] * sizeof(T), sizes[inner] * sizeof(T));
                destination += sizes[inner] * sizeof(T);
            }
            else
            {
                var from = source + at * sizeof(T);
                var step = steps[inner] * sizeof(T);
                for (long i = 0; i < sizes[inner]; i++, from += step, destination += sizeof(T))
                    Unsafe.WriteUnaligned(destination, Unsafe.ReadUnaligned<T>(from));
            }
            var d = inner - 1;
            for (; d >= 0; d--)
            {
                at += steps[d];
                if (++index[d] < sizes[d])
                    break;
                at -= sizes[d] * steps[d];
                index[d] = 0;
            }
            if (d < 0)
                return;
        }
    }

    /// <summary>Drops dimensions of one element and joins neighbours that lie without gaps.</summary>
    static (long[] Sizes, long[] Steps) Merge(IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        List<long> sizes = [], steps = [];
        for (var i = 0; i < shape.Count; i++)
        {
            if (shape[i] == 1)
                continue;
            if (sizes.Count > 0 && steps[^1] == shape[i] * strides[i])
            {
                sizes[^1] *= shape[i];
                steps[^1] = strides[i];
            }
            else
            {
                sizes.Add(shape[i]);
                steps.Add(strides[i]);
            }
        }
        return sizes.Count == 0 ? ([1], [1]) : (sizes.ToArray(), steps.ToArray());
    }
}
