namespace Sconce.Nn;

/// <summary>Numbers of channels.</summary>
public static class Channels
{
    /// <summary>The multiple of <paramref name="divisor"/> nearest to a scaled width, at least one multiple, and not below
    /// <paramref name="limit"/> of the width (timm's <c>make_divisible</c>).</summary>
    /// <param name="width">Channels times a factor.</param>
    /// <param name="divisor">One or more.</param>
    /// <param name="limit">The share of the width that rounding down may leave; 0 allows any.</param>
    public static int Divisible(double width, int divisor = 8, double limit = 0.9)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(divisor, 1);
        int rounded = Math.Max(divisor, (int)(width + (divisor / 2.0)) / divisor * divisor);
        return rounded < limit * width ? rounded + divisor : rounded;
    }
}
