using System.Numerics;
using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// Regions of maps, brought to one size: the mean of bilinear samples in each bin; 1703.06870 §3, as torchvision 0.14 <c>ops.roi_align</c>
/// defines it (torchvision/csrc/ops/cpu/roi_align_common.h). Built from a weighted sum of cells (<c>embedding_bag</c>), so that nothing
/// larger than maps and result is made. Differentiable in the maps.
/// </summary>
public static class RoiAlign
{
    private const double MostSamples = 1 << 16;

    /// <summary>Pools boxes: <c>(N, C, H, W), (R, 5) -> (R, C, height, width)</c>.</summary>
    /// <param name="maps">Floating point.</param>
    /// <param name="boxes">The map's number, then x1, y1, x2, y2 in pixels of the picture.</param>
    /// <param name="height">Bins from top to bottom.</param>
    /// <param name="width">Bins from left to right.</param>
    /// <param name="spatialScale">Cells of the map a pixel of the picture.</param>
    /// <param name="samplingRatio">Samples a bin along each side; 0 or less for as many as a bin has cells, rounded up.</param>
    /// <param name="aligned">Whether coordinates are moved by half a cell, so that whole numbers are edges of cells; without it, boxes have
    /// one cell at least.</param>
    /// <exception cref="ArgumentException">Shapes, a map's number or a coordinate are not as described.</exception>
    public static Tensor Pool(Tensor maps, Tensor boxes, int height, int width, double spatialScale = 1, int samplingRatio = -1,
        bool aligned = false)
    {
        if (maps.Dimensions != 4 || boxes.Dimensions != 2 || boxes.Size(1) != 5)
        {
            throw new ArgumentException($"RoIAlign: maps [{string.Join(", ", maps.Shape.ToArray())}] and boxes "
                + $"[{string.Join(", ", boxes.Shape.ToArray())}] are not (N, C, H, W) and (R, 5): each box is its map's number and "
                + $"x1, y1, x2, y2");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return boxes.DType == DType.Float64
            ? Pool(maps, boxes.Detach().Cpu().ToArray<double>(), height, width, spatialScale, samplingRatio, aligned)
            : Pool(maps, boxes.Detach().Float().Cpu().ToArray<float>(), height, width, (float)spatialScale, samplingRatio, aligned);
    }

    /// <summary>One bin's share of each row (or column) of a map: samples of one region along one side, interpolated; to be divided by the
    /// number of samples.</summary>
    /// <param name="start">Where the region begins, in cells.</param>
    /// <param name="size">The bin's, in cells.</param>
    /// <param name="bin">Its number.</param>
    /// <param name="samples">How many.</param>
    /// <param name="shares">Of all rows; zero beforehand.</param>
    /// <typeparam name="T">The boxes' precision, as in torchvision.</typeparam>
    public static void AddShares<T>(T start, T size, int bin, int samples, Span<T> shares)
        where T : IBinaryFloatingPointIeee754<T>
    {
        T last = T.CreateChecked(shares.Length - 1), half = T.CreateChecked(0.5), count = T.CreateChecked(samples);
        for (int k = 0; k < samples; k++)
        {
            var at = start + (T.CreateChecked(bin) * size) + ((T.CreateChecked(k) + half) * size / count);
            if (at < -T.One || at > last + T.One) continue; // outside by more than a cell: counts as 0
            at = T.Max(at, T.Zero);
            int low = int.CreateTruncating(at);
            if (low >= shares.Length - 1)
            {
                shares[^1] += T.One;
                continue;
            }

            var part = at - T.CreateChecked(low);
            shares[low] += T.One - part;
            shares[low + 1] += part;
        }
    }

    /// <summary>A region along one side: where it begins and the size of each of its bins, in cells, and the samples of a bin.</summary>
    /// <param name="from">x1 or y1.</param>
    /// <param name="to">x2 or y2.</param>
    /// <param name="scale">Cells a pixel.</param>
    /// <param name="bins">How many.</param>
    /// <param name="samplingRatio">Samples a bin; adaptive where 0 or less.</param>
    /// <param name="aligned">See <see cref="Pool(Tensor, Tensor, int, int, double, int, bool)"/>.</param>
    /// <typeparam name="T">The boxes' precision.</typeparam>
    /// <exception cref="ArgumentException">A coordinate is no number or far out of any map.</exception>
    public static (T Start, T Bin, int Samples) Side<T>(T from, T to, T scale, int bins, int samplingRatio, bool aligned)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var offset = T.CreateChecked(aligned ? 0.5 : 0);
        T start = (from * scale) - offset, length = (to * scale) - offset - start;
        if (!aligned) length = T.Max(length, T.One);
        var bin = length / T.CreateChecked(bins);
        var samples = samplingRatio > 0 ? T.CreateChecked(samplingRatio) : T.Ceiling(bin);
        if (!T.IsFinite(start) || !T.IsFinite(samples) || samples > T.CreateChecked(MostSamples))
            throw new ArgumentException($"RoIAlign: a box from {from} to {to} cannot be sampled: its coordinates must be finite, and a bin "
                + $"at most {MostSamples} cells");
        return (start, bin, Math.Max(0, int.CreateTruncating(samples)));
    }

