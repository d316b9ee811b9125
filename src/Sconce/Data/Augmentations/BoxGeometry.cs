using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>Moves boxes and masks as the picture is moved.</summary>
internal static class BoxGeometry
{
    /// <summary>After cutting out <paramref name="crop"/> and scaling it to (width, height). A box that keeps less than
    /// <paramref name="minimumArea"/> of itself goes.</summary>
    /// <param name="boxes">In the picture.</param>
    /// <param name="crop">May leave it.</param>
    /// <param name="width">Of the result.</param>
    /// <param name="height">Of the result.</param>
    /// <param name="minimumArea">In [0, 1].</param>
    /// <param name="mask">The same for a mask of an object.</param>
    internal static IReadOnlyList<BoxAnnotation> Cropped(IReadOnlyList<BoxAnnotation> boxes, PixelBox crop, int width, int height,
        double minimumArea, Func<Image, Image> mask)
    {
        if (boxes.Count == 0)
            return boxes;
        float scaleX = (float)width / crop.Width, scaleY = (float)height / crop.Height;
        var kept = new List<BoxAnnotation>(boxes.Count);
        foreach (var box in boxes)
        {
            var inside = (box with
            {
                Left = box.Left - crop.Left,
                Right = box.Right - crop.Left,
                Top = box.Top - crop.Top,
                Bottom = box.Bottom - crop.Top
            }).Clip(crop.Width, crop.Height);
            if (inside.Area <= 0 || inside.Area < minimumArea * box.Area)
                continue;
            kept.Add(inside with
            {
                Left = inside.Left * scaleX,
                Right = inside.Right * scaleX,
                Top = inside.Top * scaleY,
                Bottom = inside.Bottom * scaleY,
                Mask = box.Mask?.Changed(mask)
            });
        }
        return kept;
    }

    internal static IReadOnlyList<BoxAnnotation> Flipped(IReadOnlyList<BoxAnnotation> boxes, int width) =>
        boxes.Count == 0
        ? boxes : [.. boxes.Select(b =>
            b with { Left = width - b.Right, Right = width - b.Left, Mask = b.Mask?.Changed(mask => mask.HorizontalFlip()) })];

    internal static IReadOnlyList<BoxAnnotation> FlippedVertically(IReadOnlyList<BoxAnnotation> boxes, int height) =>
        boxes.Count == 0
        ? boxes : [.. boxes.Select(b =>
            b with { Top = height - b.Bottom, Bottom = height - b.Top, Mask = b.Mask?.Changed(mask => mask.VerticalFlip()) })];

    /// <summary>The upright box around each moved box; <paramref name="inverse"/> takes a point of the new picture to the old.</summary>
    internal static IReadOnlyList<BoxAnnotation> Moved(IReadOnlyList<BoxAnnotation> boxes, AffineMap inverse, int width, int height)
    {
        if (boxes.Count == 0)
            return boxes;
        var kept = new List<BoxAnnotation>(boxes.Count);
        var forward = inverse.Inverse();
        foreach (var box in boxes)
        {
            var (x0, y0) = forward.Apply(box.Left, box.Top);
            var (x1, y1) = forward.Apply(box.Right, box.Top);
            var (x2, y2) = forward.Apply(box.Left, box.Bottom);
            var (x3, y3) = forward.Apply(box.Right, box.Bottom);
            var moved = (box with
            {
                Left = (float)Math.Min(Math.Min(x0, x1), Math.Min(x2, x3)),
                Right = (float)Math.Max(Math.Max(x0, x1), Math.Max(x2, x3)),
                Top = (float)Math.Min(Math.Min(y0, y1), Math.Min(y2, y3)),
                Bottom = (float)Math.Max(Math.Max(y0, y1), Math.Max(y2, y3)),
            }).Clip(width, height);
            if (moved.Area > 0)
                kept.Add(moved with { Mask = box.Mask?.Changed(mask => AffineWarp.Apply(mask, inverse, ResizeFilter.Nearest)) });
        }
        return kept;
    }

    /// <summary>Cuts and scales picture, boxes and mask together.</summary>
    internal static ImageExample CropResize(ImageExample example, PixelBox crop, int width, int height, ResizeFilter filter,
        double minimumArea = 0)
    {
        var image = example.Image.ResizeRegion(crop, width, height, filter);
        var mask = example.Mask;
        if (mask is not null)
            mask = Checked(mask, example).ResizeRegion(crop, width, height, ResizeFilter.Nearest);
        return example with
        {
            Image = image,
            Mask = mask,
            Boxes =
            Cropped(example.Boxes, crop, width, height, minimumArea, one => one.ResizeRegion(crop, width, height, ResizeFilter.Nearest))
        };
    }

