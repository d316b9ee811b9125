using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sconce.Maths.Distances;

/// <summary>Runs a kernel over pairs of rows.</summary>
internal static class PairKernels
{
    public static double Run<T>(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
        where T : struct, IPairKernel
    {
        if (AreWide(a)) return Wide<T>(a, b);
        var first = MemoryMarshal.Cast<double, Vector<double>>(a);
        var second = MemoryMarshal.Cast<double, Vector<double>>(b);
        Vector<double> even = Vector<double>.Zero, odd = Vector<double>.Zero;
        int k = 0;
        for (; k + 1 < first.Length; k += 2)
        {
            even = T.Add(even, first[k], second[k]);
            odd = T.Add(odd, first[k + 1], second[k + 1]);
        }

        if (k < first.Length) even = T.Add(even, first[k], second[k]);
        double sum = 0;
        for (int lane = 0; lane < Vector<double>.Count; lane++) sum = T.Join(sum, T.Join(even[lane], odd[lane]));
        for (int j = first.Length * Vector<double>.Count; j < a.Length; j++) sum = T.Add(sum, a[j], b[j]);
        return sum;
    }

    /// <summary>
    /// One row with each of several. Four at a time share the loads of the one and fill the processor's lanes; each figure is added up in
    /// the order of <see cref="Run"/>, so that it does not depend on its place.
    /// </summary>
    /// <param name="own">The one.</param>
    /// <param name="others">The several, each as long; what stands between them is passed over.</param>
    /// <param name="results">One a row of the others.</param>
    /// <param name="stride">From one of the others to the next; their length where left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> results, int stride = 0)
        where T : struct, IPairKernel
    {
        if (stride == 0) stride = own.Length;
        int k = 0;
        if (AreWide(own))
        {
            for (; k + 4 <= results.Length; k += 4)
                FourWide<T>(own, others.Slice(k * stride, (3 * stride) + own.Length), stride, results.Slice(k, 4));
        }
        else if (Vector<double>.Count == 4 && own.Length % (2 * Vector<double>.Count) == 0)
        {
            for (; k + 4 <= results.Length; k += 4)
                Four<T>(own, others.Slice(k * stride, (3 * stride) + own.Length), stride, results.Slice(k, 4));
        }

        for (; k < results.Length; k++) results[k] = Run<T>(own, others.Slice(k * stride, own.Length));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, int stride, Span<double> results)
        where T : struct, IPairKernel
    {
        ref double a = ref MemoryMarshal.GetReference(own), b = ref MemoryMarshal.GetReference(others);
        Vector<double> even0 = default, even1 = default, even2 = default, even3 = default;
        Vector<double> odd0 = default, odd1 = default, odd2 = default, odd3 = default;
        for (int k = 0; k < own.Length; k += 8) // both spans are whole: others hold four of own's length, a stride apart
        {
            Vector<double> first = At(ref a, k), second = At(ref a, k + 4);
            even0 = T.Add(even0, first, At(ref b, k));
            odd0 = T.Add(odd0, second, At(ref b, k + 4));
            even1 = T.Add(even1, first, At(ref b, stride + k));
            odd1 = T.Add(odd1, second, At(ref b, stride + k + 4));
            even2 = T.Add(even2, first, At(ref b, (2 * stride) + k));
            odd2 = T.Add(odd2, second, At(ref b, (2 * stride) + k + 4));
            even3 = T.Add(even3, first, At(ref b, (3 * stride) + k));
            odd3 = T.Add(odd3, second, At(ref b, (3 * stride) + k + 4));
        }

        results[0] = Joined<T>(even0, odd0);
        results[1] = Joined<T>(even1, odd1);
        results[2] = Joined<T>(even2, odd2);
        results[3] = Joined<T>(even3, odd3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> At(ref double start, int place) => Vector.LoadUnsafe(ref start, (nuint)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Joined<T>(Vector<double> even, Vector<double> odd)
        where T : struct, IPairKernel
    {
        double sum = 0;
        for (int lane = 0; lane < 4; lane++) sum = T.Join(sum, T.Join(even[lane], odd[lane]));
        return sum;
    }

    /// <summary>Whether rows are whole pairs of vectors of 512 bits, on a processor that is faster with them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreWide(ReadOnlySpan<double> own) =>
        Vector512.IsHardwareAccelerated && own.Length % (2 * Vector512<double>.Count) == 0;

    private static double Wide<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> other)
        where T : struct, IPairKernel
    {
        ref double a = ref MemoryMarshal.GetReference(own), b = ref MemoryMarshal.GetReference(other[..own.Length]);
        Vector512<double> even = default, odd = default;
        for (int k = 0; k < own.Length; k += 16)
        {
            even = T.Add(even, WideAt(ref a, k), WideAt(ref b, k));
            odd = T.Add(odd, WideAt(ref a, k + 8), WideAt(ref b, k + 8));
        }

        return Joined<T>(even, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourWide<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, int stride, Span<double> results)
        where T : struct, IPairKernel
    {
        ref double a = ref MemoryMarshal.GetReference(own), b = ref MemoryMarshal.GetReference(others);
        Vector512<double> even0 = default, even1 = default, even2 = default, even3 = default;
        Vector512<double> odd0 = default, odd1 = default, odd2 = default, odd3 = default;
        for (int k = 0; k < own.Length; k += 16) // both spans are whole: others hold four of own's length, a stride apart
        {
            Vector512<double> first = WideAt(ref a, k), second = WideAt(ref a, k + 8);
            even0 = T.Add(even0, first, WideAt(ref b, k));
            odd0 = T.Add(odd0, second, WideAt(ref b, k + 8));
            even1 = T.Add(even1, first, WideAt(ref b, stride + k));
            odd1 = T.Add(odd1, second, WideAt(ref b, stride + k + 8));
            even2 = T.Add(even2, first, WideAt(ref b, (2 * stride) + k));
            odd2 = T.Add(odd2, second, WideAt(ref b, (2 * stride) + k + 8));
            even3 = T.Add(even3, first, WideAt(ref b, (3 * stride) + k));
            odd3 = T.Add(odd3, second, WideAt(ref b, (3 * stride) + k + 8));
        }

        results[0] = Joined<T>(even0, odd0);
        results[1] = Joined<T>(even1, odd1);
        results[2] = Joined<T>(even2, odd2);
        results[3] = Joined<T>(even3, odd3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> WideAt(ref double start, int place) => Vector512.LoadUnsafe(ref start, (nuint)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Joined<T>(Vector512<double> even, Vector512<double> odd)
        where T : struct, IPairKernel
    {
        var both = T.Join(even, odd);
        var half = T.Join(both.GetLower(), both.GetUpper());
        return T.Join(T.Join(half[0], half[2]), T.Join(half[1], half[3]));
    }
}
