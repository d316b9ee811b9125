using System.Globalization;

namespace Sconce.Imaging;

/// <summary>A colour: red, green and blue, each 0 to 255, sRGB.</summary>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>(0, 0, 0).</summary>
    public static Rgb Black => new(0, 0, 0);

    /// <summary>(255, 255, 255).</summary>
    public static Rgb White => new(255, 255, 255);

    /// <summary>A colour from <c>#rrggbb</c> or <c>rrggbb</c>; anything else is a <see cref="FormatException"/>.</summary>
    public static Rgb Parse(string text)
    {
        var digits = text.AsSpan().TrimStart('#');
        if (digits.Length != 6 || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            throw new FormatException($"'{text}' is no colour; write #rrggbb, such as #ff8800.");
        return new Rgb((byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }

    /// <summary>ITU-R 601 luma with Pillow's integer weights (its <c>L24</c>).</summary>
    public byte Luma => (byte)((R * 19595 + G * 38470 + B * 7471 + 0x8000) >> 16);

    /// <summary><c>#rrggbb</c>.</summary>
    public override string ToString() => $"#{R:x2}{G:x2}{B:x2}";
}