    /// <summary>
    /// Scales picture, boxes and mask to (newWidth, newHeight) and cuts out the middle, of which only what is kept is computed: a picture
    /// much longer than high is enlarged far beyond
    /// what it leaves. Where the middle is larger than the picture, zeros stand beside it.
    /// </summary>
    internal static ImageExample ResizeCenterCrop(ImageExample example, int newWidth, int newHeight, int width, int height,
        ResizeFilter filter)
    {
        int missingX = Math.Max(width - newWidth, 0), missingY = Math.Max(height - newHeight, 0);
        var window = Image.CenterWindow(newWidth + missingX, newHeight + missingY, width, height);
        var crop = PixelBox.FromSize(window.Left - missingX / 2, window.Top - missingY / 2, width, height);
        var whole = new PixelBox(0, 0, example.Image.Width, example.Image.Height);
        Image Cut(Image image) => image.ResizeCenterCrop(newWidth, newHeight, width, height, ResizeFilter.Nearest);
        var scaled = example.Boxes.Count == 0 ? [] : Cropped(example.Boxes, whole, newWidth, newHeight, 0, static mask => mask);
        return example with
        {
            Image = example.Image.ResizeCenterCrop(newWidth, newHeight, width, height, filter),
            Mask = example.Mask is { } mask ? Cut(Checked(mask, example)) : null,
            Boxes = Cropped(scaled, crop, width, height, 0, Cut),
        };
    }

    /// <summary>
    /// Scales picture, boxes and mask to a size and cuts out a window, which may leave the picture: there it is black, or mirrors the
    /// picture. Only what is kept is computed.
    /// </summary>
    internal static ImageExample ResizeWindow(ImageExample example, (int Width, int Height) size, PixelBox window, ResizeFilter filter,
        bool reflect, double minimumArea)
    {
        var whole = new PixelBox(0, 0, example.Image.Width, example.Image.Height);
        var scaled = example.Boxes.Count == 0 ? [] : Cropped(example.Boxes, whole, size.Width, size.Height, 0, static mask => mask);
        return example with
        {
            Image = Window(example.Image, size, window, filter, reflect),
            Mask = example.Mask is { } mask ? Window(Checked(mask, example), size, window, ResizeFilter.Nearest, reflect) : null,
            Boxes = Cropped(scaled, window, window.Width, window.Height, minimumArea,
                one => Window(one, size, window, ResizeFilter.Nearest, reflect)),
        };
    }

    private static Image Window(Image image, (int Width, int Height) size, PixelBox window, ResizeFilter filter, bool reflect)
    {
        var (left, right) = Needed(window.Left, window.Right, size.Width, reflect);
        var (top, bottom) = Needed(window.Top, window.Bottom, size.Height, reflect);
        var part = image.ResizeWindow(size.Width, size.Height, new PixelBox(left, top, right, bottom), filter);
        int beforeX = Math.Max(0, -window.Left), beforeY = Math.Max(0, -window.Top), afterX = Math.Max(0, window.Right - size.Width),
            afterY = Math.Max(0, window.Bottom - size.Height);
        if (beforeX + beforeY + afterX + afterY > 0)
            part = reflect ? part.PadReflect(beforeX, beforeY, afterX, afterY) : part.Pad(beforeX, beforeY, afterX, afterY);
        return part.Crop(PixelBox.FromSize(window.Left - left + beforeX, window.Top - top + beforeY, window.Width, window.Height));
    }

    /// <summary>Which places of a side a window sees, mirrored ones included.</summary>
    private static (int From, int To) Needed(int from, int to, int side, bool reflect)
    {
        int first = Math.Clamp(from, 0, side - 1), last = Math.Clamp(to, 1, side);
        if (reflect && from < 0)
            last = Math.Clamp(1 - from, last, side);
        if (reflect && to > side)
            first = Math.Clamp(2 * (side - 1) - (to - 1), 0, first);
        return (first, last);
    }

    internal static Image Checked(Image mask, ImageExample example) =>
        mask.Width == example.Image.Width && mask.Height == example.Image.Height ? mask
        : throw new DataException(example.Name, $"the mask has {mask.Width} x {mask.Height} pixels, the picture {example.Image.Width} x "
            + $"{example.Image.Height}: they must be equal");
}

/// <summary>(x, y) -> (A x + B y + C, D x + E y + F).</summary>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F)
{
    internal (double X, double Y) Apply(double x, double y) => (A * x + B * y + C, D * x + E * y + F);

    /// <summary>The map back; the determinant must not be 0.</summary>
    internal AffineMap Inverse()
    {
        var determinant = A * E - B * D;
        double a = E / determinant, b = -B / determinant, d = -D / determinant, e = A / determinant;
        return new AffineMap(a, b, -(a * C + b * F), d, e, -(d * C + e * F));
    }
}
