using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>A network of style transfer: it is an <see cref="AdaInNetwork"/>.</summary>
public sealed record StyleTransferNetwork : Capability;

/// <summary>How a picture takes a style.</summary>
[Settings]
public sealed partial record StylizeSettings : ISettingsRule
{
    /// <summary>The picture whose style is taken.</summary>
    public Picture? Style { get; init; }

    /// <summary>A folder of pictures in place of one: each photo takes the style of one of them, which is drawn for it.</summary>
    [FilePath]
    public string? Styles { get; init; }

    /// <summary>Which styles are drawn.</summary>
    public ulong Seed { get; init; }

    /// <summary>How much of it: 0 gives the photo itself, 1 all of the style.</summary>
    [Within(0, 1)]
    public double Alpha { get; init; } = 1;

    /// <summary>The share of photos that take a style; the others stay as they are.</summary>
    [Within(0, 1)]
    public double Share { get; init; } = 1;

    /// <summary>Keep the photo's colours: the style is given them before it is taken.</summary>
    public bool KeepColours { get; init; }

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => (Style, Styles) switch
    {
        (null, null) => ("style", "is missing: name the picture whose style is taken, or with styles a folder of them"),
        (not null, not null) => ("styles", "does not go together with style: name one picture or a folder"),
        _ => null,
    };
}

/// <summary>A photo in the manner of a painting.</summary>
public sealed class Stylize : Ability<Picture, MadePicture, StylizeSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Stylize;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, each in another picture's style";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("photo.jpg --style painting.jpg --weights adain.safetensors", "photo.jpg as that painter might have it"),
        ("photo.jpg --style painting.jpg --keep-colours --alpha 0.6 --weights adain.safetensors", "its strokes alone, and less of them"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<StyleTransferNetwork>();

    /// <inheritdoc/>
    public override Session<Picture, MadePicture, StylizeSettings> Open(OpenRequest request) => new StylizeSession(request);
}

/// <summary>The network with its weights.</summary>
internal sealed class StylizeSession(OpenRequest request) : Session<Picture, MadePicture, StylizeSettings>
{
    private readonly StylePainter painter = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadePicture> Answer(
        IReadOnlyList<Picture> inputs, StylizeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var styles = new DrawnStyles(settings);
        return
        [
            .. inputs.Select(input =>
            {
                cancellation.ThrowIfCancellationRequested();
                return new MadePicture(painter.Paint(input.Image.To8Bit().ToRgb(), styles.Of(input.Name), settings));
            }),
        ];
    }

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();
}

/// <summary>Which style a picture takes: it depends on the picture's name and the seed alone.</summary>
internal sealed class DrawnStyles
{
    private const uint FnvBasis = 2166136261, FnvPrime = 16777619;
    private readonly StylizeSettings settings;
    private readonly FolderPictures? folder;

    internal DrawnStyles(StylizeSettings settings)
    {
        this.settings = settings;
        folder = settings.Styles is { } place ? FolderPictures.Open(place) : null;
    }

    /// <summary>A picture's style; null where it is to stay as it is.</summary>
    internal Image? Of(string name)
    {
        // Which file it is, wherever the folder lies.
        uint hash = Path.GetFileName(name).Aggregate(FnvBasis, (sum, letter) => unchecked((sum ^ letter) * FnvPrime));
        var random = new Data.AugmentationRandom(settings.Seed, 0, (int)(hash & int.MaxValue));
        if (!random.Chance(settings.Share)) return null;
        var style = folder is null ? settings.Style!.Image : folder.Images[random.Next(folder.Images.Count)].Image;
        return style.To8Bit().ToRgb(Rgb.White);
    }
}

/// <summary>The network with its weights. Photos larger than it sees are brought to their own size again.</summary>
internal sealed class StylePainter(OpenRequest request) : IDisposable
{
    private const int UsualSide = 1024, StyleSide = 512;
    private readonly AdaInNetwork network = request.Network<AdaInNetwork>();
    private readonly int side = request.Size ?? UsualSide;
    private readonly Device device = request.Device;

    public void Dispose() => network.Dispose();

    /// <summary>The photo in a style and in its own size; itself without a style or any share of it.</summary>
    /// <param name="photo">8-bit RGB.</param>
    /// <param name="style">8-bit RGB; null for none.</param>
    /// <param name="settings">How much of the style, and whose colours.</param>
    internal Image Paint(Image photo, Image? style, StylizeSettings settings)
    {
        if (style is null || settings.Alpha == 0) return photo; // decoding alone would blur it
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var seen = Reduced(photo, side);
        Tensor content = seen.ToTensor(), manner = Reduced(style, StyleSide).ToTensor();
        if (settings.KeepColours) manner = ColourTransfer.Apply(manner, content);
        network.Alpha = settings.Alpha;
        var painted = network.Call(new StylePair(content.Unsqueeze(0).To(device), manner.Unsqueeze(0).To(device)))[0];
        var cut = painted[.., ..seen.Height, ..seen.Width].Clamp(0, 1).Cpu().ToImage(); // pooling rounds sides up
        return seen.Width == photo.Width ? cut : cut.Resize(photo.Width, photo.Height, ResizeFilter.Bicubic);
    }

    private static Image Reduced(Image picture, int most)
    {
        double scale = (double)most / Math.Max(picture.Width, picture.Height);
        if (scale >= 1) return picture;
        return picture.Resize(Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)), ResizeFilter.Bilinear);
    }
}
