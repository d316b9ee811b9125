using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sconce.Weights;

/// <summary>
/// Compares the keys of a file's dictionaries: strings and numbers by value, everything else by identity. Numbers are hashed with the
/// process's random seed, since .NET's own hashes of them are public and a file could hold a million that collide.
/// </summary>
internal sealed class KeyComparer : IEqualityComparer<object>
{
    public static KeyComparer Instance { get; } = new();

    public new bool Equals(object? x, object? y) =>
        ReferenceEquals(x, y) || x is string or long or double or bool or BigInteger or CheckpointGlobal && x.Equals(y);

    public int GetHashCode(object key) => key switch
    {
        long n => HashCode.Combine((int)n, (int)(n >> 32)),
        double d => GetHashCode(BitConverter.DoubleToInt64Bits(d)),
        string or bool or BigInteger or CheckpointGlobal => key.GetHashCode(),
        _ => RuntimeHelpers.GetHashCode(key),
    };
}
