namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// The 256 bytes as visible characters, in vocabulary order: 33-126, 161-172 and 174-255 stand for themselves and come first,
/// the other 68 follow as U+0100, U+0101, … (GPT-2's table).
/// </summary>
static class ByteSymbols
{
    /// <summary>What marks the symbol that ends a word.</summary>
    public const string WordEnd = "</w>";

    static readonly byte[] Ordered = [.. AllBytes.Where(IsVisible), .. AllBytes.Where(b => !IsVisible(b))];
    static readonly byte[] Indices = Invert(Ordered);

    static IEnumerable<byte> AllBytes => Enumerable.Range(0, 256).Select(b => (byte)b);

    /// <summary>The byte of the symbol at this place in the vocabulary, 0-255.</summary>
    public static byte ByteAt(int index) => Ordered[index];

    /// <summary>The place of this byte's symbol in the vocabulary, 0-255.</summary>
    public static int IndexOf(byte b) => Indices[b];

    /// <summary>The character that stands for the byte at this place.</summary>
    public static char CharacterAt(int index) => IsVisible(Ordered[index]) ? (char)Ordered[index] : (char)(256 + index - 188);

    static bool IsVisible(byte b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;

    static byte[] Invert(byte[] order)
    {
        var indices = new byte[256];
        for (var i = 0; i < 256; i++)
            indices[order[i]] = (byte)i;
        return indices;
    }
}
