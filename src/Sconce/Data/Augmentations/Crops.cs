using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>
/// A box of random area and shape, scaled to (Height, Width): torchvision's RandomResizedCrop ("Inception crop", 1409.4842). Ten tries at
/// an area uniform between the bounds and an aspect ratio log-uniform between its; then the largest centred box of an allowed ratio.
/// </summary>
/// <param name="Height">Rows of the result.</param>
/// <param name="Width">Columns of the result.</param>
public sealed record RandomResizedCrop(int Height, int Width) : Augmentation
{
    /// <summary>A square result.</summary>
    public RandomResizedCrop(int size) : this(size, size)
    {
    }

    /// <summary>The least share of the picture's area, in (0, 1].</summary>
    public double MinimumArea { get; init; } = 0.08;

    /// <summary>The greatest share of the picture's area, in (0, 1].</summary>
    public double MaximumArea { get; init; } = 1;

    /// <summary>The least width / height.</summary>
    public double MinimumRatio { get; init; } = 3.0 / 4;

    /// <summary>The greatest width / height.</summary>
    public double MaximumRatio { get; init; } = 4.0 / 3;

    /// <summary>The resampling filter, with antialias.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bilinear;

    /// <summary>A box is dropped when less than this share of its area remains, in [0, 1].</summary>
    public double MinimumBoxArea { get; init; }

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random) =>
        BoxGeometry.CropResize(example, Sample(example.Image.Width, example.Image.Height, ref random), Width, Height, Filter,
            MinimumBoxArea);

    /// <summary>The box for a picture of the given size, for those who need to know it (ReLabel pools its label map over it).</summary>
    public PixelBox Sample(int width, int height, ref AugmentationRandom random)
    {
        double area = (double)width * height, logLow = Math.Log(MinimumRatio), logHigh = Math.Log(MaximumRatio);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var target = area * random.Uniform(MinimumArea, MaximumArea);
            var ratio = Math.Exp(random.Uniform(logLow, logHigh));
            var w = (int)Math.Round(Math.Sqrt(target * ratio));
            var h = (int)Math.Round(Math.Sqrt(target / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                var top = random.Next(height - h + 1);
                return PixelBox.FromSize(random.Next(width - w + 1), top, w, h);
            }
        }
        var (fitWidth, fitHeight) = (width, height);
        var shape = (double)width / height;
        if (shape < MinimumRatio)
            fitHeight = Math.Clamp((int)Math.Round(width / MinimumRatio), 1, height);
        else if (shape > MaximumRatio)
            fitWidth = Math.Clamp((int)Math.Round(height * MaximumRatio), 1, width);
        return PixelBox.FromSize((width - fitWidth) / 2, (height - fitHeight) / 2, fitWidth, fitHeight);
    }
}

/// <summary>A box of the given size at a random place, after adding <see cref="Padding"/> on every side (CIFAR's padding of 4 and crop of
/// 32).</summary>
/// <param name="Height">Rows; a picture with fewer is padded to them.</param>
/// <param name="Width">Columns; a picture with fewer is padded to them.</param>
public sealed record RandomCrop(int Height, int Width) : Augmentation
{
    /// <summary>A square result.</summary>
    public RandomCrop(int size) : this(size, size)
    {
    }

    /// <summary>Pixels added on each side.</summary>
    public int Padding { get; init; }

    /// <summary>True: padding mirrors the picture without repeating its edge; false: it is black.</summary>
    public bool Reflect { get; init; }

    /// <summary>
    /// Before that the picture is resized so that its shorter side is this; null: it is not. Of the resized picture only the box is
    /// computed, so that one much longer than high, which is
    /// enlarged far beyond what it leaves, takes no more memory than another.
    /// </summary>
    public int? ShortSide { get; init; }

    /// <summary>The same to a given size; null: the picture is not resized.</summary>
    public (int Width, int Height)? ResizedTo { get; init; }

    /// <summary>How it is resized.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bilinear;

