using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>Which table of operations and strengths RandAugment draws from.</summary>
public enum RandAugmentTable
{
    /// <summary>torchvision's <c>RandAugment</c>: 14 operations, nearest neighbour, black outside; every chosen operation is
    /// done.</summary>
    Torchvision,

    /// <summary>timm's <c>rand-m…-inc1</c>: 15 operations whose strength grows with the magnitude, bilinear or bicubic by chance, the mean
    /// colour outside; each chosen one done with probability 0.5.</summary>
    TimmIncreasing,
}

/// <summary>Operations drawn at random, all of one strength (1909.13719). Boxes and masks follow the geometric ones.</summary>
/// <param name="Operations">How many are drawn, with replacement.</param>
/// <param name="Magnitude">torchvision: 0 to 30, default 9 of 31 bins. timm: 0 to 10.</param>
public sealed record RandAugment(int Operations = 2, double Magnitude = 9) : Augmentation
{
    private const int Bins = 31;

    /// <summary>Which operations.</summary>
    public RandAugmentTable Table { get; init; }

    /// <summary>The deviation of the magnitude around <see cref="Magnitude"/>, timm's <c>mstd</c>.</summary>
    public double MagnitudeDeviation { get; init; }

    /// <summary>The colour outside a turned picture with timm's table.</summary>
    public Rgb Fill { get; init; } = new(124, 116, 104);

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        for (var k = 0; k < Operations; k++)
            example = Table == RandAugmentTable.Torchvision
                ? Torchvision(example, random.Next(14), ref random) : Timm(example, random.Next(15), ref random);
        return example;
    }

    /// <summary>One of torchvision's operations by its place in their table.</summary>
    internal ImageExample Torchvision(ImageExample example, int operation, ref AugmentationRandom random)
    {
        var bin = Math.Clamp((int)Magnitude, 0, Bins - 1);
        var strength = bin / (Bins - 1.0);
        var sign = operation is >= 1 and <= 9 && random.Chance(0.5) ? -1 : 1;
        const ResizeFilter nearest = ResizeFilter.Nearest;
        return operation switch
        {
            0 => example,
            1 => Geometry.ShearX(example, sign * 0.3 * strength, nearest, default),
            2 => Geometry.ShearY(example, sign * 0.3 * strength, nearest, default),
            3 => Geometry.Translate(example, (int)(sign * 150.0 / 331 * example.Image.Width * strength), 0, nearest, default),
            4 => Geometry.Translate(example, 0, (int)(sign * 150.0 / 331 * example.Image.Height * strength), nearest, default),
            5 => Geometry.Rotate(example, sign * 30 * strength, nearest, default),
            6 => Changed(example, PixelOperations.Brightness(example.Image, 1 + sign * 0.9 * strength)),
            7 => Changed(example, PixelOperations.Saturation(example.Image, 1 + sign * 0.9 * strength)),
            8 => Changed(example, PixelOperations.Contrast(example.Image, 1 + sign * 0.9 * strength)),
            9 => Changed(example, PixelOperations.Sharpness(example.Image, 1 + sign * 0.9 * strength)),
            10 => Changed(example, PixelOperations.Posterize(example.Image, 8 - (int)Math.Round(4 * strength))),
            11 => Changed(example, PixelOperations.Solarize(example.Image, 255.0 * (Bins - 1 - bin) / (Bins - 1))),
            12 => Changed(example, PixelOperations.AutoContrast(example.Image)),
            _ => Changed(example, PixelOperations.Equalize(example.Image)),
        };
    }

    private ImageExample Timm(ImageExample example, int operation, ref AugmentationRandom random)
    {
        if (!random.Chance(0.5))
            return example;
        var level = Math.Clamp(MagnitudeDeviation > 0 ? Magnitude + MagnitudeDeviation * random.Normal() : Magnitude, 0, 10) / 10;
        var sign = random.Chance(0.5) ? -1 : 1;
        var filter = random.Chance(0.5) ? ResizeFilter.Bilinear : ResizeFilter.Bicubic;
        var enhance = Math.Max(0.1, 1 + sign * 0.9 * level);
        return operation switch
        {
            0 => Changed(example, PixelOperations.AutoContrast(example.Image)),
            1 => Changed(example, PixelOperations.Equalize(example.Image)),
            2 => Changed(example, PixelOperations.Invert(example.Image)),
            3 => Geometry.Rotate(example, sign * 30 * level, filter, Fill),
            4 => Changed(example, PixelOperations.Posterize(example.Image, 4 - (int)(4 * level))),
            5 => Changed(example, PixelOperations.Solarize(example.Image, 256 - (int)(256 * level))),
            6 => Changed(example, PixelOperations.SolarizeAdd(example.Image, Math.Min(128, (int)(110 * level)))),
            7 => Changed(example, PixelOperations.Saturation(example.Image, enhance)),
            8 => Changed(example, PixelOperations.Contrast(example.Image, enhance)),
            9 => Changed(example, PixelOperations.Brightness(example.Image, enhance)),
            10 => Changed(example, PixelOperations.Sharpness(example.Image, enhance)),
            11 => Geometry.ShearX(example, sign * 0.3 * level, filter, Fill),
            12 => Geometry.ShearY(example, sign * 0.3 * level, filter, Fill),
            13 => Geometry.Translate(example, -sign * 0.45 * level * example.Image.Width, 0, filter, Fill),
            _ => Geometry.Translate(example, 0, -sign * 0.45 * level * example.Image.Height, filter, Fill),
        };
    }

    private static ImageExample Changed(ImageExample example, Image image) => example with { Image = image };
}