    /// <summary>From the first cell that counts to behind the last; nothing where none does.</summary>
    private static (int First, int Past) Reached<T>(ReadOnlySpan<T> shares)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int first = shares.IndexOfAnyExcept(T.Zero);
        return first < 0 ? (0, 0) : (first, shares.LastIndexOfAnyExcept(T.Zero) + 1);
    }

    private static Tensor Pool<T>(Tensor maps, T[] boxes, int height, int width, T scale, int samplingRatio, bool aligned)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long count = maps.Size(0), channels = maps.Size(1);
        int rows = (int)maps.Size(2), columns = (int)maps.Size(3), regions = boxes.Length / 5;
        var cells = new List<long>();
        var weights = new List<float>();
        var weightsOfDoubles = new List<double>();
        var offsets = new List<long>(regions * height * width);
        bool isDouble = maps.DType == DType.Float64;
        var down = new T[height][];
        var across = new T[width][];
        (int First, int Past)[] rowsOf = new (int, int)[height], columnsOf = new (int, int)[width];
        for (int region = 0; region < regions; region++)
        {
            var box = boxes.AsSpan(region * 5, 5);
            if (!(box[0] >= T.Zero && box[0] < T.CreateChecked(count)))
                throw new ArgumentException($"RoIAlign: box {region} is of the map {box[0]}, and there are the maps 0 to {count - 1}");
            long first = long.CreateTruncating(box[0]) * rows * columns;
            var x = Side(box[1], box[3], scale, width, samplingRatio, aligned);
            var y = Side(box[2], box[4], scale, height, samplingRatio, aligned);
            for (int bin = 0; bin < height; bin++) AddShares(y.Start, y.Bin, bin, y.Samples, down[bin] = new T[rows]);
            for (int bin = 0; bin < width; bin++) AddShares(x.Start, x.Bin, bin, x.Samples, across[bin] = new T[columns]);
            for (int bin = 0; bin < height; bin++) rowsOf[bin] = Reached<T>(down[bin]);
            for (int bin = 0; bin < width; bin++) columnsOf[bin] = Reached<T>(across[bin]);
            var samples = T.CreateChecked(Math.Max(1L, (long)x.Samples * y.Samples));
            for (int bin = 0; bin < height * width; bin++)
            {
                offsets.Add(cells.Count);
                var (vertical, horizontal) = (down[bin / width], across[bin % width]);
                var (firstColumn, pastColumn) = columnsOf[bin % width];
                for (int row = rowsOf[bin / width].First; row < rowsOf[bin / width].Past; row++)
                {
                    if (vertical[row] == T.Zero) continue;
                    for (int column = firstColumn; column < pastColumn; column++)
                    {
                        if (horizontal[column] == T.Zero) continue;
                        cells.Add(first + ((long)row * columns) + column);
                        var weight = vertical[row] * horizontal[column] / samples;
                        if (isDouble) weightsOfDoubles.Add(double.CreateChecked(weight));
                        else weights.Add(float.CreateChecked(weight));
                    }
                }
            }
        }

        using var scope = new TensorScope();
        var table = maps.Permute([0, 2, 3, 1]).Reshape([-1, channels]); // (N·H·W, C)
        if (regions == 0) return scope.Keep(table[TensorIndex.Slice(0, 0)].Reshape([0, channels, height, width]));
        var values = (isDouble ? Tensor.From(weightsOfDoubles.ToArray()) : Tensor.From(weights.ToArray())).To(maps.Device, maps.DType);
        // mode 0: sum; an empty bin gives 0
        var pooled = Functional.EmbeddingBag(table, Tensor.From(cells.ToArray()).To(maps.Device),
            Tensor.From(offsets.ToArray()).To(maps.Device), false, 0, false, values, false).Item1;
        return scope.Keep(pooled.Reshape([regions, height, width, channels]).Permute([0, 3, 1, 2]).Contiguous());
    }
}
