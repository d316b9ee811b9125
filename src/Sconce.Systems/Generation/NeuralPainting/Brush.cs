namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// A kind of stroke: what the numbers of its vector mean. Every number is in [0, 1]: first the shape, then the colours, last the opacity.
/// 2011.08114 §3.1; jiupinjia/stylized-neural-painting@e7a66b2 renderer.py.
/// </summary>
/// <param name="Name">As the official options call it.</param>
/// <param name="ShapeWidth">How many numbers place the stroke.</param>
/// <param name="ColourWidth">3 for one colour, 6 for two that run into each other.</param>
/// <param name="Curved">
/// Whether the shape is a curve of three points with two radii (x0, y0, x1, y1, x2, y2, r0, r2), or a box (x, y, width, height, angle).
/// </param>
/// <param name="Opaque">Whether the stroke covers fully, whatever its last number says.</param>
public sealed record Brush(string Name, int ShapeWidth, int ColourWidth, bool Curved, bool Opaque)
{
    /// <summary>A bristle mask, turned and stretched; two colours.</summary>
    public static Brush Oil { get; } = new("oilpaintbrush", 5, 6, Curved: false, Opaque: true);

    /// <summary>A swelling curve; two colours.</summary>
    public static Brush Watercolor { get; } = new("watercolor", 8, 6, Curved: true, Opaque: false);

    /// <summary>A curve of constant width with straight ends; one colour.</summary>
    public static Brush Marker { get; } = new("markerpen", 8, 3, Curved: true, Opaque: false);

    /// <summary>A turned rectangle of one colour, such as a strip of tape.</summary>
    public static Brush Tape { get; } = new("rectangle", 5, 3, Curved: false, Opaque: false);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Brush> All { get; } = [Oil, Watercolor, Marker, Tape];

    /// <summary>The length of a stroke's vector.</summary>
    public int Width => ShapeWidth + ColourWidth + 1;

    /// <summary>Where the vector holds columns of the canvas; a curve's middle point is relative to its ends, so it is not one.</summary>
    internal int[] Columns => Curved ? [0, 4] : [0];

    /// <summary>Where it holds rows.</summary>
    internal int[] Rows => Curved ? [1, 5] : [1];

    /// <summary>Where it holds sizes.</summary>
    internal int[] Sizes => Curved ? [6, 7] : [2, 3];

    /// <summary>The brush of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Brush Named(string name) => All.FirstOrDefault(brush => brush.Name == name)
        ?? throw new ArgumentException(
            $"no brush '{name}': there are {string.Join(", ", All.Select(brush => brush.Name))}", nameof(name));
}
