using Sconce.Imaging;

namespace Sconce.Abilities;

/// <summary>A still picture: a file, or an image in memory. It is decoded once, when it is first looked at.</summary>
public sealed class Picture : IInput<Picture>, ISettingValue<Picture>
{
    private static readonly ImageOptions AsStored = new() { Mode = ColorMode.Stored };
    private readonly Lazy<Image> image, stored;

    private Picture(string name, string? path, Func<ImageOptions?, Image> load) =>
        (Name, Path, image, stored) = (name, path, new Lazy<Image>(() => load(null)), new Lazy<Image>(() => load(AsStored)));

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Picture;

    /// <inheritdoc/>
    public static SettingValue<Picture> Value { get; } = new InputValue<Picture>(picture => picture.Path ?? picture.Name);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Its file; null for an image in memory.</summary>
    public string? Path { get; }

    /// <summary>The decoded picture, turned as its file says.</summary>
    /// <exception cref="ImageException">It cannot be read.</exception>
    public Image Image => image.Value;

    /// <summary>The same with the channels that its file has: grey alone, or with transparency. Decoded when it is first asked
    /// for.</summary>
    /// <exception cref="ImageException">It cannot be read.</exception>
    public Image Stored => stored.Value;

    /// <inheritdoc/>
    public static Picture Of(string given) => new(given, given, options => Image.Load(given, options));

    /// <summary>A picture that is in memory.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="name">What errors call it.</param>
    public static Picture Of(Image image, string name = "picture") => new(name, null, _ => image);

    /// <summary>A picture as the bytes of its file.</summary>
    /// <param name="file">JPEG, PNG, … as <see cref="Image.Decode"/> takes them.</param>
    /// <param name="name">What errors call it.</param>
    public static Picture Of(ReadOnlyMemory<byte> file, string name) => new(name, null, options => Image.Decode(file.Span, name, options));

    /// <summary>An image is a picture wherever one is asked for.</summary>
    public static implicit operator Picture(Image image) => Of(image);

    /// <inheritdoc/>
    public void Prepare() => _ = image.Value;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
