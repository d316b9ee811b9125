using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>
/// Rows and columns as sines and cosines of falling frequency, sine and cosine in turn; 1706.03762 §3.5 in two dimensions,
/// facebookresearch/detr@29901c51 models/position_encoding.py <c>PositionEmbeddingSine</c>.
/// </summary>
/// <param name="Features">Channels an axis, even; the code has twice as many.</param>
public sealed record SinePositions(int Features)
{
    /// <summary>The slowest wave is this much longer than the fastest.</summary>
    public double Temperature { get; init; } = 10_000;

    /// <summary>Whether coordinates are shares of the picture without its padding, times <see cref="Scale"/>, rather than counts of rows
    /// and columns.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>What the last row and the last column are, when normalised.</summary>
    public double Scale { get; init; } = 2 * Math.PI;

    /// <summary>Added to the number of rows and columns when normalising.</summary>
    public double Eps { get; init; } = 1e-6;

    /// <summary>The code of every cell; <c>(N, h, w) -> (N, 2·Features, h, w)</c>, the rows' half first.</summary>
    /// <param name="mask">Bool, true on padding.</param>
    /// <exception cref="ArgumentException">An odd number of features.</exception>
    public Tensor Compute(Tensor mask)
    {
        if (Features < 2 || Features % 2 != 0)
            throw new ArgumentException($"sine positions: {Features} features an axis, but sine and cosine take an even number");
        using var scope = new TensorScope();
        var inside = mask.LogicalNot();
        Tensor y = inside.Cumsum(1, DType.Float32), x = inside.Cumsum(2, DType.Float32); // (N, h, w), from 1
        if (Normalize)
        {
            y = y / (y[.., ^1..] + Eps) * Scale;
            x = x / (x[.., .., ^1..] + Eps) * Scale;
        }

        var period = Tensor.From([.. Enumerable.Range(0, Features / 2).Select(k => (float)Math.Pow(Temperature, 2.0 * k / Features))],
            [Features / 2], mask.Device);
        return scope.Keep(Tensor.Cat([Waves(y, period), Waves(x, period)], 3).Permute([0, 3, 1, 2]));
    }

    /// <summary><c>(N, h, w) -> (N, h, w, Features)</c></summary>
    private static Tensor Waves(Tensor coordinate, Tensor period)
    {
        var angle = coordinate.Unsqueeze(3) / period;
        return Tensor.Stack([angle.Sin(), angle.Cos()], 4).Flatten(3);
    }
}

/// <summary>A learned code of each row and of each column; <c>PositionEmbeddingLearned</c> of the same file.</summary>
/// <param name="features">Channels an axis; the code has twice as many.</param>
public sealed partial class LearnedPositions(int features) : Module<Tensor, Tensor>
{
    /// <summary>Rows and columns that the tables have.</summary>
    public const int Most = 50;

    /// <summary><c>(50, features)</c></summary>
    public Embedding RowEmbed { get; } = Uniform(features);

    /// <summary><c>(50, features)</c></summary>
    public Embedding ColEmbed { get; } = Uniform(features);

    /// <summary>The code of a map's cells, its columns' half first; <c>(N, …, h, w) -> (1, 2·features, h, w)</c>.</summary>
    /// <exception cref="TorchException">The map has more than 50 rows or columns.</exception>
    protected override Tensor Forward(Tensor map)
    {
        long height = map.Size(-2), width = map.Size(-1);
        if (height > Most || width > Most)
            throw new TorchException($"learned positions: a map of {height} x {width}, but the tables have {Most} rows and columns: use "
                + $"smaller pictures, or sine positions");
        var rows = RowEmbed.Weight[TensorIndex.Slice(0, height)].Unsqueeze(1).Expand([height, width, -1]);
        var columns = ColEmbed.Weight[TensorIndex.Slice(0, width)].Unsqueeze(0).Expand([height, width, -1]);
        return Tensor.Cat([columns, rows], 2).Permute([2, 0, 1]).Unsqueeze(0);
    }

    private static Embedding Uniform(int features)
    {
        var table = new Embedding(Most, features);
        Init.Uniform(table.Weight);
        return table;
    }
}
