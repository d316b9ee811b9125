namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Repairs of UTF-8 bytes that were read as something else and lost a byte on the way; the sequences are ftfy's.</summary>
static class DamagedUtf8
{
    const byte Space = 0x20;
    const byte NoBreakSpace = 0xA0;
    const byte Substitute = 0x1A;

    static readonly byte[] Replacement = [0xEF, 0xBF, 0xBD];

    // Words that go on after "à": "àquele", "àquela", "àquilo", and "às" as a word.
    static readonly byte[][] Contracted = ["quele"u8.ToArray(), "quela"u8.ToArray(), "quilo"u8.ToArray(), "s "u8.ToArray()];

    /// <summary>Puts back the byte A0 where a space in its place breaks a likely sequence.</summary>
    public static byte[] RestoreNoBreakSpaces(byte[] bytes)
    {
        if (!HasSpacedSequence(bytes))
            return bytes;
        var graves = RestoreGraveWords(bytes);
        for (var i = 0; i < graves.Length;)
        {
            var length = SpacedSequence(graves.AsSpan(i));
            graves.AsSpan(i, length).Replace(Space, NoBreakSpace);
            i += Math.Max(length, 1);
        }
        return graves;
    }

    /// <summary>Makes U+FFFD of each sequence that holds a lost byte (1A, in places a question mark).</summary>
    public static byte[] ReplaceLossySequences(byte[] bytes)
    {
        var output = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length;)
        {
            var length = LossySequence(bytes.AsSpan(i));
            if (length > 0)
                output.AddRange(Replacement);
            else
                output.Add(bytes[i]);
            i += Math.Max(length, 1);
        }
        return [.. output];
    }

    static bool HasSpacedSequence(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (SpacedSequence(bytes[i..]) > 0)
                return true;
        }
        return false;
    }

    // C3 and a space is the word "à", whose own space must stay, unless a contraction follows.
    static byte[] RestoreGraveWords(byte[] bytes)
    {
        var output = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            output.Add(bytes[i]);
            if (bytes[i] != 0xC3 || i + 1 >= bytes.Length || bytes[i + 1] != Space)
                continue;
            var after = bytes.AsSpan(i + 2);
            var goesOn = after.Length > 0 && after[0] == Space;
            foreach (var word in Contracted)
                goesOn |= after.StartsWith(word);
            if (!goesOn)
                output.Add(NoBreakSpace);
        }
        return [.. output];
    }

    // The length of a sequence with one space where A0 would be, for those lead bytes where that makes a likely character.
    static int SpacedSequence(ReadOnlySpan<byte> s)
    {
        switch (s[0])
        {
            case 0xC2 or 0xC3 or 0xC5 or 0xCE or 0xD0 or 0xD9:
                return s.Length > 1 && s[1] == Space ? 2 : 0;
            case >= 0xE0 and <= 0xE3 when s.Length > 2:
                return (s[0] >= 0xE2 && s[1] == Space && IsMiddle(s[2])) || (IsMiddle(s[1]) && s[2] == Space) ? 3 : 0;
            case 0xF0 when s.Length > 3:
                var spaces = 0;
                foreach (var b in s[1..4])
                {
                    if (b == Space)
                        spaces++;
                    else if (!IsContinuation(b))
                        return 0;
                }
                return spaces == 1 ? 4 : 0;
            default:
                return 0;
        }
    }

    // A continuation byte other than A0 and 85 (an ellipsis).
    static bool IsMiddle(byte b) => IsContinuation(b) && b is not (0x85 or NoBreakSpace);

    static int LossySequence(ReadOnlySpan<byte> s)
    {
        var lead = s[0];
        if (lead == Substitute)
            return 1;
        if (lead is >= 0xC2 and <= 0xDF)
            return s.Length > 1 && (s[1] == Substitute || (lead <= 0xC3 && s[1] == '?')) ? 2 : 0;
        if (lead == 0xED && s.Length > 5 && s[1] is >= 0xA0 and <= 0xAF && s[3] == 0xED && s[4] is >= 0xB0 and <= 0xBF
            && ((IsLost(s[2]) && IsLostOrContinuation(s[5])) || (IsLostOrContinuation(s[2]) && IsLost(s[5]))))
            return 6;
        if (lead is >= 0xE0 and <= 0xEF)
            return s.Length > 2 && IsLossyTail(s[1..3]) ? 3 : 0;
        return lead is >= 0xF0 and <= 0xF4 && s.Length > 3 && IsLossyTail(s[1..4]) ? 4 : 0;
    }

    // Continuation and lost bytes, at least one lost, at most one of them a question mark.
    static bool IsLossyTail(ReadOnlySpan<byte> tail)
    {
        var lost = 0;
        var questions = 0;
        foreach (var b in tail)
        {
            if (!IsLostOrContinuation(b))
                return false;
            lost += IsLost(b) ? 1 : 0;
            questions += b == '?' ? 1 : 0;
        }
        return lost > 0 && questions <= 1;
    }

    static bool IsLost(byte b) => b is Substitute or (byte)'?';

    static bool IsLostOrContinuation(byte b) => IsLost(b) || IsContinuation(b);

    static bool IsContinuation(byte b) => (b & 0xC0) == 0x80;
}
