using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>
/// Brightness, contrast, saturation and hue changed in random order, each by a random amount (torchvision's ColorJitter): factors uniform
/// in [max(0, 1 - x), 1 + x], the hue turned by a share of the circle uniform in [-x, x]. What is 0 is left alone.
/// </summary>
/// <param name="Brightness">0 or more.</param>
/// <param name="Contrast">0 or more.</param>
/// <param name="Saturation">0 or more.</param>
/// <param name="Hue">In [0, 0.5].</param>
public sealed record ColorJitter(double Brightness = 0, double Contrast = 0, double Saturation = 0, double Hue = 0) : PixelAugmentation
{
    /// <inheritdoc/>
    protected override Image Change(Image image, ref AugmentationRandom random)
    {
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        foreach (var step in order)
        {
            var amount = step switch { 0 => Brightness, 1 => Contrast, 2 => Saturation, _ => Hue };
            if (amount <= 0)
                continue;
            image = step switch
            {
                0 => PixelOperations.Brightness(image, Factor(amount, ref random)),
                1 => PixelOperations.Contrast(image, Factor(amount, ref random)),
                2 => PixelOperations.Saturation(image, Factor(amount, ref random)),
                _ => Augmentations.Hue.Turn(image, random.Uniform(-amount, amount)),
            };
        }
        return image;
    }

    private static double Factor(double amount, ref AugmentationRandom random) => random.Uniform(Math.Max(0, 1 - amount), 1 + amount);
}

/// <summary>Luma in all channels, with a probability.</summary>
public sealed record RandomGrayscale(double Probability = 0.1) : PixelAugmentation
{
    /// <inheritdoc/>
    protected override Image Change(Image image, ref AugmentationRandom random) =>
        random.Chance(Probability) ? PixelOperations.Grayscale(image) : image;
}

/// <summary>Pillow's GaussianBlur with a deviation uniform in [Least, Most] pixels, with a probability (Barlow Twins, SwAV).</summary>
public sealed record GaussianBlur(double Least = 0.1, double Most = 2, double Probability = 1) : PixelAugmentation
{
    /// <inheritdoc/>
    protected override Image Change(Image image, ref AugmentationRandom random) =>
        random.Chance(Probability) ? BoxBlur.Gaussian(image, random.Uniform(Least, Most)) : image;
}

/// <summary>Values from a threshold on inverted, with a probability.</summary>
public sealed record Solarize(double Threshold = 128, double Probability = 1) : PixelAugmentation
{
    /// <inheritdoc/>
    protected override Image Change(Image image, ref AugmentationRandom random) =>
        random.Chance(Probability) ? PixelOperations.Solarize(image, Threshold) : image;
}

/// <summary>
/// A square of <paramref name="Size"/> pixels a side at a uniform centre, cut at the border, in one colour (1708.04552; FROST's in the mean
/// colour). Boxes and masks stay.
/// </summary>
public sealed record Cutout(int Size, Rgb Colour) : PixelAugmentation
{
    /// <summary>A black square.</summary>
    public Cutout(int size) : this(size, Rgb.Black)
    {
    }

    /// <inheritdoc/>
    protected override Image Change(Image image, ref AugmentationRandom random)
    {
        int x = random.Next(image.Width), y = random.Next(image.Height);
        int left = Math.Max(x - Size / 2, 0), top = Math.Max(y - Size / 2, 0);
        var result = image.Clone();
        result.Fill(new PixelBox(left, top, Math.Min(x - Size / 2 + Size, image.Width),
            Math.Min(y - Size / 2 + Size, image.Height)), Colour);
        return result;
    }
}

/// <summary>AlexNet's noise along ImageNet's principal colours, of the given deviation (2012 §4.1; the eigenvectors as ReLabel's and
/// GradAug's code have them).</summary>
public sealed record ColorLighting(double Deviation = 0.1) : PixelAugmentation
{
    private static readonly double[] Values = [0.2175, 0.0188, 0.0045];
    private static readonly double[,] Vectors =
        { { -0.5675, 0.7192, 0.4009 }, { -0.5808, -0.0045, -0.8140 }, { -0.5836, -0.6948, 0.4203 } };

    /// <inheritdoc/>
    protected override Image Change(Image image, ref AugmentationRandom random)
    {
        double a = random.Normal() * Deviation * Values[0], b = random.Normal() * Deviation * Values[1],
            c = random.Normal() * Deviation * Values[2];
        var rgb = image.ToRgb();
        var result = ReferenceEquals(rgb, image) ? image.Clone() : rgb;
        var pixels = result.Pixels;
        for (var channel = 0; channel < 3; channel++)
        {
            var add = 255 * (Vectors[channel, 0] * a + Vectors[channel, 1] * b + Vectors[channel, 2] * c);
            for (var at = channel; at < pixels.Length; at += 3)
                pixels[at] = (byte)Math.Clamp(Math.Round(pixels[at] + add), 0, 255);
        }
        return result;
    }
}
