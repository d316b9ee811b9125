using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>Makes pictures larger, or as large without JPEG's traces, each in many ways: a <see cref="HyperRimNetwork"/>.</summary>
/// <param name="Factor">How many times larger; 1 for a network that undoes compression.</param>
public sealed record PictureUpscaler(int Factor) : Capability;

/// <summary>A network that answers a picture in many ways.</summary>
internal interface IAnswersOfPictures
{
    /// <summary>One answer, by codes of its own: <c>(1, 3, H, W) in [0, 1] -> (1, 3, H', W')</c>, about [0, 1].</summary>
    /// <param name="picture">On the network's device.</param>
    /// <param name="generator">The source of chance, on the processor.</param>
    Tensor Answer(Tensor picture, Generator generator);
}

/// <summary>How a picture is made larger.</summary>
[Settings]
public sealed partial record UpscaleSettings
{
    /// <summary>How many answers, each with other details.</summary>
    [Within(1, 1024)]
    public int Count { get; init; } = 1;

    /// <summary>Equal seeds give equal answers.</summary>
    public ulong Seed { get; init; }

    /// <summary>The longest side, in pixels, to which a picture is shrunk first; none leaves it as it is.</summary>
    [Within(2, HyperRimUpscaleSession.LargestKept)]
    public int? Shrink { get; init; }

    /// <summary>Undo compression at the picture's own size; a network that makes pictures larger refuses.</summary>
    public bool Decompress { get; init; }
}

/// <summary>Larger pictures.</summary>
public sealed class HyperRimUpscale : Ability<Picture, MadePictures, UpscaleSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Upscale;

    /// <inheritdoc/>
    public override string Purpose =>
        "small pictures in; out, for each, one or several large ones that it may have been; or compressed ones, as they may have been";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("small.png --weights g.pth --count 4 --out large.png", "four answers with other details, side by side and one by one"),
        ("--decompress photo.jpg --weights d.pth", "without JPEG's traces, by a network that learned to undo them"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PictureUpscaler>();

    /// <inheritdoc/>
    public override Session<Picture, MadePictures, UpscaleSettings> Open(OpenRequest request) => new HyperRimUpscaleSession(request);
}

/// <summary>Larger pictures, one after the other.</summary>
public sealed class HyperRimUpscaleSession(OpenRequest request) : Session<Picture, MadePictures, UpscaleSettings>
{
    /// <summary>The longest side that is taken: what comes out is many times larger, and so is the memory on the way.</summary>
    internal const int LargestSide = 256;

    /// <summary>The same where the size is kept.</summary>
    internal const int LargestKept = 1024;

    private readonly int factor = request.Get<PictureUpscaler>().Factor;
    private readonly Device device = request.Device;
    private readonly string name = request.Name;
    private readonly Module network = request.Network<Module>();

    /// <inheritdoc/>
    protected override IReadOnlyList<MadePictures> Answer(
        IReadOnlyList<Picture> inputs, UpscaleSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (settings.Decompress && factor != 1)
        {
            throw new SettingsException(
                "decompress",
                called => $"{called}: {name} makes pictures {factor} times larger: name hyperrim_decompression, or a run of it");
        }

        var pictures = inputs.Select(input => Small(input, settings)).ToList();
        return [.. pictures.Select(picture => new MadePictures(All(picture)) { Count = settings.Count, HasSheet = settings.Count > 1 })];

        IEnumerable<Image> All(Image picture)
        {
            using var generator = new Generator(settings.Seed);
            for (int done = 0; done < settings.Count; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("making larger", done, settings.Count));
                yield return Large(picture, generator);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private Image Small(Picture input, UpscaleSettings settings)
    {
        var picture = input.Image.To8Bit().ToRgb(Rgb.White);
        int side = Math.Max(picture.Width, picture.Height), wanted = settings.Shrink ?? side;
        int largest = factor == 1 ? LargestKept : LargestSide;
        if (settings.Shrink > largest)
            throw new SettingsException("shrink", called => $"{called} {settings.Shrink}: {name} takes {largest} pixels at most");
        if (side > wanted)
        {
            double scale = (double)wanted / side;
            return picture.Resize(
                Math.Max(1, (int)Math.Round(picture.Width * scale)), Math.Max(1, (int)Math.Round(picture.Height * scale)));
        }

        return side <= largest
            ? picture
            : throw new SettingsException(
                "shrink",
                called => $"{input.Name} is {picture.Width} by {picture.Height} pixels, and "
                    + $"{(factor == 1 ? "that" : $"{factor} times larger")} is more than fits: "
                    + $"{called} brings it down, {largest} at most");
    }

    private Image Large(Image picture, Generator generator)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var input = picture.ToTensor().Unsqueeze(0).To(device);
        return PaintedPictures.Of((((IAnswersOfPictures)network).Answer(input, generator) * 2) - 1)[0];
    }
}
