namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// A single-byte encoding, as careless programs apply it: bytes that it leaves unassigned stand for the C1 or Latin-1 character of
/// the same number. A lossy one writes U+FFFD as byte 1A, so that damaged text can still be taken back to bytes.
/// </summary>
sealed class Codepage
{
    const byte Substitute = 0x1A;

    readonly char[] characters = new char[256];
    readonly Dictionary<char, byte> bytes = new(256);

    public Codepage(string upperHalf, bool lossy)
    {
        IsLossy = lossy;
        for (var i = 0; i < 256; i++)
        {
            characters[i] = i < 128 ? (char)i : upperHalf[i - 128];
            if (lossy && i == Substitute)
                characters[i] = '\uFFFD';
            bytes[characters[i]] = (byte)i;
        }
    }

    /// <summary>Whether byte 1A stands for a lost character.</summary>
    public bool IsLossy { get; }

    public char this[int b] => characters[b];

    /// <summary>The text as bytes; null where a character has none.</summary>
    public byte[]? Encode(string text)
    {
        var encoded = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!bytes.TryGetValue(text[i], out encoded[i]))
                return null;
        }
        return encoded;
    }
}
