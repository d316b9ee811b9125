using System.Runtime.CompilerServices;

namespace Sconce.Maths.Distances;

/// <summary>What one pair of numbers adds to a distance, for one number and for several side by side.</summary>
internal interface IPairKernel
{
    static abstract T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T>;

    /// <summary>Puts two partial results together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static virtual T Join<T>(T a, T b)
        where T : struct, ILanes<T> => a + b;
}

internal readonly struct SquaredDifference : IPairKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T> => sum + ((a - b) * (a - b));
}

internal readonly struct AbsoluteDifference : IPairKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T> => sum + T.Abs(a - b);
}

internal readonly struct LargestDifference : IPairKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T> => T.Max(sum, T.Abs(a - b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Join<T>(T a, T b)
        where T : struct, ILanes<T> => T.Max(a, b);
}

internal readonly struct CubedDifference : IPairKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T> => sum + T.Abs((a - b) * (a - b) * (a - b));
}

internal readonly struct Unequal : IPairKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T> => sum + T.Unequal(a, b);
}

internal readonly struct Product : IPairKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T sum, T a, T b)
        where T : struct, ILanes<T> => sum + (a * b);
}
