using Sconce.Torch;

namespace Sconce.Systems.Tests;

internal static class TensorEquality
{
    /// <summary>Whether both have one shape and the same numbers, bit for bit but for the sign of zero.</summary>
    internal static bool Equal(this Tensor left, Tensor right) =>
        left.Shape.SequenceEqual(right.Shape) && left.Eq(right).All().Item<bool>();
}
