using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>The size of a picture whose annotation gives none, as some programs write 0 or nothing.</summary>
internal static class PictureSize
{
    /// <summary>The longest side that an annotation may give, in pixels.</summary>
    internal const int Most = 1 << 20;

    /// <summary>The size of the picture as it is seen, from its header.</summary>
    /// <exception cref="DataException">The picture cannot be read; the message names the annotation.</exception>
    internal static (int Width, int Height) Of(string picture, string source, string where)
    {
        try
        {
            return Image.ReadSize(picture);
        }
        catch (ImageException error)
        {
            throw new DataException(source, $"{where}: it gives no width and height, and its picture does not either: {error.Message}",
                error);
        }
    }

    /// <summary>Says how many there were.</summary>
    internal static IEnumerable<string> Remarks(string source, int measured) =>
        measured == 0 ? []
            : [$"{source}: the size of {measured} picture{(measured == 1 ? " was" : "s was")} taken from the file, since the "
            + "annotations give none"];
}
