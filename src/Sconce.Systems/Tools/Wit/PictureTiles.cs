using System.Globalization;
using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Tools.Wit;

/// <summary>
/// A picture as a whole and in tiles that overlap by half: what is small in the whole, which an encoder sees at some 200 pixels, is large
/// in one of them.
/// </summary>
internal static class PictureTiles
{
    /// <summary>Views of a picture: the whole, then the tiles row by row.</summary>
    /// <param name="tiles">Of a side; 1 for the whole alone.</param>
    public static int Count(int tiles) => tiles == 1 ? 1 : 1 + (tiles * tiles);

    /// <summary>The views, in their order.</summary>
    public static IEnumerable<Picture> Of(Picture picture, int tiles)
    {
        yield return picture;
        for (int view = 1; view < Count(tiles); view++)
        {
            var box = Box(picture.Image.Width, picture.Image.Height, tiles, view);
            yield return Picture.Of(picture.Image.Crop(box), picture.Name);
        }
    }

    /// <summary>Where a view lies, in pixels.</summary>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="tiles">Of a side, 2 or more.</param>
    /// <param name="view">From 1.</param>
    public static PixelBox Box(int width, int height, int tiles, int view)
    {
        var (left, right) = Span(width, tiles, (view - 1) % tiles);
        var (top, bottom) = Span(height, tiles, (view - 1) / tiles);
        return new PixelBox(left, top, right, bottom);
    }

    /// <summary>What a view is called: whole, or its column and row.</summary>
    public static string NameOf(int tiles, int view) => view == 0 ? "whole"
        : string.Create(CultureInfo.InvariantCulture, $"column {((view - 1) % tiles) + 1}, row {((view - 1) / tiles) + 1} of {tiles}");

    /// <summary>Each tile is two of tiles + 1 equal steps long, and begins a step after the one before.</summary>
    private static (int From, int To) Span(int side, int tiles, int number)
    {
        int from = (int)((long)side * number / (tiles + 1)), to = (int)((long)side * (number + 2) / (tiles + 1));
        return (from, Math.Max(to, from + 1));
    }
}
