namespace Sconce.Imaging.Netpbm;

/// <summary>Numbers as text, between blanks and comments (from # to the line's end).</summary>
internal static class NetpbmNumbers
{
    /// <summary>The next number; <paramref name="at"/> is left behind its last digit.</summary>
    internal static int Next(ReadOnlySpan<byte> file, ref int at, string name)
    {
        Skip(file, ref at);
        var begin = at;
        long number = 0;
        for (; at < file.Length && file[at] is >= (byte)'0' and <= (byte)'9' && number <= int.MaxValue; at++)
            number = 10 * number + file[at] - '0';
        if (at == begin || number > int.MaxValue)
        {
            throw new ImageException(name, at < file.Length
                ? $"the Netpbm image is damaged: at byte {begin} a number is wanted" : "the Netpbm image is cut short");
        }
        return (int)number;
    }

    /// <summary>Goes past blanks and comments.</summary>
    internal static void Skip(ReadOnlySpan<byte> file, ref int at)
    {
        for (; at < file.Length; at++)
        {
            if (file[at] == '#')
                at += file[at..].IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var end ? end : file.Length - at - 1;
            else if (file[at] is not ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 11 or 12))
                return;
        }
    }
}
