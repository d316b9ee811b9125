using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Maths.Distances;

/// <summary>What one pair of numbers adds to a distance, for one number and for a vector of them.</summary>
internal interface IPairKernel
{
    static abstract double Add(double sum, double a, double b);

    static abstract Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b);

    /// <summary>Puts two partial results together.</summary>
    static abstract double Join(double a, double b);
}

internal readonly struct SquaredDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + ((a - b) * (a - b));

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => sum + ((a - b) * (a - b));

    public static double Join(double a, double b) => a + b;
}

internal readonly struct AbsoluteDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + Math.Abs(a - b);

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => sum + Vector.Abs(a - b);

    public static double Join(double a, double b) => a + b;
}

internal readonly struct LargestDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => Math.Max(sum, Math.Abs(a - b));

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => Vector.Max(sum, Vector.Abs(a - b));

    public static double Join(double a, double b) => Math.Max(a, b);
}

internal readonly struct CubedDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + Math.Abs((a - b) * (a - b) * (a - b));

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) =>
        sum + Vector.Abs((a - b) * (a - b) * (a - b));

    public static double Join(double a, double b) => a + b;
}

internal readonly struct Unequal : IPairKernel
{
    public static double Add(double sum, double a, double b) => a.Equals(b) ? sum : sum + 1;

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) =>
        sum + Vector.ConditionalSelect(Vector.Equals(a, b), Vector<double>.Zero, Vector<double>.One);

    public static double Join(double a, double b) => a + b;
}

internal readonly struct Product : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + (a * b);

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => sum + (a * b);

    public static double Join(double a, double b) => a + b;
}

/// <summary>Runs a kernel over pairs of rows.</summary>
internal static class PairKernels
{
    public static double Run<T>(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
        where T : struct, IPairKernel
    {
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
    public static void Rows<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> results)
        where T : struct, IPairKernel
    {
        int k = 0;
        if (Vector<double>.Count == 4 && own.Length % (2 * Vector<double>.Count) == 0)
        {
            for (; k + 4 <= results.Length; k += 4) Four<T>(own, others.Slice(k * own.Length, 4 * own.Length), results.Slice(k, 4));
        }

        for (; k < results.Length; k++) results[k] = Run<T>(own, others.Slice(k * own.Length, own.Length));
    }

    private static void Four<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> results)
        where T : struct, IPairKernel
    {
        int width = own.Length;
        ref double a = ref MemoryMarshal.GetReference(own), b = ref MemoryMarshal.GetReference(others);
        Vector<double> even0 = default, even1 = default, even2 = default, even3 = default;
        Vector<double> odd0 = default, odd1 = default, odd2 = default, odd3 = default;
        for (int k = 0; k < width; k += 8) // both spans are whole: own has this width, others four times it
        {
            Vector<double> first = At(ref a, k), second = At(ref a, k + 4);
            even0 = T.Add(even0, first, At(ref b, k));
            odd0 = T.Add(odd0, second, At(ref b, k + 4));
            even1 = T.Add(even1, first, At(ref b, width + k));
            odd1 = T.Add(odd1, second, At(ref b, width + k + 4));
            even2 = T.Add(even2, first, At(ref b, (2 * width) + k));
            odd2 = T.Add(odd2, second, At(ref b, (2 * width) + k + 4));
            even3 = T.Add(even3, first, At(ref b, (3 * width) + k));
            odd3 = T.Add(odd3, second, At(ref b, (3 * width) + k + 4));
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
}
