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

    /// <summary>How many times larger answers are than the picture, such as 1.5; the network's own factor where left out, from which
    /// others are resized.</summary>
    [Within(0.05, 64)]
    [LeftOpen]
    public double? Scale { get; init; }

    /// <summary>Give answers the picture's broad colours: what they differ by from it, shrunk back to its size, is taken off
    /// them.</summary>
    public bool MatchColours { get; init; }
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
        ("small.png --weights g.pth --scale 3 --match-colours", "three times larger, with the colours of the small one"),
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
                yield return Large(picture, settings, generator);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private Image Small(Picture input, UpscaleSettings settings)
    {
        var picture = input.Stored.To8Bit();
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

    private Image Large(Image picture, UpscaleSettings settings, Generator generator)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        bool isClear = picture.Channels is 2 or 4;
        var input = picture.ToRgb().ToTensor().Unsqueeze(0).To(device);
        var answer = ((IAnswersOfPictures)network).Answer(input, generator);
        if (settings.MatchColours) answer += Difference(input, answer);
        var large = PaintedPictures.Of((answer * 2) - 1)[0];
        if (settings.Scale is { } scale)
        {
            int width = Math.Max(1, (int)Math.Round(picture.Width * scale)), height = Math.Max(1, (int)Math.Round(picture.Height * scale));
            large = large.Resize(width, height, ResizeFilter.Lanczos);
        }

        return isClear ? Clear(large, picture) : large;
    }

    /// <summary>What a picture has more of than an answer to it that is shrunk back, at the answer's size.</summary>
    private static Tensor Difference(Tensor picture, Tensor answer)
    {
        using var scope = new TensorScope();
        var shrunk = answer.AdaptiveAvgPool2d([picture.Size(2), picture.Size(3)]);
        return scope.Keep((picture - shrunk).UpsampleBilinear2d([answer.Size(2), answer.Size(3)], false));
    }

    /// <summary>With the transparency of the small picture, which no network has a say in.</summary>
    private static Image Clear(Image large, Image small)
    {
        var clear = large.ToRgba();
        var alpha = small.ToRgba().Resize(large.Width, large.Height, ResizeFilter.Bilinear);
        for (int k = 3; k < clear.Pixels.Length; k += 4) clear.Pixels[k] = alpha.Pixels[k];
        return clear;
    }
}
