using System.Runtime.ExceptionServices;
using Sconce.Torch;

namespace Sconce.Imaging;

/// <summary>How a picture is brought to a network's size.</summary>
public enum ResizeMode
{
    /// <summary>The short side to size / crop fraction, then the centre.</summary>
    ShortSide,

    /// <summary>Both sides to size / crop fraction, whatever the shape, then the centre.</summary>
    Squash,

    /// <summary>The height to size / crop fraction and the width in proportion, then the centre, with zeros beside a picture that is too
    /// narrow (FixRes).</summary>
    Height,
}

/// <summary>The preprocessing that belongs to a network's weights.</summary>
/// <param name="Size">The side of the input, in pixels.</param>
/// <param name="Mean">Subtracted from each channel of [0, 1].</param>
/// <param name="Std">Each channel is divided by it.</param>
public sealed record ImagePreprocessing(int Size, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    /// <summary>The share of the resized picture's side that the centre crop keeps, in (0, 1].</summary>
    public double CropFraction { get; init; } = 0.875;

    /// <summary>The filter.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bilinear;

    /// <summary>How the picture is brought to size.</summary>
    public ResizeMode Mode { get; init; } = ResizeMode.ShortSide;

    /// <summary>ImageNet's channel means.</summary>
    public static IReadOnlyList<float> ImageNetMean { get; } = [0.485f, 0.456f, 0.406f];

    /// <summary>ImageNet's channel deviations.</summary>
    public static IReadOnlyList<float> ImageNetStd { get; } = [0.229f, 0.224f, 0.225f];

    /// <summary>ImageNet's statistics.</summary>
    public static ImagePreprocessing ImageNet(int size, double cropFraction = 0.875, ResizeFilter filter = ResizeFilter.Bilinear,
        ResizeMode mode = ResizeMode.ShortSide) =>
        new(size, ImageNetMean, ImageNetStd) { CropFraction = cropFraction, Filter = filter, Mode = mode };

    /// <summary>Mean and deviation of one half: [0, 1] becomes [-1, 1].</summary>
    public static ImagePreprocessing Symmetric(int size, double cropFraction = 0.9, ResizeFilter filter = ResizeFilter.Bicubic) =>
        new(size, [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f]) { CropFraction = cropFraction, Filter = filter };

    /// <summary>The same for pictures of another size; small pictures are taken whole.</summary>
    /// <param name="side">In pixels; null for this one's own.</param>
    public ImagePreprocessing At(int? side) =>
        side is not { } asked ? this : this with { Size = asked, CropFraction = asked <= 64 ? 1 : CropFraction };

    /// <summary>Brings a picture to the network's input: <c>(3, Size, Size)</c>, normalised.</summary>
    /// <param name="picture">Any size and kind.</param>
    public Tensor Apply(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var tensor = Tensor.Empty([3, Size, Size], DType.Float32);
        Fill(picture, tensor.AsSpan<float>());
        return tensor;
    }

    /// <summary>Brings pictures to the network's input, on as many threads as operators take: <c>(N, 3, Size, Size)</c>,
    /// normalised.</summary>
    /// <param name="pictures">Any sizes and kinds, one at least.</param>
    /// <param name="cancellation">Looked at before each.</param>
    internal Tensor Apply(IReadOnlyList<Image> pictures, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var tensor = Tensor.Empty([pictures.Count, 3, Size, Size], DType.Float32);
        int each = 3 * Size * Size;
        if (pictures.Count == 1)
        {
            Fill(pictures[0], tensor.AsSpan<float>());
            return tensor;
        }

        try
        {
            Parallel.For(0, pictures.Count,
                new ParallelOptions { MaxDegreeOfParallelism = TorchRuntime.Threads, CancellationToken = cancellation },
                k => Fill(pictures[k], tensor.AsSpan<float>().Slice(k * each, each)));
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);   // as from one that is brought alone
        }

        return tensor;
    }

    private void Fill(Image picture, Span<float> into)
    {
        var (width, height) = ResizedSize(picture.Width, picture.Height);
        picture.ToRgb().ResizeCenterCrop(width, height, Size, Size, Filter).Normalize([.. Mean], [.. Std], into);
    }

    /// <summary>The size that a picture of (width, height) is resampled to, before the centre is cut out.</summary>
    public (int Width, int Height) ResizedSize(int width, int height)
    {
        int side = (int)Math.Floor(Size / CropFraction);
        return Mode switch
        {
            ResizeMode.Squash => (side, side),
            ResizeMode.Height => (WidthAt(side, width, height), side),
            _ => Image.ShortSideSize(width, height, side, null),
        };
    }

    /// <summary>The width of a picture brought to a height, in proportion and rounded down; 1 at least.</summary>
    public static int WidthAt(int height, int pictureWidth, int pictureHeight) =>
        (int)Math.Clamp((double)height * pictureWidth / pictureHeight, 1, int.MaxValue);
}
