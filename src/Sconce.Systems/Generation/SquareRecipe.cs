using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation;

/// <summary>Squares of pictures as an autoencoder learns them. Its tensor belongs to no scope: the batch frees it.</summary>
/// <param name="Pictures"><c>(N, C, S, S)</c></param>
/// <param name="Names">What errors call the pictures.</param>
internal sealed record SquareBatch(Tensor Pictures, IReadOnlyList<string> Names) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Pictures.Dispose();
}

/// <summary>Squares of pictures: of the middle, or from anywhere along the longer side.</summary>
/// <param name="data">Pictures of any sizes.</param>
/// <param name="side">In pixels.</param>
/// <param name="channels">Of what is learned.</param>
/// <param name="isCropped">Whether a square lies anywhere, and is mirrored every other time.</param>
/// <param name="square">Prepares a picture: <c>(1, C, S, S)</c> of it, and of the place along its longer side, in [0, 1].</param>
internal sealed class SquareRecipe(
    IDataset<ImageExample> data, int side, int channels, bool isCropped, Func<Image, double, Tensor> square)
    : IBatchRecipe<float[], SquareBatch>
{
    private const double Middle = 0.5;

    public int Count => data.Count;

    public string NameOf(int index) => data.NameOf(index);

    public float[] Load(int index, ref AugmentationRandom random)
    {
        using var scope = new TensorScope();
        try
        {
            var seen = square(data[index].Image, isCropped ? random.NextDouble() : Middle);
            return (isCropped && random.Chance(0.5) ? seen.Flip([3]).Contiguous() : seen).ToArray<float>();
        }
        catch (DataException fault) when (fault.Place is null)
        {
            throw new DataException(NameOf(index), fault.Message, fault);
        }
    }

    public IBatchBuilder<float[], SquareBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) => new Builder(this, indices);

    /// <summary>The first pictures of a source, on the processor; the caller frees them.</summary>
    internal static Tensor First(IBatchSource<SquareBatch> source, int count, CancellationToken cancellation)
    {
        using var group = source.FirstBatches(1, cancellation);
        using var scope = new TensorScope();
        var first = group.Batches[0].Pictures;
        return scope.KeepForever(first.Narrow(0, 0, Math.Min(count, first.Size(0))).Clone());
    }

    private SquareBatch Together(float[]?[] squares, IReadOnlyList<int> filled, IReadOnlyList<int> indices)
    {
        using var scope = new TensorScope();
        var pictures = Tensor.From<float>([.. filled.SelectMany(slot => squares[slot]!)], [filled.Count, channels, side, side]);
        return new SquareBatch(scope.KeepForever(pictures), [.. filled.Select(slot => NameOf(indices[slot]))]);
    }

    private sealed class Builder(SquareRecipe recipe, IReadOnlyList<int> indices) : IBatchBuilder<float[], SquareBatch>
    {
        private readonly float[]?[] squares = new float[indices.Count][];

        public void Place(int slot, float[] item) => squares[slot] = item;

        public SquareBatch Complete(IReadOnlyList<int> filled) => recipe.Together(squares, filled, indices);

        public void Dispose()
        {
        }
    }
}
