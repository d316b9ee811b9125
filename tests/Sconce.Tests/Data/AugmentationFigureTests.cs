using System.Globalization;
using System.Text.Json;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Each deterministic change against Pillow's and torchvision's answer, sample for sample
/// (Figures/make_augmentations.py).</summary>
public sealed class AugmentationFigureTests
{
    [Theory]
    // As Python 3.11 has them: x % 360 is never negative, and math.radians(x) is x * (pi / 180). round(cos(-a), 15), round(sin(-a), 15).
    [InlineData(-30, 0.866025403784438, 0.5)]
    [InlineData(-120, -0.5, 0.866025403784438)]
    [InlineData(-45, 0.707106781186547, 0.707106781186548)]
    [InlineData(30, 0.866025403784439, -0.5)]
    [InlineData(-390, 0.866025403784438, 0.5)]
    public void A_turns_matrix_is_Pillows_to_the_last_place(double degrees, double cos, double sin) =>
        Assert.Equal((cos, sin), Geometry.Turn(degrees));

    private static readonly JsonElement Figures = Read();
    private static readonly Image Picture = Decoded(Figures.GetProperty("picture").GetString()!);

    public static TheoryData<string> Cases =>
        [.. Figures.GetProperty("cases").EnumerateObject().Select(c => c.Name)
            .Where(n => !n.StartsWith("randaugment", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_change_of_colour_or_place_equals_torchvision_s(string name)
    {
        var words = name.Split(' ');
        var amount = words.Length > 1 ? double.Parse(words[1], CultureInfo.InvariantCulture) : 0;
        var before = Picture.Clone();
        var changed = words[0] switch
        {
            "brightness" => PixelOperations.Brightness(Picture, amount),
            "contrast" => PixelOperations.Contrast(Picture, amount),
            "saturation" => PixelOperations.Saturation(Picture, amount),
            "sharpness" => PixelOperations.Sharpness(Picture, amount),
            "hue" => Hue.Turn(Picture, amount),
            "blur" => BoxBlur.Gaussian(Picture, amount),
            "solarize" => PixelOperations.Solarize(Picture, amount),
            "posterize" => PixelOperations.Posterize(Picture, (int)amount),
            "grayscale" => PixelOperations.Grayscale(Picture),
            "invert" => PixelOperations.Invert(Picture),
            "autocontrast" => PixelOperations.AutoContrast(Picture),
            "equalize" => PixelOperations.Equalize(Picture),
            "rotate" => Geometry.Rotate(new ImageExample(Picture), amount, Enum.Parse<ResizeFilter>(words[2], ignoreCase: true),
                new Rgb(9, 120, 200)).Image,
            _ => throw new InvalidOperationException(name),
        };
        Assert.Equal(Expected(name), changed.Bytes.ToArray());
        Assert.Equal(before.Bytes.ToArray(), Picture.Bytes.ToArray());    // what is passed in stays as it is
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(22)]
    [InlineData(30)]
    public void RandAugment_s_operations_equal_torchvision_s_with_either_sign(int magnitude)
    {
        var augment = new RandAugment(Magnitude: magnitude);
        for (var operation = 0; operation < 14; operation++)
        {
            var expected = new[] { 1, -1 }.Where(sign => Figures.GetProperty("cases")
                .TryGetProperty($"randaugment {operation} {magnitude} {sign}", out _))
                .Select(sign => Convert.ToHexString(Expected($"randaugment {operation} {magnitude} {sign}"))).Distinct().ToHashSet();
            var seen = new HashSet<string>();
            for (var k = 0; k < 24; k++)
            {
                var random = new AugmentationRandom(1, 0, k);
                seen.Add(Convert.ToHexString(augment.Torchvision(new ImageExample(Picture), operation, ref random).Image.Bytes));
            }
            Assert.True(expected.SetEquals(seen), $"operation {operation}: {seen.Except(expected).Count()} results that torchvision does "
                + $"not have, {expected.Except(seen).Count()} missing");
        }
    }

    private static byte[] Expected(string name) => Convert.FromBase64String(Figures.GetProperty("cases").GetProperty(name).GetString()!);

    private static Image Decoded(string code) =>
        Image.FromPixels(Figures.GetProperty("width").GetInt32(), Figures.GetProperty("height").GetInt32(), 3,
            Convert.FromBase64String(code));

    private static JsonElement Read()
    {
        using var stream = typeof(AugmentationFigureTests).Assembly.GetManifestResourceStream("Data/Figures/augmentations.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
