using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sconce.Maths.Distances;

/// <summary>Runs a kernel over pairs of rows.</summary>
internal static class PairKernels
{
    public static double Run<TKernel>(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
        where TKernel : struct, IPairKernel =>
        AreWide(a) ? Run<TKernel, EightLanes>(a, b[..a.Length]) : Run<TKernel, FourLanes>(a, b[..a.Length]);

    /// <summary>
    /// One row with each of several. Four at a time share the loads of the one and fill the processor's lanes; each figure is added up in
    /// the order of <see cref="Run{TKernel}"/>, so that it does not depend on its place.
    /// </summary>
    /// <param name="own">The one.</param>
    /// <param name="others">The several, each as long; what stands between them is passed over.</param>
    /// <param name="results">One a row of the others.</param>
    /// <param name="stride">From one of the others to the next; their length where left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<TKernel>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> results, int stride = 0)
        where TKernel : struct, IPairKernel
    {
        if (stride == 0) stride = own.Length;
        int k = 0;
        if (AreWide(own))
        {
            for (; k + 4 <= results.Length; k += 4)
                Four<TKernel, EightLanes>(own, others.Slice(k * stride, (3 * stride) + own.Length), stride, results.Slice(k, 4));
        }
        else if (Vector256.IsHardwareAccelerated && own.Length % (2 * FourLanes.Count) == 0)
        {
            for (; k + 4 <= results.Length; k += 4)
                Four<TKernel, FourLanes>(own, others.Slice(k * stride, (3 * stride) + own.Length), stride, results.Slice(k, 4));
        }

        for (; k < results.Length; k++) results[k] = Run<TKernel>(own, others.Slice(k * stride, own.Length));
    }

    /// <summary>Whether rows are whole pairs of vectors of 512 bits, on a processor that is faster with them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreWide(ReadOnlySpan<double> own) =>
        Vector512.IsHardwareAccelerated && own.Length % (2 * EightLanes.Count) == 0;

    private static double Run<TKernel, T>(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
        where TKernel : struct, IPairKernel
        where T : struct, ILanes<T>
    {
        ref double a = ref MemoryMarshal.GetReference(first), b = ref MemoryMarshal.GetReference(second);
        T even = default, odd = default;
        int k = 0;
        for (; k + (2 * T.Count) <= first.Length; k += 2 * T.Count)
        {
            even = TKernel.Add(even, T.Load(ref a, k), T.Load(ref b, k));
            odd = TKernel.Add(odd, T.Load(ref a, k + T.Count), T.Load(ref b, k + T.Count));
        }

        if (k + T.Count <= first.Length)
        {
            even = TKernel.Add(even, T.Load(ref a, k), T.Load(ref b, k));
            k += T.Count;
        }

        var sum = new OneLane(T.Joined<TKernel>(even, odd));
        for (; k < first.Length; k++) sum = TKernel.Add(sum, OneLane.Load(ref a, k), OneLane.Load(ref b, k));
        return sum.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TKernel, T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, int stride, Span<double> results)
        where TKernel : struct, IPairKernel
        where T : struct, ILanes<T>
    {
        ref double a = ref MemoryMarshal.GetReference(own), b = ref MemoryMarshal.GetReference(others);
        T even0 = default, even1 = default, even2 = default, even3 = default;
        T odd0 = default, odd1 = default, odd2 = default, odd3 = default;
        for (int k = 0; k < own.Length; k += 2 * T.Count) // both spans are whole: others hold four of own's length, a stride apart
        {
            int next = k + T.Count;
            T first = T.Load(ref a, k), second = T.Load(ref a, next);
            even0 = TKernel.Add(even0, first, T.Load(ref b, k));
            odd0 = TKernel.Add(odd0, second, T.Load(ref b, next));
            even1 = TKernel.Add(even1, first, T.Load(ref b, stride + k));
            odd1 = TKernel.Add(odd1, second, T.Load(ref b, stride + next));
            even2 = TKernel.Add(even2, first, T.Load(ref b, (2 * stride) + k));
            odd2 = TKernel.Add(odd2, second, T.Load(ref b, (2 * stride) + next));
            even3 = TKernel.Add(even3, first, T.Load(ref b, (3 * stride) + k));
            odd3 = TKernel.Add(odd3, second, T.Load(ref b, (3 * stride) + next));
        }

        results[0] = T.Joined<TKernel>(even0, odd0);
        results[1] = T.Joined<TKernel>(even1, odd1);
        results[2] = T.Joined<TKernel>(even2, odd2);
        results[3] = T.Joined<TKernel>(even3, odd3);
    }
}
