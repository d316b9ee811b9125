using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sconce.Maths.Distances;

/// <summary>Some numbers side by side, as many as the processor adds at once: a kernel is written once, for all widths.</summary>
internal interface ILanes<T> : IAdditionOperators<T, T, T>, ISubtractionOperators<T, T, T>, IMultiplyOperators<T, T, T>
    where T : struct, ILanes<T>
{
    /// <summary>How many.</summary>
    static abstract int Count { get; }

    /// <summary>Those from a place on.</summary>
    static abstract T Load(ref double start, int place);

    static abstract T Abs(T x);

    static abstract T Max(T a, T b);

    /// <summary>1 where two numbers differ, else 0.</summary>
    static abstract T Unequal(T a, T b);

    /// <summary>The partial results of two such groups in one number, always in the same order.</summary>
    static abstract double Joined<TKernel>(T even, T odd)
        where TKernel : struct, IPairKernel;
}

// All is inlined by order: a loop over four rows is more than the compiler would inline by itself, and then takes twice as long.

/// <summary>One number.</summary>
internal readonly struct OneLane(double value) : ILanes<OneLane>
{
    public double Value => value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane operator +(OneLane a, OneLane b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane operator -(OneLane a, OneLane b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane operator *(OneLane a, OneLane b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane Load(ref double start, int place) => new(Unsafe.Add(ref start, place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane Abs(OneLane x) => new(Math.Abs(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane Max(OneLane a, OneLane b) => new(Math.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneLane Unequal(OneLane a, OneLane b) => new(a.Value.Equals(b.Value) ? 0 : 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Joined<TKernel>(OneLane even, OneLane odd)
        where TKernel : struct, IPairKernel => TKernel.Join(even, odd).Value;
}

/// <summary>Four numbers: halves of eight, while they are joined.</summary>
internal readonly struct FourLanes(Vector256<double> value) : ILanes<FourLanes>
{
    public Vector256<double> Value => value;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator +(FourLanes a, FourLanes b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator -(FourLanes a, FourLanes b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator *(FourLanes a, FourLanes b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Load(ref double start, int place) => new(Vector256.LoadUnsafe(ref start, (nuint)place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Abs(FourLanes x) => new(Vector256.Abs(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Max(FourLanes a, FourLanes b) => new(Vector256.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Unequal(FourLanes a, FourLanes b) => new(
        Vector256.ConditionalSelect(Vector256.Equals(a.Value, b.Value), Vector256<double>.Zero, Vector256<double>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Joined<TKernel>(FourLanes even, FourLanes odd)
        where TKernel : struct, IPairKernel
    {
        var both = TKernel.Join(even, odd).Value;
        OneLane first = TKernel.Join(new OneLane(both[0]), new OneLane(both[2]));
        return TKernel.Join(first, TKernel.Join(new OneLane(both[1]), new OneLane(both[3]))).Value;
    }
}

/// <summary>Eight numbers, on processors with vectors of 512 bits.</summary>
internal readonly struct EightLanes(Vector512<double> value) : ILanes<EightLanes>
{
    public Vector512<double> Value => value;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator +(EightLanes a, EightLanes b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator -(EightLanes a, EightLanes b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator *(EightLanes a, EightLanes b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Load(ref double start, int place) => new(Vector512.LoadUnsafe(ref start, (nuint)place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Abs(EightLanes x) => new(Vector512.Abs(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Max(EightLanes a, EightLanes b) => new(Vector512.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Unequal(EightLanes a, EightLanes b) => new(
        Vector512.ConditionalSelect(Vector512.Equals(a.Value, b.Value), Vector512<double>.Zero, Vector512<double>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Joined<TKernel>(EightLanes even, EightLanes odd)
        where TKernel : struct, IPairKernel
    {
        var both = TKernel.Join(even, odd).Value;
        return FourLanes.Joined<TKernel>(new FourLanes(both.GetLower()), new FourLanes(both.GetUpper()));
    }
}
