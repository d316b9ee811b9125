using System.Buffers.Binary;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// Rows of numbers as few bytes: each is rounded to a step, and its difference from the row before is coded by how often such differences
/// have come in its column.
/// </summary>
internal static class MotionCoding
{
    /// <summary>Differences from -127 to 127, and one symbol for all others.</summary>
    private const int Reach = 127, Escape = (2 * Reach) + 1, Bytes = 256;

    /// <summary>Codes rows.</summary>
    /// <param name="rows">Each of one length.</param>
    /// <param name="steps">What each column is rounded to.</param>
    internal static byte[] Encode(IEnumerable<float[]> rows, IReadOnlyList<double> steps)
    {
        var coder = new ArithmeticEncoder();
        SymbolCounts[] columns = [.. steps.Select(_ => new SymbolCounts(Escape + 1))];
        var raw = new SymbolCounts(Bytes);
        var before = new int[steps.Count];
        Span<byte> whole = stackalloc byte[sizeof(int)];
        foreach (float[] row in rows)
        {
            if (row.Length != steps.Count) throw new ArgumentException($"a row of {row.Length} numbers, where {steps.Count} are wanted");
            for (int k = 0; k < row.Length; k++)
            {
                int value = (int)Math.Round(row[k] / steps[k]), difference = value - before[k];
                before[k] = value;
                bool isNear = Math.Abs(difference) <= Reach;
                coder.Put(isNear ? difference + Reach : Escape, columns[k]);
                if (isNear) continue;
                BinaryPrimitives.WriteInt32LittleEndian(whole, value);
                foreach (byte part in whole) coder.Put(part, raw);
            }
        }

        return coder.Finish();
    }

    /// <summary>The rows again, as they were rounded.</summary>
    /// <param name="bytes">Of <see cref="Encode"/>.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="steps">As they were encoded with.</param>
    internal static IEnumerable<float[]> Decode(ReadOnlyMemory<byte> bytes, int count, IReadOnlyList<double> steps)
    {
        var coder = new ArithmeticDecoder(bytes);
        SymbolCounts[] columns = [.. steps.Select(_ => new SymbolCounts(Escape + 1))];
        var raw = new SymbolCounts(Bytes);
        var values = new int[steps.Count];
        var whole = new byte[sizeof(int)];
        for (int row = 0; row < count; row++)
        {
            for (int k = 0; k < values.Length; k++)
            {
                int symbol = coder.Get(columns[k]);
                if (symbol != Escape)
                {
                    values[k] += symbol - Reach;
                    continue;
                }

                for (int part = 0; part < whole.Length; part++) whole[part] = (byte)coder.Get(raw);
                values[k] = BinaryPrimitives.ReadInt32LittleEndian(whole);
            }

            yield return [.. values.Select((value, k) => (float)(value * steps[k]))];
        }
    }
}
