using Sconce.Abilities;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>How a photo is painted.</summary>
[Settings]
public sealed partial record PaintSettings
{
    /// <summary>The most strokes.</summary>
    [Within(1, 20_000)]
    public int Strokes { get; init; } = 500;

    /// <summary>What strokes look like; the network's own kind where left out, oil where none was named.</summary>
    [LeftOpen]
    public PaintBrush? Brush { get; init; }

    /// <summary>Passes over the photo, each in finer cells than the one before.</summary>
    [Within(1, 10)]
    public int Passes { get; init; } = 5;

    /// <summary>Steps of the search for each pass: more for a closer likeness.</summary>
    [Within(1, 10_000)]
    public int Steps { get; init; } = 100;

    /// <summary>
    /// What optimal transport counts beside the pixels' differences: 0.1 as in the paper, many times slower; 0 leaves it out.
    /// </summary>
    [Within(0, 10)]
    public double Transport { get; init; }

    /// <summary>Whether the empty canvas is white, else black.</summary>
    public bool White { get; init; }

    /// <summary>The longer side of the painting in pixels, whatever the photo's: strokes have no resolution of their own.</summary>
    [Within(8, 16_384)]
    public int? CanvasSize { get; init; }

    /// <summary>
    /// A picture of one stroke of one's own brush, lying across: paint is where it is not transparent, or where it is dark. For oil.
    /// </summary>
    [FilePath]
    public string? BrushPicture { get; init; }

    /// <summary>A picture whose colours the strokes take on, after they were found; it needs VGG-16's weights.</summary>
    [FilePath]
    public string? Style { get; init; }

    /// <summary>VGG-16's checkpoint (torchvision's), by whose features styles are compared.</summary>
    [FilePath]
    public string? Vgg { get; init; }

    /// <summary>Steps of the search for a style's colours.</summary>
    [Within(1, 10_000)]
    public int StyleSteps { get; init; } = 100;

    /// <summary>A clip to write (.mp4, .webm, .gif) in which the painting comes about, stroke by stroke; of one photo.</summary>
    [FilePath]
    public string? Timelapse { get; init; }

    /// <summary>Seconds of such a clip; the finished painting stays for one more.</summary>
    [Within(0, 3600, Above = true)]
    public double TimelapseSeconds { get; init; } = 10;

    /// <summary>Equal seeds give equal paintings.</summary>
    [Within(0, 1_000_000_000)]
    public int Seed { get; init; }
}

/// <summary>What strokes look like.</summary>
public enum PaintBrush
{
    /// <summary>Bristles and thick paint.</summary>
    Oil,

    /// <summary>Swelling curves of two colours.</summary>
    Watercolor,

    /// <summary>Curves of one width and colour.</summary>
    Marker,

    /// <summary>Strips of coloured tape.</summary>
    Tape,
}

/// <summary>A photo, painted.</summary>
/// <param name="Picture">The painting, of the photo's size or of the one that was asked for.</param>
/// <param name="Vectors">The same as vectors.</param>
/// <param name="Strokes">A row a stroke, in the order in which they are laid.</param>
public sealed record PaintAnswer(MadePicture Picture, MadeDrawing Vectors, Rows Strokes) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Picture), ("vectors", Vectors), ("strokes", Strokes)];
}

/// <summary>Paints photos stroke by stroke.</summary>
public sealed class Paint : Ability<Picture, PaintAnswer, PaintSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Paint;

    /// <inheritdoc/>
    public override string Purpose =>
        "photos in; out, for each, a painting of its size, its strokes as vectors (SVG) and as rows of numbers";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool RunsNetwork => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("photo.jpg --strokes 500 --brush watercolor --out painted.png", "painted.png, and its strokes as an SVG beside it"),
        ("photo.jpg --strokes 200 --brush tape --json", "the strokes as numbers too"),
        ("photo.jpg --style art.jpg --vgg vgg16-397923af.pth --out painted.png", "in another picture's colours"),
        ("photo.jpg --canvas-size 4000 --timelapse painting.mp4", "a large one from the same strokes, and how it came about"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<StrokePainter>();

    /// <inheritdoc/>
    public override Session<Picture, PaintAnswer, PaintSettings> Open(OpenRequest request) => new PaintSession(request);
}

/// <summary>A network that draws strokes of one kind.</summary>
/// <param name="Brush">Which.</param>
public sealed record StrokePainter(Brush Brush) : Capability;
