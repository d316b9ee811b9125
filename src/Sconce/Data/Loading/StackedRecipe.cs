using Sconce.Torch;

namespace Sconce.Data;

/// <summary>
/// Batches of items that are rows of numbers of fixed shapes: pairs of pictures, frames with sound. Each part of an item is stacked with
/// the same part of the others.
/// </summary>
/// <typeparam name="TBatch">A batch, which frees its tensors.</typeparam>
public abstract class StackedRecipe<TBatch> : IBatchRecipe<float[][], TBatch>
{
    /// <inheritdoc/>
    public abstract int Count { get; }

    /// <summary>The shape of each part of an item, without the batch.</summary>
    protected abstract IReadOnlyList<long[]> Shapes { get; }

    /// <inheritdoc/>
    public abstract string NameOf(int index);

    /// <inheritdoc/>
    public abstract float[][] Load(int index, ref AugmentationRandom random);

    /// <inheritdoc/>
    public IBatchBuilder<float[][], TBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) => new Builder(this, indices);

    /// <summary>A batch of stacked parts, which belong to no scope: the batch frees them.</summary>
    /// <param name="parts">Each <c>(N, …)</c>, in the order of <see cref="Shapes"/>.</param>
    /// <param name="names">What errors call the items.</param>
    protected abstract TBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names);

    private sealed class Builder(StackedRecipe<TBatch> recipe, IReadOnlyList<int> indices) : IBatchBuilder<float[][], TBatch>
    {
        private readonly float[][]?[] items = new float[indices.Count][][];

        public void Place(int slot, float[][] item) => items[slot] = item;

        public TBatch Complete(IReadOnlyList<int> filled)
        {
            using var scope = new TensorScope();
            var parts = new Tensor[recipe.Shapes.Count];
            for (int part = 0; part < parts.Length; part++)
            {
                float[] rows = [.. filled.SelectMany(slot => items[slot]![part])];
                parts[part] = scope.KeepForever(Tensor.From(rows, [filled.Count, .. recipe.Shapes[part]]));
            }

            return recipe.Together(parts, [.. filled.Select(slot => recipe.NameOf(indices[slot]))]);
        }

        public void Dispose()
        {
        }
    }
}
