namespace Sconce.Systems.Generation.Vqgan;

/// <summary>In which order a grid's codes become a sequence. CompVis/taming-transformers@3ba01b2 permuter.py.</summary>
public enum CodeOrder
{
    /// <summary>Row by row.</summary>
    Identity,

    /// <summary>A coarse grid first, then ever finer ones between. One side is a power of two, the other a multiple of it.</summary>
    Subsample,

    /// <summary>Morton's curve: quarters, in them quarters.</summary>
    ZCurve,

    /// <summary>From the middle outwards. Square grids of even side.</summary>
    SpiralOut,

    /// <summary>From the corner inwards. Square grids of even side.</summary>
    SpiralIn,

    /// <summary>Rows, every second one backwards.</summary>
    AlternateParsing,

    /// <summary>Shuffled, always alike.</summary>
    Random,
}

/// <summary>The places of a grid, numbered row by row, in an order.</summary>
public static class Permuter
{
    /// <summary>For each place of the sequence the place of the grid, <c>height · width</c> numbers.</summary>
    /// <exception cref="ArgumentException">The order does not exist for a grid of that size.</exception>
    public static long[] Order(CodeOrder order, int height, int width) => order switch
    {
        CodeOrder.Identity => Places(height, width),
        CodeOrder.Subsample => Subsample(height, width),
        CodeOrder.ZCurve => [.. Places(height, width).OrderBy(place => Morton(place / width, place % width))],
        CodeOrder.SpiralOut => SpiralOut(Even(order, height, width)),
        CodeOrder.SpiralIn => [.. SpiralOut(Even(order, height, width)).Reverse()],
        CodeOrder.AlternateParsing =>
            [.. Places(height, width).Select(place => place / width % 2 == 0 ? place : (2 * (place / width * width)) + width - 1 - place)],
        _ => Shuffled(height * width),
    };

    /// <summary>The order that undoes another.</summary>
    public static long[] Inverse(long[] order)
    {
        var inverse = new long[order.Length];
        for (int k = 0; k < order.Length; k++) inverse[order[k]] = k;
        return inverse;
    }

    private static long[] Places(int height, int width) => [.. Enumerable.Range(0, height * width).Select(place => (long)place)];

    /// <summary>Places sorted by the reversed bits of row and column, the row's bit first, then by what is left of both.</summary>
    private static long[] Subsample(int height, int width)
    {
        int least = Math.Min(height, width), bits = int.Log2(least);
        if (!int.IsPow2(least) || Math.Max(height, width) % least != 0)
        {
            throw Unfit(CodeOrder.Subsample, height, width, "one side that is a power of two, and another that is a multiple of it");
        }

        return [.. Places(height, width).OrderBy(place => Reversed(place / width, place % width))];

        long Reversed(long row, long column)
        {
            long key = 0;
            for (int bit = 0; bit < bits; bit++) key = (key << 2) | ((row >> bit & 1) << 1) | (column >> bit & 1);
            return (((key * (height >> bits)) + (row >> bits)) * (width >> bits)) + (column >> bits);
        }
    }

    /// <summary>The bits of row and column in turn, the column's lowest.</summary>
    private static long Morton(long row, long column)
    {
        long key = 0;
        for (int bit = 0; bit < 31; bit++) key |= ((column >> bit & 1) << (2 * bit)) | ((row >> bit & 1) << ((2 * bit) + 1));
        return key;
    }

    /// <summary>From left of the middle: up, right, down, left, each turn of two legs one step longer.</summary>
    private static long[] SpiralOut(int side)
    {
        var order = new List<long>(side * side);
        int row = side / 2, column = (side / 2) - 1;
        (int Row, int Column)[] turns = [(-1, 0), (0, 1), (1, 0), (0, -1)];
        order.Add((row * side) + column);
        for (int leg = 0; order.Count < side * side; leg++)
        {
            for (int step = 0; step < (leg / 2) + 1 && order.Count < side * side; step++)
            {
                (row, column) = (row + turns[leg % 4].Row, column + turns[leg % 4].Column);
                order.Add((row * side) + column);
            }
        }

        return [.. order];
    }

    /// <summary>The order of the released code, which shuffles by a Mersenne twister with the seed 1.</summary>
    private static long[] Shuffled(int count)
    {
        long[] order = Places(1, count);
        var twister = new MersenneTwister(1);
        for (int k = count - 1; k > 0; k--)
        {
            int other = (int)twister.AtMost((uint)k);
            (order[k], order[other]) = (order[other], order[k]);
        }

        return order;
    }

    private static int Even(CodeOrder order, int height, int width) =>
        height == width && height % 2 == 0 ? height : throw Unfit(order, height, width, "a square of even side");

    private static ArgumentException Unfit(CodeOrder order, int height, int width, string wanted) =>
        new($"the order {order} needs {wanted}, not a grid of {height} by {width}: take another order");
}
