using System.Runtime.CompilerServices;

namespace Sconce.Data;

/// <summary>
/// Random numbers that depend on nothing but (seed, epoch, index, stream): Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011), a function of a counter. So an item is augmented alike whichever thread comes to it, in whatever order. Pass it
/// by <c>ref</c>: a copy repeats its numbers.
/// </summary>
public struct AugmentationRandom
{
    private readonly uint key0, key1, epoch, index, stream;
    private uint block;
    private uint word0, word1, word2, word3;
    private int left;

    /// <summary>The numbers of one item in one epoch.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="index">The item's number in its data set.</param>
    /// <param name="stream">Independent numbers for the same item: another view, an order.</param>
    public AugmentationRandom(ulong seed, int epoch = 0, int index = 0, int stream = 0)
    {
        (key0, key1) = ((uint)seed, (uint)(seed >> 32));
        (this.epoch, this.index, this.stream) = ((uint)epoch, (uint)index, (uint)stream);
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (left == 0)
            Refill();
        var word = left switch { 4 => word0, 3 => word1, 2 => word2, _ => word3 };
        left--;
        return word;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => (ulong)NextUInt32() << 32 | NextUInt32();

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform in 0 … <paramref name="count"/> - 1, without bias (Lemire's method).</summary>
    public int Next(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var bound = (uint)count;
        var product = (ulong)NextUInt32() * bound;
        if ((uint)product < bound)
        {
            var threshold = (uint)-bound % bound;
            while ((uint)product < threshold)
                product = (ulong)NextUInt32() * bound;
        }
        return (int)(product >> 32);
    }

    /// <summary>Uniform in low … high, both included.</summary>
    public int Between(int low, int high) => low + Next(checked(high - low + 1));

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A standard normal number (Box and Muller; two uniform numbers each).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Gamma(shape, 1) by Marsaglia and Tsang (2000).</summary>
    public double Gamma(double shape)
    {
        if (!(shape > 0) || double.IsInfinity(shape))
            throw new ArgumentOutOfRangeException(nameof(shape), shape, "A gamma distribution's shape must be positive.");
        if (shape < 1)
            return Gamma(shape + 1) * Math.Pow(1 - NextDouble(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(1 - NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return d * v;
        }
    }

    /// <summary>Beta(a, b) in [0, 1], as MixUp and CutMix draw their share.</summary>
    public double Beta(double a, double b)
    {
        double x = Gamma(a), y = Gamma(b);
        return x + y > 0 ? x / (x + y) : Chance(a / (a + b)) ? 1 : 0;    // both can underflow for tiny shapes: then the mass is at the ends
    }

    /// <summary>Puts the elements in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>0 … count - 1 in the order of an epoch.</summary>
    public static int[] Permutation(int count, ulong seed, int epoch)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
            order[i] = i;
        new AugmentationRandom(seed, epoch, 0, OrderStream).Shuffle<int>(order);
        return order;
    }

    /// <summary>Never an item's: streams of items count from 0.</summary>
    private const int OrderStream = -1;

    private void Refill()
    {
        Philox([block++, stream, index, epoch], key0, key1, out word0, out word1, out word2, out word3);
        left = 4;
    }

    /// <summary>Ten rounds of Philox4x32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Philox(ReadOnlySpan<uint> counter, uint k0, uint k1, out uint w0, out uint w1, out uint w2, out uint w3)
    {
        (w0, w1, w2, w3) = (counter[0], counter[1], counter[2], counter[3]);
        for (var round = 0; round < 10; round++)
        {
            var product0 = 0xD2511F53UL * w0;
            var product1 = 0xCD9E8D57UL * w2;
            (w0, w1, w2, w3) = ((uint)(product1 >> 32) ^ w1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ w3 ^ k1, (uint)product0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
    }
}
