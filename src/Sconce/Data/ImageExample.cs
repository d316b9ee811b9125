using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>A picture with what is known of it. Geometric augmentations carry boxes and mask along.</summary>
/// <param name="Image">The picture.</param>
public sealed record ImageExample(Image Image)
{
    /// <summary>The number of its class; null where there is none.</summary>
    public int? Label { get; init; }

    /// <summary>Soft or several targets (one a class); null where there are none.</summary>
    public float[]? Targets { get; init; }

    /// <summary>Objects in it, in pixels of <see cref="Image"/>; masks of theirs are as large as it.</summary>
    public IReadOnlyList<BoxAnnotation> Boxes { get; init; } = [];

    /// <summary>A class of each pixel: one channel of 8 bits, as large as <see cref="Image"/>; resized by nearest neighbour.</summary>
    public Image? Mask { get; init; }

    /// <summary>The file's path, or what else errors should call it.</summary>
    public string Name { get; init; } = "";
}

/// <summary>One object: a box in pixels (right and bottom just outside) and its class.</summary>
/// <param name="Left">Of the left edge; 0 is the left edge of the first pixel.</param>
/// <param name="Top">Of the upper edge.</param>
/// <param name="Right">Of the right edge.</param>
/// <param name="Bottom">Of the lower edge.</param>
/// <param name="Label">Index into the set's classes.</param>
public readonly record struct BoxAnnotation(float Left, float Top, float Right, float Bottom, int Label)
{
    /// <summary>Stands for a group (COCO's <c>iscrowd</c>).</summary>
    public bool IsCrowd { get; init; }

    /// <summary>Hard to recognise, left out of VOC's evaluation (<c>difficult</c>).</summary>
    public bool IsDifficult { get; init; }

    /// <summary>The area of the object's outline (COCO's <c>area</c>), in pixels of the picture that was annotated: augmentations do not
    /// scale it. Null where it is not known.</summary>
    public float? OutlineArea { get; init; }

    /// <summary>Which pixels are the object's; as large as the picture. Null where only the box is known. Augmentations move it with the
    /// picture, by nearest neighbour.</summary>
    public RunLengthMask? Mask { get; init; }

    /// <summary>Right - Left.</summary>
    public float Width => Right - Left;

    /// <summary>Bottom - Top.</summary>
    public float Height => Bottom - Top;

    /// <summary>Width times height; 0 for an empty box.</summary>
    public float Area => Math.Max(Width, 0) * Math.Max(Height, 0);

    /// <summary>The part inside a picture of the given size.</summary>
    public BoxAnnotation Clip(int width, int height) => this with
    {
        Left = Math.Clamp(Left, 0, width),
        Top = Math.Clamp(Top, 0, height),
        Right = Math.Clamp(Right, 0, width),
        Bottom = Math.Clamp(Bottom, 0, height),
    };
}
