using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>Makes an input array of something: rows of values with features of their places.</summary>
public abstract class PerceiverInput : Module<Tensor, Tensor>
{
    /// <summary>Of a row.</summary>
    public abstract int Channels { get; }

    /// <summary>Values beside the features of their places, the same for every item; <c>(N, M, C), (M, F) -> (N, M, C + F)</c>.</summary>
    private protected static Tensor Beside(Tensor values, Tensor places) =>
        Tensor.Cat([values, places.Unsqueeze(0).Expand([values.Size(0), -1, -1])], 2);

    private protected static TorchException Wrong(string what, Tensor input, string expected) =>
        new($"{what}: an input of shape [{string.Join(", ", input.Shape.ToArray())}], but {expected} is expected");
}

/// <summary>Every pixel a row: its colours, then Fourier features of its place in the crop. <c>(N, C, H, W) -> (N, H·W, C + F)</c>;
/// io_processors.py <c>ImagePreprocessor</c> of kind "pixels".</summary>
/// <param name="features">Of rows and columns.</param>
/// <param name="colours">C.</param>
public sealed partial class PixelInput(FourierFeatures features, int colours = 3) : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => colours + features.Channels;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(1) != colours) throw Wrong("pixels", pictures, $"(N, {colours}, H, W)");
        return Beside(pictures.Flatten(2).Transpose(1, 2), features.OfGrid(pictures.Size(2), pictures.Size(3)).To(pictures.Device));
    }
}

/// <summary>
/// Every cell of a grid of any number of axes a row: its values, then Fourier features of its place.
/// <c>(N, d1 … dk, C) -> (N, d1·…·dk, C + F)</c>; io_processors.py with <c>prep_type="pixels"</c>, whose index dimensions are d1 … dk.
/// </summary>
/// <param name="features">Of the k axes.</param>
/// <param name="channels">C.</param>
public sealed partial class GridInput(FourierFeatures features, int channels) : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => channels + features.Channels;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor grid)
    {
        int axes = features.Resolution.Count;
        if (grid.Dimensions != axes + 2 || grid.Size(-1) != channels) throw Wrong("grid", grid, $"(N, {axes} axes, {channels})");
        long[] sizes = [.. grid.Shape.ToArray()[1..^1]];
        return Beside(grid.Flatten(1, axes), features.OfGrid(sizes).To(grid.Device));
    }
}

/// <summary>A point a row: its coordinates and their Fourier features. <c>(N, M, axes) in [-1, 1] -> (N, M, F)</c>; 2103.03206
/// §4.3.</summary>
public sealed partial class PointInput(FourierFeatures features) : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => features.Channels;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor points)
    {
        if (points.Dimensions != 3) throw Wrong("points", points, $"(N, points, {features.Resolution.Count})");
        return features.Compute(points);
    }
}

/// <summary>A stretch of sound a row: its samples and Fourier features of its time.
/// <c>(N, samples) -> (N, samples / SamplesPerRow, SamplesPerRow + F)</c>; io_processors.py <c>AudioPreprocessor</c>.</summary>
/// <param name="samplesPerRow">Divides the number of samples.</param>
/// <param name="features">Of the time.</param>
public sealed partial class AudioInput(int samplesPerRow, FourierFeatures features) : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => samplesPerRow + features.Channels;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor sound)
    {
        if (sound.Dimensions != 2 || sound.Size(1) % samplesPerRow != 0)
            throw Wrong("audio", sound, $"(N, samples) with a multiple of {samplesPerRow} samples");
        var rows = sound.Unflatten(1, [-1, samplesPerRow]);
        return Beside(rows, features.OfGrid(rows.Size(1)).To(sound.Device));
    }
}

