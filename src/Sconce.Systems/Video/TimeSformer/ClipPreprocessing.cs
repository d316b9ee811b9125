using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>Frames to a network's clip as at test time: [0, 1], minus 0.45, by 0.225, the short side to size, one of three crops;
/// timesformer/config/defaults.py, datasets/transform.py @a5ef29a.</summary>
/// <param name="Size">The side of a crop, in pixels.</param>
public sealed record ClipPreprocessing(int Size)
{
    /// <summary>Crops along the longer side: first, middle, last.</summary>
    public const int Crops = 3;

    private const float Mean = 0.45f, Std = 0.225f;

    /// <summary>A frame, normalised, its short side at <see cref="Size"/>: <c>(3, h, w)</c>. Bilinear without antialias, as
    /// officially.</summary>
    public Tensor Frame(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using var scope = new TensorScope();
        var rgb = picture.ToRgb();
        var pixels = Tensor.Empty([3, rgb.Height, rgb.Width], DType.Float32);
        rgb.Normalize([Mean, Mean, Mean], [Std, Std, Std], pixels.AsSpan<float>());
        if (Math.Min(rgb.Width, rgb.Height) == Size) return scope.Keep(pixels);
        bool tall = rgb.Width < rgb.Height;
        long height = tall ? (long)Math.Floor((double)rgb.Height / rgb.Width * Size) : Size,
            width = tall ? Size : (long)Math.Floor((double)rgb.Width / rgb.Height * Size);
        return scope.Keep(Functional.Interpolate(pixels.Unsqueeze(0), [height, width], Interpolation.Bilinear)[0]);
    }

    /// <summary>
    /// A coloured clip for a network of one channel that was taught grey values in [0, 1]: <c>(3, T, h, w) -> (1, T, h, w)</c>.
    /// </summary>
    internal static Tensor Grey(Tensor clip) => (clip.Mean([0], keepdim: true) * Std) + Mean;

    /// <summary>One crop of a clip: <c>(3, T, h, w) -> (3, T, Size, Size)</c>.</summary>
    /// <param name="clip">Frames of <see cref="Frame"/>, one after the other.</param>
    /// <param name="place">0 for left or top, 1 for the middle, 2 for right or bottom: along the longer side.</param>
    /// <exception cref="ArgumentException">The clip is smaller than a crop.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public Tensor Crop(Tensor clip, int place)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Crops);
        if (clip.Dimensions != 4 || clip.Size(2) < Size || clip.Size(3) < Size)
            throw new ArgumentException($"a clip of shape [{string.Join(", ", clip.Shape.ToArray())}] has no crop of {Size}x{Size}: (3, T, "
                + $"h, w) with both sides {Size} or more is expected");
        long top = clip.Size(2) - Size, left = clip.Size(3) - Size; // room
        long y = (top + 1) / 2, x = (left + 1) / 2;
        if (top > left) y = place switch { 0 => 0, 2 => top, _ => y };
        else x = place switch { 0 => 0, 2 => left, _ => x };
        return clip.Slice(2, y, y + Size).Slice(3, x, x + Size);
    }
}
