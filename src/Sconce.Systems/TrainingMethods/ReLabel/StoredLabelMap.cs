using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>One picture's map as it is stored, <c>[2, top, S, S]</c>: logits, then their classes; pooled on the loader's threads, without
/// tensors.</summary>
public sealed class StoredLabelMap
{
    private readonly float[] scores;
    private readonly int[] indices;

    /// <summary>Takes arrays over, both <c>(top, S, S)</c>.</summary>
    /// <exception cref="ArgumentException">Lengths do not fit.</exception>
    public StoredLabelMap(float[] scores, int[] indices, int top, int size)
    {
        if (top < 1 || size < 1 || scores.Length != (long)top * size * size || indices.Length != scores.Length)
            throw new ArgumentException($"ReLabel: {scores.Length} scores and {indices.Length} classes are no map of {top} x "
                + $"{size} x {size}");
        (this.scores, this.indices, Top, Size) = (scores, indices, top, size);
    }

    /// <summary>Classes kept a cell.</summary>
    public int Top { get; }

    /// <summary>Cells a side.</summary>
    public int Size { get; }

    /// <summary>Reads a published file, or one of the same array as .npy or .safetensors.</summary>
    /// <exception cref="DataException">The file holds no such array.</exception>
    /// <exception cref="CheckpointException">The file is missing or damaged.</exception>
    public static StoredLabelMap Read(string path)
    {
        using var file = Checkpoint.Open(path);
        if (file.Tensors.Count != 1 || file.Tensors[0].Shape is not [2, var top, var size, var width] || size != width
            || top < 1 || size < 1)
        {
            throw new DataException(path, $"a label map is one array [2, top, S, S], and here there are "
                + $"{string.Join(", ", file.Tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]"))}");
        }

        using var scope = new TensorScope();
        float[] numbers = ComplexWeights.ToReal(path, file.Tensors[0]).Float().ToArray<float>();
        int half = numbers.Length / 2;
        if (numbers.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new DataException(path, "the label map holds NaN or infinity");
        return new StoredLabelMap(numbers[..half], [.. numbers[half..].Select(number => (int)number)], (int)top, (int)size);
    }

    /// <summary>The soft label of a crop, as <see cref="LabelPooling.Pool"/> gives it.</summary>
    /// <param name="crop">In the picture's pixels.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="classes">How many there are.</param>
    /// <exception cref="DataException">The map has a class outside.</exception>
    public float[] Pool(PixelBox crop, int width, int height, int classes)
    {
        float[] box = LabelPooling.Shares(crop, width, height), labels = new float[classes];
        float[] across = Side(box[0], box[2]), down = Side(box[1], box[3]);
        for (int rank = 0; rank < Top; rank++)
        {
            for (int row = 0; row < Size; row++)
            {
                for (int column = 0; column < Size; column++)
                {
                    float weight = down[row] * across[column];
                    if (weight == 0) continue;
                    int cell = (rank * Size + row) * Size + column, index = indices[cell];
                    if ((uint)index >= (uint)classes)
                        throw new DataException($"a label map names the class {index}, outside 0 to {classes - 1}: was it made for another "
                            + $"set of classes?");
                    labels[index] += weight * scores[cell];
                }
            }
        }

        float top = labels.Max(), sum = 0;
        for (int k = 0; k < classes; k++) sum += labels[k] = MathF.Exp(labels[k] - top);
        for (int k = 0; k < classes; k++) labels[k] /= sum;
        return labels;
    }

    /// <summary>The mean of the samples along one side, as shares of the map's rows or columns.</summary>
    private float[] Side(float from, float to)
    {
        var (start, bin, samples) = RoiAlign.Side(from * Size - 0.5f, to * Size - 0.5f, 1f, 1, -1, aligned: false);
        float[] shares = new float[Size];
        RoiAlign.AddShares(start, bin, 0, samples, shares);
        for (int k = 0; k < Size; k++) shares[k] /= samples;
        return shares;
    }
}
