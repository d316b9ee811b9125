using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>A picture, and what it is to show.</summary>
public sealed class CaptionedPicture : IInput<CaptionedPicture>
{
    private readonly Picture picture;

    private CaptionedPicture(Picture picture, string caption) => (this.picture, Caption) = (picture, caption);

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Picture;

    /// <inheritdoc/>
    public string Name => picture.Name;

    /// <summary>The words; empty where none were given.</summary>
    public string Caption { get; }

    /// <summary>The decoded picture.</summary>
    /// <exception cref="ImageException">It cannot be read.</exception>
    public Image Image => picture.Image;

    /// <summary>A file's path, and after a line feed the words.</summary>
    public static CaptionedPicture Of(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        int end = given.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? Of(Picture.Of(given), "") : Of(Picture.Of(given[..end]), given[(end + 1)..]);
    }

    /// <summary>A picture and its words.</summary>
    public static CaptionedPicture Of(Picture picture, string caption) => new(picture, caption);

    /// <inheritdoc/>
    public void Prepare() => picture.Prepare();
}