/// <summary>A block of frames a row: its pixels in the order time, row, column, colour, and Fourier features of its place.
/// <c>(N, C, T, H, W) -> (N, blocks, C·t·h·w + F)</c>; io_processors.py <c>space_to_depth</c>.</summary>
/// <param name="block">Frames, rows and columns of a block.</param>
/// <param name="features">Of time, rows and columns.</param>
/// <param name="colours">C.</param>
public sealed partial class VideoInput((int Frames, int Rows, int Columns) block, FourierFeatures features, int colours = 3)
    : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => (colours * block.Frames * block.Rows * block.Columns) + features.Channels;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor video)
    {
        if (video.Dimensions != 5 || video.Size(1) != colours || video.Size(2) % block.Frames != 0 || video.Size(3) % block.Rows != 0
            || video.Size(4) % block.Columns != 0)
        {
            throw Wrong("video", video, $"(N, {colours}, T, H, W) of whole blocks of {block.Frames} x {block.Rows} x {block.Columns}");
        }

        long frames = video.Size(2) / block.Frames, rows = video.Size(3) / block.Rows, columns = video.Size(4) / block.Columns;
        // (N, C, T, t, H, h, W, w)
        var blocks = video.Unflatten(4, [columns, block.Columns]).Unflatten(3, [rows, block.Rows]).Unflatten(2, [frames, block.Frames])
            .Permute([0, 2, 4, 6, 3, 5, 7, 1]).Flatten(4).Flatten(1, 3);
        return Beside(blocks, features.OfGrid(frames, rows, columns).To(video.Device));
    }
}

/// <summary>Every pixel a row, of 1×1 convolved colours and a learned, projected position. <c>(N, 3, H, W) -> (N, H·W, 2·width)</c>;
/// <c>ImagePreprocessor</c> of kind "conv1x1" with trainable positions.</summary>
/// <param name="height">Of the pictures.</param>
/// <param name="width">Of the pictures.</param>
/// <param name="channels">Of the convolution and of the positions, each.</param>
public sealed partial class LearnedPixelInput(int height, int width, int channels) : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => 2 * channels;

    /// <summary>1×1.</summary>
    public Conv2d Conv { get; } = new(3, channels, 1);

    /// <summary>One row a pixel.</summary>
    public LearnedArray Positions { get; } = new(height * width, channels, grid: (height, width));

    /// <summary>Of the positions.</summary>
    public Linear Projector { get; } = HaikuInit.Linear(channels, channels);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(2) != height || pictures.Size(3) != width)
            throw Wrong("pixels with learned positions", pictures, $"(N, 3, {height}, {width})");
        return Beside(Conv.Call(pictures).Flatten(2).Transpose(1, 2), Projector.Call(Positions.PosEmbs));
    }
}

/// <summary>A convolution and a pooling to a quarter of the size, then every cell a row. <c>(N, 3, H, W) -> (N, H/4·W/4, channels + F)</c>;
/// <c>ImagePreprocessor</c> of kind "conv".</summary>
/// <param name="features">Of the cells' rows and columns.</param>
/// <param name="channels">Of the convolution.</param>
public sealed partial class ConvolvedInput(FourierFeatures features, int channels = 64) : PerceiverInput
{
    /// <inheritdoc/>
    public override int Channels => channels + features.Channels;

    /// <summary>7×7, stride 2.</summary>
    public SameConv2d Conv { get; } = new(3, channels, 7, 2, bias: false);

    /// <summary>After it.</summary>
    public BatchNorm2d Batchnorm { get; } = new(channels);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4) throw Wrong("convolved pixels", pictures, "(N, 3, H, W)");
        var map = Batchnorm.Call(Conv.Call(pictures)).ReluInPlace();
        long rows = SamePadding.Missing(map.Size(2), 3, 2), columns = SamePadding.Missing(map.Size(3), 3, 2);
        var padded = Functional.Pad(map, [columns / 2, columns - (columns / 2), rows / 2, rows - (rows / 2)],
            value: double.NegativeInfinity);
        var pooled = padded.MaxPool2d([3, 3], [2, 2]); // (N, channels, H/4, W/4)
        return Beside(pooled.Flatten(2).Transpose(1, 2), features.OfGrid(pooled.Size(2), pooled.Size(3)).To(pictures.Device));
    }
}
