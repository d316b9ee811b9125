using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>The nearest rows of a bank, by Euclidean distance, exactly, in blocks that keep memory small.</summary>
public static class NearestNeighbours
{
    /// <summary>Cells of the table of distances that are held at once: 32 MiB of them.</summary>
    private const long MostCells = 8 << 20;

    /// <summary>
    /// Euclidean distances of every pair, <c>(N, D), (M, D) -> (N, M)</c>, as |x|² - 2xy + |y|² cut at 0 (anomalib@161bb36
    /// <c>PatchcoreModel.euclidean_dist</c>):
    /// rows that are nearly equal lose digits.
    /// </summary>
    public static Tensor Table(Tensor queries, Tensor bank)
    {
        using var scope = new TensorScope();
        var own = queries.Square().Sum([-1L], true);
        var squares = own - (queries.Matmul(bank.Transpose(-2, -1)) * 2) + bank.Square().Sum([-1L], true).Transpose(-2, -1);
        return scope.Keep(squares.ClampMin(0).Sqrt());
    }

    /// <summary>The nearest rows of the bank, nearest first.</summary>
    /// <param name="queries"><c>(N, D)</c></param>
    /// <param name="bank"><c>(M, D)</c></param>
    /// <param name="count">How many for each query, at most M.</param>
    /// <returns>Distances and places in the bank, <c>(N, count)</c> both.</returns>
    /// <exception cref="ArgumentException">Rows of unlike length, or fewer rows than are asked for.</exception>
    public static (Tensor Distances, Tensor Places) Find(Tensor queries, Tensor bank, int count)
    {
        if (queries.Dimensions != 2 || bank.Dimensions != 2 || queries.Size(1) != bank.Size(1))
        {
            throw new ArgumentException("nearest neighbours: rows of [" + string.Join(", ", queries.Shape.ToArray()) + "] and ["
                + string.Join(", ", bank.Shape.ToArray()) + "] cannot be compared");
        }

        if (count < 1 || count > bank.Size(0)) throw new ArgumentException($"nearest neighbours: {count} of a bank of {bank.Size(0)} rows");
        using var scope = new TensorScope();
        long block = Math.Max(1, MostCells / bank.Size(0));
        List<Tensor> distances = [], places = [];
        for (long start = 0; start < queries.Size(0); start += block)
        {
            using var inner = new TensorScope();
            var table = Table(queries.Narrow(0, start, Math.Min(block, queries.Size(0) - start)), bank);
            var (near, at) = count == 1 ? table.Min(1, true) : table.Topk(count, 1, false, true);
            distances.Add(inner.Keep(near));
            places.Add(inner.Keep(at));
        }

        return scope.Keep((Tensor.Cat([.. distances], 0), Tensor.Cat([.. places], 0)));
    }
}
