using System.Numerics;
using System.Runtime.Intrinsics;

namespace Sconce.Maths.Distances;

/// <summary>What one pair of numbers adds to a distance, for one number and for a vector of them.</summary>
internal interface IPairKernel
{
    static abstract double Add(double sum, double a, double b);

    static abstract Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b);

    static abstract Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b);

    /// <summary>Puts two partial results together.</summary>
    static abstract double Join(double a, double b);

    static abstract Vector512<double> Join(Vector512<double> a, Vector512<double> b);

    static abstract Vector256<double> Join(Vector256<double> a, Vector256<double> b);
}

internal readonly struct SquaredDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + ((a - b) * (a - b));

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => sum + ((a - b) * (a - b));

    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) => sum + ((a - b) * (a - b));

    public static double Join(double a, double b) => a + b;

    public static Vector512<double> Join(Vector512<double> a, Vector512<double> b) => a + b;

    public static Vector256<double> Join(Vector256<double> a, Vector256<double> b) => a + b;
}

internal readonly struct AbsoluteDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + Math.Abs(a - b);

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => sum + Vector.Abs(a - b);

    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) => sum + Vector512.Abs(a - b);

    public static double Join(double a, double b) => a + b;

    public static Vector512<double> Join(Vector512<double> a, Vector512<double> b) => a + b;

    public static Vector256<double> Join(Vector256<double> a, Vector256<double> b) => a + b;
}

internal readonly struct LargestDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => Math.Max(sum, Math.Abs(a - b));

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => Vector.Max(sum, Vector.Abs(a - b));

    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) =>
        Vector512.Max(sum, Vector512.Abs(a - b));

    public static double Join(double a, double b) => Math.Max(a, b);

    public static Vector512<double> Join(Vector512<double> a, Vector512<double> b) => Vector512.Max(a, b);

    public static Vector256<double> Join(Vector256<double> a, Vector256<double> b) => Vector256.Max(a, b);
}

internal readonly struct CubedDifference : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + Math.Abs((a - b) * (a - b) * (a - b));

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) =>
        sum + Vector.Abs((a - b) * (a - b) * (a - b));

    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) =>
        sum + Vector512.Abs((a - b) * (a - b) * (a - b));

    public static double Join(double a, double b) => a + b;

    public static Vector512<double> Join(Vector512<double> a, Vector512<double> b) => a + b;

    public static Vector256<double> Join(Vector256<double> a, Vector256<double> b) => a + b;
}

internal readonly struct Unequal : IPairKernel
{
    public static double Add(double sum, double a, double b) => a.Equals(b) ? sum : sum + 1;

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) =>
        sum + Vector.ConditionalSelect(Vector.Equals(a, b), Vector<double>.Zero, Vector<double>.One);

    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) =>
        sum + Vector512.ConditionalSelect(Vector512.Equals(a, b), Vector512<double>.Zero, Vector512<double>.One);

    public static double Join(double a, double b) => a + b;

    public static Vector512<double> Join(Vector512<double> a, Vector512<double> b) => a + b;

    public static Vector256<double> Join(Vector256<double> a, Vector256<double> b) => a + b;
}

internal readonly struct Product : IPairKernel
{
    public static double Add(double sum, double a, double b) => sum + (a * b);

    public static Vector<double> Add(Vector<double> sum, Vector<double> a, Vector<double> b) => sum + (a * b);

    public static Vector512<double> Add(Vector512<double> sum, Vector512<double> a, Vector512<double> b) => sum + (a * b);

    public static double Join(double a, double b) => a + b;

    public static Vector512<double> Join(Vector512<double> a, Vector512<double> b) => a + b;

    public static Vector256<double> Join(Vector256<double> a, Vector256<double> b) => a + b;
}
