using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>What depth is measured by.</summary>
[Settings]
public sealed partial record DepthSettings : ISettingsRule
{
    /// <summary>How many metres away the place is that --at names: depths are then in metres, where otherwise they have no unit.</summary>
    [Within(0, Above = true)]
    public double? Distance { get; init; }

    /// <summary>A place whose distance is known, x and y in pixels.</summary>
    [Within(0)]
    public IReadOnlyList<int> At { get; init; } = [];

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => (Distance, At) switch
    {
        (null, []) or ({ }, [_, _]) => null,
        ({ }, []) => ("distance", "needs 'at' too: the place that is so far away"),
        (null, [_, _]) => ("at", "needs 'distance' too: how far that place is"),
        _ => ("at", "takes two numbers: x and y"),
    };
}

/// <summary>How far the pixels of a picture are.</summary>
/// <param name="Colours">Bright where near, violet where far.</param>
/// <param name="Map">
/// 16-bit grey: the value over 65535 is the disparity <c>d</c> in (0, 1), large where near; <c>1 / (0.01 + 9.99 d)</c> is the depth without
/// a unit.
/// </param>
/// <param name="Depths">The least, middle and largest depth, and its unit.</param>
public sealed record DepthAnswer(MadePicture Colours, MadePicture Map, Rows Depths) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Colours), ("map", Map), ("depths", Depths)];
}

/// <summary>How far every pixel of a picture is.</summary>
public sealed class EstimateDepth : Ability<Picture, DepthAnswer, DepthSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.EstimateDepth;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, how far its pixels are: in colours, as a 16-bit map, and in numbers";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("photo.jpg --out depth.png", "depth.png in colours, depth-map.png with 16 bits"),
        ("photo.jpg --distance 12 --at 640,400", "in metres, from one distance that is known"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<DepthEstimator>();

    /// <inheritdoc/>
    public override Session<Picture, DepthAnswer, DepthSettings> Open(OpenRequest request) => new DepthSession(request);
}

/// <summary>Depths. Several threads may ask it.</summary>
/// <param name="request">The network with its weights.</param>
internal sealed class DepthSession(OpenRequest request)
    : PictureSession<StreetNetwork, DepthAnswer, DepthSettings>(new StreetNetwork(request))
{
    /// <inheritdoc/>
    protected override DepthAnswer Look(Image picture, DepthSettings settings)
    {
        float[] disparities = StreetNetwork.Whole(Network.See(picture).Disparity, picture).Reshape([-1]).ToArray<float>();
        double unit = Metres(disparities, picture, settings);
        float[] sorted = [.. disparities.Order()];
        object?[] row = [Depth(sorted[^1]), Depth(sorted[sorted.Length / 2]), Depth(sorted[0]), settings.Distance is null ? "none" : "m"];
        return new DepthAnswer(
            new MadePicture(DepthDrawing.Colours(picture.Width, picture.Height, disparities)),
            new MadePicture(DepthDrawing.Map(picture.Width, picture.Height, disparities)),
            new Rows(["nearest", "middle", "farthest", "unit"], [row]));

        double Depth(float disparity) => unit * DepthDrawing.Depth(disparity);
    }

    /// <summary>What a depth without a unit is multiplied by.</summary>
    private static double Metres(float[] disparities, Image picture, DepthSettings settings)
    {
        if (settings.Distance is not { } metres) return 1;
        int x = settings.At[0], y = settings.At[1];
        if (x < picture.Width && y < picture.Height) return metres / DepthDrawing.Depth(disparities[(y * picture.Width) + x]);
        throw new SettingsException(
            "at", called => $"{called} {x},{y} lies outside the picture, which has {picture.Width} x {picture.Height} pixels");
    }
}

/// <summary>Pictures of disparities.</summary>
public static class DepthDrawing
{
    /// <summary>Near, between, far: yellow over red to dark violet, each darker than the one before.</summary>
    private static readonly Rgb[] Scale = [new(20, 11, 53), new(101, 21, 110), new(187, 55, 84), new(249, 142, 9), new(252, 255, 164)];

    /// <summary>A depth without a unit, from 0.1 to 100.</summary>
    /// <param name="disparity">In (0, 1).</param>
    public static double Depth(double disparity) => 1 / (0.01 + (9.99 * disparity));

    /// <summary>16-bit grey: 65535 times the disparity.</summary>
    public static Image Map(int width, int height, ReadOnlySpan<float> disparities)
    {
        var values = new ushort[disparities.Length];
        for (int k = 0; k < values.Length; k++) values[k] = (ushort)Math.Round(65535 * Math.Clamp(disparities[k], 0, 1));
        return Image.FromPixels(width, height, 1, (ReadOnlySpan<ushort>)values);
    }

    /// <summary>Colours from the picture's farthest place to its nearest, in proportion to the disparity.</summary>
    public static Image Colours(int width, int height, ReadOnlySpan<float> disparities)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (float disparity in disparities) (low, high) = (Math.Min(low, disparity), Math.Max(high, disparity));
        var image = new Image(width, height);
        var pixels = image.Pixels;
        for (int k = 0; k < disparities.Length; k++)
        {
            double share = high > low ? (disparities[k] - low) / (high - low) : 0;
            double place = Math.Clamp(share, 0, 1) * (Scale.Length - 1);
            int step = Math.Min((int)place, Scale.Length - 2);
            Rgb from = Scale[step], to = Scale[step + 1];
            pixels[3 * k] = Between(from.R, to.R, place - step);
            pixels[(3 * k) + 1] = Between(from.G, to.G, place - step);
            pixels[(3 * k) + 2] = Between(from.B, to.B, place - step);
        }

        return image;
    }

    private static byte Between(byte from, byte to, double share) => (byte)Math.Round(from + ((to - from) * share));
}
