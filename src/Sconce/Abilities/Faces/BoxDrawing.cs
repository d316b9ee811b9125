using System.Globalization;
using Sconce.Imaging;

namespace Sconce.Abilities;

/// <summary>Boxes drawn into a picture, with classes and confidences.</summary>
public static class BoxDrawing
{
    /// <summary>A copy of the picture, 8-bit RGB, with the boxes.</summary>
    /// <param name="picture">Any depth and channels.</param>
    /// <param name="boxes">The first is drawn over the others.</param>
    public static Image Over(Image picture, IReadOnlyList<Box> boxes)
    {
        var drawn = picture.To8Bit().ToRgb().Clone();
        int side = Math.Min(picture.Width, picture.Height), thickness = Math.Max(2, side / 250), letters = Math.Max(12, side / 40);
        foreach (var box in boxes.Reverse())
        {
            var colour = Colour(box.Class);
            var outline = new PixelBox(Pixel(box.Left), Pixel(box.Top), Pixel(box.Right), Pixel(box.Bottom));
            drawn.DrawRectangle(outline, colour, thickness);
            string text = string.Create(CultureInfo.InvariantCulture, $"{box.Name} {100 * box.Confidence:0} %");
            drawn.DrawLabel(outline.Left, outline.Top, text, colour.Luma > 140 ? Rgb.Black : Rgb.White, colour, letters);
        }

        return drawn;
    }

    /// <summary>Hues a golden angle apart, so that neighbours differ.</summary>
    public static Rgb Colour(int number)
    {
        double hue = Math.Abs(number) * 0.61803398875 % 1 * 6;
        byte Channel(double shift) => (byte)Math.Round((230 * Math.Clamp(Math.Abs(((hue + shift) % 6) - 3) - 1, 0, 1)) + 25);
        return new Rgb(Channel(0), Channel(4), Channel(2));
    }

    private static int Pixel(double edge) => (int)Math.Round(edge);
}
