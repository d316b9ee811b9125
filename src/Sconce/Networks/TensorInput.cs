using Sconce.Abilities;

namespace Sconce.Networks;

/// <summary>What it takes is one tensor.</summary>
/// <param name="Shape">Of one example, without the batch, such as [3, 224, 224].</param>
public sealed record TensorInput(params IReadOnlyList<long> Shape) : Capability
{
    /// <summary>Square pictures in colour: <c>(N, 3, side, side)</c>.</summary>
    /// <param name="side">In pixels.</param>
    public static TensorInput Pictures(int side) => new(3, side, side);
}
