using System.Numerics;

namespace Sconce.Torch;

/// <summary>A number of any kind that operators take: integer, real, complex or truth value. Numbers convert to it by themselves.</summary>
public readonly struct Scalar : IEquatable<Scalar>
{
    private Scalar(ValueKind kind, long integer, double real = 0, double imaginary = 0)
    {
        Kind = kind;
        Integer = integer;
        Real = real;
        Imaginary = imaginary;
    }

    /// <summary>Int, Double, Bool or Complex; None for <c>default</c>, which stands for the operator's own default.</summary>
    public ValueKind Kind { get; }

    internal long Integer { get; }

    internal double Real { get; }

    internal double Imaginary { get; }

    /// <summary>Converts a number.</summary>
    public static implicit operator Scalar(int value) => new(ValueKind.Int, value);

    /// <summary>Converts a number.</summary>
    public static implicit operator Scalar(long value) => new(ValueKind.Int, value);

    /// <summary>Converts a number.</summary>
    public static implicit operator Scalar(float value) => new(ValueKind.Double, 0, value);

    /// <summary>Converts a number.</summary>
    public static implicit operator Scalar(double value) => new(ValueKind.Double, 0, value);

    /// <summary>Converts a truth value.</summary>
    public static implicit operator Scalar(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    /// <summary>Converts a complex number.</summary>
    public static implicit operator Scalar(Complex value) => new(ValueKind.Complex, 0, value.Real, value.Imaginary);

    /// <summary>The number as a double; of a complex one, the real part.</summary>
    public double ToDouble() => Kind is ValueKind.Double or ValueKind.Complex ? Real : Integer;

    /// <summary>The number as an integer, cut towards zero.</summary>
    public long ToInt64() => Kind is ValueKind.Double or ValueKind.Complex ? (long)Real : Integer;

    /// <summary>The number as a complex one.</summary>
    public Complex ToComplex() => new(ToDouble(), Imaginary);

    /// <summary>Whether the number differs from zero.</summary>
    public bool ToBoolean() => Kind is ValueKind.Double or ValueKind.Complex ? Real != 0 || Imaginary != 0 : Integer != 0;

    /// <inheritdoc/>
    public bool Equals(Scalar other) =>
        Kind == other.Kind && Integer == other.Integer && Real.Equals(other.Real) && Imaginary.Equals(other.Imaginary);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Integer, Real, Imaginary);

    /// <summary>Equality.</summary>
    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ValueKind.Int => Integer.ToString(),
        ValueKind.Bool => Integer != 0 ? "True" : "False",
        ValueKind.Complex => $"{Real:R}{(Imaginary < 0 ? "-" : "+")}{Math.Abs(Imaginary):R}j",
        _ => Real.ToString("R"),
    };

    internal Scalar Or(Scalar other) => Kind == ValueKind.None ? other : this;
}
