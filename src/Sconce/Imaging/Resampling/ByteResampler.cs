using System.Buffers;
using System.Runtime.Intrinsics.X86;

namespace Sconce.Imaging.Resampling;

/// <summary>
/// Pillow's 8-bit resampling, bit for bit: a horizontal pass over the rows that are needed, rounded to 8 bits, then a vertical pass;
/// a pass that would change nothing is not run.
/// </summary>
internal static unsafe class ByteResampler
{
    /// <summary>(height, width, channels) -> (newHeight, newWidth, channels).</summary>
    internal static byte[] Resize(byte[] source, int width, int height, int channels, int newWidth, int newHeight, ResizeFilter filter,
        bool vectors = true) =>
        Resize(new PixelView(source, width * channels, 0, width, height, channels), newWidth, newHeight, filter, vectors);

    /// <summary>(height, width, channels) of the view -> (newHeight, newWidth, channels).</summary>
    internal static byte[] Resize(PixelView source, int newWidth, int newHeight, ResizeFilter filter, bool vectors = true) =>
        Resize(source, newWidth, newHeight, new PixelBox(0, 0, newWidth, newHeight), filter, vectors);

    /// <summary>Of the result, (newHeight, newWidth, channels), only what lies in the window.</summary>
    internal static byte[] Resize(PixelView source, int newWidth, int newHeight, PixelBox window, ResizeFilter filter, bool vectors = true)
    {
        vectors &= Avx2.IsSupported;
        int width = source.Width, height = source.Height, channels = source.Channels;
        // Along a side that is not resampled the window is a part of the source.
        if (newHeight == height)
            (source, height, newHeight) = (source with { Start = source.Start + window.Top * source.RowBytes, Height = window.Height },
                window.Height, window.Height);
        if (newWidth == width)
            (source, width, newWidth) = (source with { Start = source.Start + window.Left * channels, Width = window.Width }, window.Width,
                window.Width);
        var vertical = newHeight == height ? null : FixedWeights.Compute(height, newHeight, filter, window.Top, window.Height);
        var firstRow = 0;
        ReadOnlySpan<byte> pixels = source.Bytes.AsSpan(source.Start);
        var rowBytes = source.RowBytes;
        byte[]? narrowed = null;
        if (newWidth != width)
        {
            var weights = FixedWeights.Compute(width, newWidth, filter, window.Left, window.Width);
            firstRow = vertical?.First[0] ?? 0;
            var rows = (vertical is null ? height : vertical.First[^1] + vertical.Count[^1]) - firstRow;
            var size = checked(rows * window.Width * channels);
            narrowed = vertical is null ? GC.AllocateUninitializedArray<byte>(size) : ArrayPool<byte>.Shared.Rent(size);
            Horizontal(pixels[(firstRow * rowBytes)..], rowBytes, width * channels, narrowed, rows, channels, weights, vectors);
            pixels = narrowed;
            rowBytes = window.Width * channels;
        }
        if (vertical is null)
            return narrowed ?? throw new ArgumentException("A resize to the same size is a copy.");
        var result = GC.AllocateUninitializedArray<byte>(checked(window.Height * window.Width * channels));
        Vertical(pixels, firstRow, rowBytes, result, window.Width * channels, vertical, vectors);
        if (narrowed is not null)
            ArrayPool<byte>.Shared.Return(narrowed);
        return result;
    }

    private static void Horizontal(ReadOnlySpan<byte> source, int sourceStep, int inBytes, Span<byte> target, int rows, int channels,
        FixedWeights weights, bool vectors)
    {
        var outBytes = weights.Outputs * channels;
        if (!vectors)
        {
            for (var y = 0; y < rows; y++)
                HorizontalScalar(source.Slice(y * sourceStep, inBytes), target.Slice(y * outBytes, outBytes), channels, weights);
            return;
        }
        // Vector loads and stores run past a row's end, so rows pass through buffers with room behind them.
        const int room = 64;
        var scratchIn = new byte[inBytes + weights.Stride * channels + room];
        var scratchOut = new byte[outBytes + room];
        fixed (byte* read = scratchIn, write = scratchOut)
        {
            for (var y = 0; y < rows; y++)
            {
                source.Slice(y * sourceStep, inBytes).CopyTo(scratchIn);
                if (channels == 1)
                    Avx2Passes.HorizontalGray(read, write, weights);
                else
                    Avx2Passes.HorizontalColor(read, write, channels, weights);
                scratchOut.AsSpan(0, outBytes).CopyTo(target[(y * outBytes)..]);
            }
        }
    }

    private static void HorizontalScalar(ReadOnlySpan<byte> row, Span<byte> target, int channels, FixedWeights weights)
    {
        for (var x = 0; x < weights.Outputs; x++)
        {
            for (var c = 0; c < channels; c++)
            {
                var sum = FixedWeights.Rounding;
                for (var i = 0; i < weights.Count[x]; i++)
                    sum += row[(weights.First[x] + i) * channels + c] * weights[x, i];
                target[x * channels + c] = Clip(sum);
            }
        }
    }

    private static void Vertical(ReadOnlySpan<byte> source, int firstRow, int sourceStep, Span<byte> target, int rowBytes,
        FixedWeights weights, bool vectors)
    {
        fixed (byte* start = source, write = target)
        {
            for (var y = 0; y < weights.Outputs; y++)
            {
                var read = start + (long)(weights.First[y] - firstRow) * sourceStep;
                var row = write + (long)y * rowBytes;
                if (vectors && rowBytes >= 32)
                    Avx2Passes.VerticalRow(read, sourceStep, rowBytes, row, weights, y);
                else
                    VerticalScalar(read, sourceStep, rowBytes, row, weights, y);
            }
        }
    }

    private static void VerticalScalar(byte* source, int sourceStep, int rowBytes, byte* target, FixedWeights weights, int y)
    {
        for (var x = 0; x < rowBytes; x++)
        {
            var sum = FixedWeights.Rounding;
            for (var i = 0; i < weights.Count[y]; i++)
                sum += source[(long)i * sourceStep + x] * weights[y, i];
            target[x] = Clip(sum);
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> FixedWeights.PrecisionBits, 0, 255);
}

/// <summary>A rectangle of 8-bit pixels inside a larger picture: rows of Width * Channels bytes, RowBytes apart, the first at
/// Start.</summary>
internal readonly record struct PixelView(byte[] Bytes, int RowBytes, int Start, int Width, int Height, int Channels);
