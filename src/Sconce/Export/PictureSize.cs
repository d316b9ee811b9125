using System.Globalization;

namespace Sconce.Export;

/// <summary>The size of pictures that a network is exported for.</summary>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
public readonly record struct PictureSize(int Height, int Width)
{
    /// <summary>Whether the sides are equal.</summary>
    public bool IsSquare => Height == Width;

    /// <summary>Reads <c>480x640</c> (height first) or a side alone.</summary>
    /// <returns>Whether the text is one, of sides of 1 to 65536 pixels.</returns>
    public static bool TryParse(string text, out PictureSize size)
    {
        string[] sides = text.Split('x', 'X');
        int height = 0, width = 0;
        bool good = sides.Length is 1 or 2 && Side(sides[0], out height) && Side(sides[^1], out width);
        size = new PictureSize(height, width);
        return good;
    }

    /// <summary>Such as <c>480x640</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");

    private static bool Side(string text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= 1 and <= 65536;
}
