using System.Numerics;
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

    public static void Rows<T>(ReadOnlySpan<double> own, ReadOnlySpan<double> others, Span<double> results)
        where T : struct, IPairKernel
    {
        for (int k = 0; k < results.Length; k++) results[k] = Run<T>(own, others.Slice(k * own.Length, own.Length));
    }
}
