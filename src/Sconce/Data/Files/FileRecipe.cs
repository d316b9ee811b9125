using Sconce.Torch;

namespace Sconce.Data;

/// <summary>Some of a set's files as batches: <c>(N, …)</c> and their labels.</summary>
/// <param name="files">The set.</param>
/// <param name="form">How a file becomes an input.</param>
/// <param name="numbers">Which of them, by number.</param>
/// <param name="learns">Whether they are drawn as they are learned, rather than read as they are asked about.</param>
public sealed class FileRecipe(LabelledFiles files, FileForm form, IReadOnlyList<int> numbers,
    bool learns) : IBatchRecipe<TensorExample, ImageBatch>
{
    /// <inheritdoc/>
    public int Count => numbers.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => files.Files[numbers[index]];

    /// <inheritdoc/>
    public TensorExample Load(int index, ref AugmentationRandom random)
    {
        string path = NameOf(index);
        var (values, shape) = learns ? form.Draw(path, ref random) : form.Read(path);
        return new TensorExample(values, shape, files.Labels[numbers[index]]);
    }

    /// <inheritdoc/>
    public IBatchBuilder<TensorExample, ImageBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) =>
        new Builder(this, indices);

    private sealed class Builder(FileRecipe recipe, IReadOnlyList<int> indices) : IBatchBuilder<TensorExample, ImageBatch>
    {
        private readonly TensorExample?[] examples = new TensorExample?[indices.Count];

        public void Place(int slot, TensorExample item) => examples[slot] = item;

        public ImageBatch Complete(IReadOnlyList<int> filled)
        {
            var first = examples[filled[0]]!;
            float[] values = new float[first.Values.Length * filled.Count];
            for (int k = 0; k < filled.Count; k++)
            {
                var example = examples[filled[k]]!;
                if (!example.Shape.SequenceEqual(first.Shape))
                {
                    throw new DataException(
                        recipe.NameOf(indices[filled[k]]),
                            $"it becomes [{string.Join(", ", example.Shape)}], others [{string.Join(", ", first.Shape)}]: a batch has "
                                + "one shape");
                }

                example.Values.CopyTo(values, k * first.Values.Length);
            }

            long[] labels = [.. filled.Select(slot => (long)examples[slot]!.Label)];
            return new ImageBatch(
                Tensor.From(values, [filled.Count, .. first.Shape]), Tensor.From(labels), null,
                [.. filled.Select(slot => indices[slot])], [.. filled.Select(slot => recipe.NameOf(indices[slot]))]);
        }

        public void Dispose()
        {
        }
    }
}
