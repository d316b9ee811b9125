namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How often each symbol has come so far; likely ones take few bits. Both ends count alike.</summary>
/// <param name="symbols">How many there are.</param>
internal sealed class SymbolCounts(int symbols)
{
    /// <summary>Beyond it counts are halved, so that they follow change and fit the coder's range.</summary>
    private const int MostTotal = 1 << 14, Gain = 24;

    private readonly int[] counts = [.. Enumerable.Repeat(1, symbols)];

    internal int Total { get; private set; } = symbols;

    /// <summary>Where a symbol's share begins, and how wide it is.</summary>
    internal (int Start, int Count) Of(int symbol)
    {
        int start = 0;
        for (int k = 0; k < symbol; k++) start += counts[k];
        return (start, counts[symbol]);
    }

    /// <summary>The symbol in whose share a place lies.</summary>
    internal int At(int place)
    {
        int symbol = 0;
        for (int start = counts[0]; start <= place; start += counts[symbol]) symbol++;
        return symbol;
    }

    internal void Saw(int symbol)
    {
        counts[symbol] += Gain;
        Total += Gain;
        if (Total <= MostTotal) return;
        Total = 0;
        for (int k = 0; k < counts.Length; k++) Total += counts[k] = (counts[k] + 1) / 2;
    }
}

/// <summary>
/// Symbols as one long number between 0 and 1, in bytes; the range coder of Martin (1979) with carries avoided (Subbotin).
/// </summary>
internal sealed class ArithmeticEncoder
{
    internal const uint Top = 1 << 24, Bottom = 1 << 16;

    private readonly List<byte> bytes = [];
    private uint low, range = uint.MaxValue;

    internal void Put(int symbol, SymbolCounts counts)
    {
        var (start, count) = counts.Of(symbol);
        range /= (uint)counts.Total;
        low += (uint)start * range;
        range *= (uint)count;
        while (((low ^ (low + range)) < Top) || range < Bottom)
        {
            if ((low ^ (low + range)) >= Top) range = (uint)(-(int)low) & (Bottom - 1);
            Shift();
        }

        counts.Saw(symbol);
    }

    internal byte[] Finish()
    {
        for (int k = 0; k < sizeof(uint); k++) Shift();
        return [.. bytes];
    }

    private void Shift()
    {
        bytes.Add((byte)(low >> 24));
        low <<= 8;
        range <<= 8;
    }
}

/// <summary>The way back. Bytes after the end count as 0.</summary>
internal sealed class ArithmeticDecoder
{
    private readonly ReadOnlyMemory<byte> bytes;
    private uint low, range = uint.MaxValue, code;
    private int next;

    internal ArithmeticDecoder(ReadOnlyMemory<byte> bytes)
    {
        this.bytes = bytes;
        for (int k = 0; k < sizeof(uint); k++) code = (code << 8) | Next();
    }

    internal int Get(SymbolCounts counts)
    {
        range /= (uint)counts.Total;
        int symbol = counts.At((int)Math.Min((uint)counts.Total - 1, (code - low) / range));
        var (start, count) = counts.Of(symbol);
        low += (uint)start * range;
        range *= (uint)count;
        while (((low ^ (low + range)) < ArithmeticEncoder.Top) || range < ArithmeticEncoder.Bottom)
        {
            if ((low ^ (low + range)) >= ArithmeticEncoder.Top) range = (uint)(-(int)low) & (ArithmeticEncoder.Bottom - 1);
            code = (code << 8) | Next();
            low <<= 8;
            range <<= 8;
        }

        counts.Saw(symbol);
        return symbol;
    }

    private byte Next() => next < bytes.Length ? bytes.Span[next++] : (byte)0;
}