    /// <summary>A box is dropped when less than this share of its area remains, in [0, 1].</summary>
    public double MinimumBoxArea { get; init; }

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        var image = example.Image;
        if (ResizedTo is { } size)
            return Resized(example, size, ref random);
        if (ShortSide is { } side)
            return Resized(example, Image.ShortSideSize(image.Width, image.Height, side, null), ref random);
        var padX = Math.Max(Padding, (Width - image.Width + 1) / 2);
        var padY = Math.Max(Padding, (Height - image.Height + 1) / 2);
        if (padX + padY > 0)
            example = Padded(example, padX, padY);
        var top = random.Next(example.Image.Height - Height + 1);
        var crop = PixelBox.FromSize(random.Next(example.Image.Width - Width + 1), top, Width, Height);
        return BoxGeometry.CropResize(example, crop, Width, Height, ResizeFilter.Nearest, MinimumBoxArea);
    }

    private ImageExample Resized(ImageExample example, (int Width, int Height) size, ref AugmentationRandom random)
    {
        int padX = Math.Max(Padding, (Width - size.Width + 1) / 2), padY = Math.Max(Padding, (Height - size.Height + 1) / 2);
        var top = random.Next(size.Height + 2 * padY - Height + 1) - padY;
        var left = random.Next(size.Width + 2 * padX - Width + 1) - padX;
        return BoxGeometry.ResizeWindow(example, size, PixelBox.FromSize(left, top, Width, Height), Filter, Reflect, MinimumBoxArea);
    }

    private ImageExample Padded(ImageExample example, int x, int y)
    {
        Image Pad(Image image) => Reflect ? image.PadReflect(x, y, x, y) : image.Pad(x, y, x, y);
        return example with
        {
            Image = Pad(example.Image),
            Mask = example.Mask is { } mask ? Pad(BoxGeometry.Checked(mask, example)) : null,
            Boxes = [.. example.Boxes.Select(b =>
                b with { Left = b.Left + x, Right = b.Right + x, Top = b.Top + y, Bottom = b.Bottom + y, Mask = b.Mask?.Changed(Pad) })],
        };
    }
}

/// <summary>To exactly (Height, Width), whatever the shape.</summary>
public sealed record Resize(int Height, int Width, ResizeFilter Filter = ResizeFilter.Bilinear) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random) =>
        BoxGeometry.CropResize(example, new PixelBox(0, 0, example.Image.Width, example.Image.Height), Width, Height, Filter);
}

/// <summary>So that the shorter side is <paramref name="Size"/>, and the longer at most <paramref name="MaximumSize"/> where that is given
/// (torchvision's Resize, DETR's).</summary>
public sealed record ResizeShortSide(int Size, ResizeFilter Filter = ResizeFilter.Bilinear, int? MaximumSize = null) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        var (width, height) = Image.ShortSideSize(example.Image.Width, example.Image.Height, Size, MaximumSize);
        return BoxGeometry.CropResize(example, new PixelBox(0, 0, example.Image.Width, example.Image.Height), width, height, Filter);
    }
}

/// <summary>The middle (Height, Width) pixels; a smaller picture is padded with zeros (torchvision's CenterCrop).</summary>
public sealed record CenterCrop(int Height, int Width) : Augmentation
{
    /// <summary>A square.</summary>
    public CenterCrop(int size) : this(size, size)
    {
    }

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        var (width, height) = (example.Image.Width, example.Image.Height);
        return BoxGeometry.ResizeCenterCrop(example, width, height, Width, Height, ResizeFilter.Nearest);
    }
}

/// <summary>The preprocessing that belongs to a network's weights, up to normalisation: what evaluation does.</summary>
public sealed record Preprocess(ImagePreprocessing Preprocessing) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        int size = Preprocessing.Size;
        var (width, height) = Preprocessing.ResizedSize(example.Image.Width, example.Image.Height);
        return BoxGeometry.ResizeCenterCrop(example, width, height, size, size, Preprocessing.Filter);
    }
}
