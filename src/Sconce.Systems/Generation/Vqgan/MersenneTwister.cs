namespace Sconce.Systems.Generation.Vqgan;

/// <summary>MT19937 (Matsumoto and Nishimura 1998), with the draws of NumPy's RandomState: a released order was made with it.</summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Middle = 397;
    private readonly uint[] state = new uint[Size];
    private int index = Size;

    internal MersenneTwister(uint seed)
    {
        state[0] = seed;
        for (uint k = 1; k < Size; k++) state[k] = (1812433253u * (state[k - 1] ^ (state[k - 1] >> 30))) + k;
    }

    /// <summary>A number from 0 to <paramref name="largest"/>: draws under the next power of two until one fits.</summary>
    internal uint AtMost(uint largest)
    {
        uint mask = uint.MaxValue >> (int)uint.LeadingZeroCount(largest);
        while (true)
        {
            uint drawn = Next() & mask;
            if (drawn <= largest) return drawn;
        }
    }

    private uint Next()
    {
        if (index == Size) Twist();
        uint y = state[index++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (int k = 0; k < Size; k++)
        {
            uint y = (state[k] & 0x80000000) | (state[(k + 1) % Size] & 0x7FFFFFFF);
            state[k] = state[(k + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DF);
        }

        index = 0;
    }
}
