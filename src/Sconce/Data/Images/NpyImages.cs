using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Data;

/// <summary>Pictures in one NumPy array of bytes, (N, H, W), (N, H, W, 3) or (N, H, W, 4), with labels (N) in another.</summary>
public sealed class NpyImages : IDataset<ImageExample>
{
    private readonly byte[] samples;
    private readonly int[] labels;
    private readonly int width, height, channels;
    private readonly string name;

    private NpyImages(string name, byte[] samples, int count, int height, int width, int channels, int[] labels)
    {
        (this.name, this.samples, Count, this.height, this.width, this.channels, this.labels) =
            (name, samples, count, height, width, channels, labels);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <summary>The label of each item; empty where none were given.</summary>
    public IReadOnlyList<int> Labels => labels;

    /// <summary>One picture, copied.</summary>
    public ImageExample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var size = height * width * channels;
            return new ImageExample(Image.FromPixels(width, height, channels, samples.AsSpan(index * size, size)))
            { Label = labels.Length == 0 ? null : labels[index], Name = NameOf(index) };
        }
    }

    /// <inheritdoc/>
    public string NameOf(int index) => $"{name}[{index}]";

    /// <summary>Reads arrays.</summary>
    /// <param name="pictures">A <c>.npy</c> of uint8.</param>
    /// <param name="labels">A <c>.npy</c> of whole numbers; left out: no labels.</param>
    /// <param name="classes">Where given, labels must lie in 0 to classes - 1.</param>
    /// <exception cref="DataException">Another type or shape, no pictures, other numbers of labels, a label out of range.</exception>
    /// <exception cref="CheckpointException">A file is missing or damaged.</exception>
    public static NpyImages Open(string pictures, string? labels = null, int? classes = null)
    {
        var (samples, shape) = Read<byte>(pictures, DType.UInt8);
        if (shape.Length is not (3 or 4) || (shape.Length == 4 && shape[3] is not (1 or 3 or 4)))
            throw new DataException(pictures,
                $"an array of shape ({string.Join(", ", shape)}) is none of pictures: (N, H, W), (N, H, W, 3) or (N, H, W, 4) is wanted");
        if (samples.Length == 0)
            throw new DataException(pictures, "the array is empty");
        var count = (int)shape[0];
        var numbers = labels is null ? [] : Labelled(labels, count, classes);
        return new NpyImages(pictures, samples, count, (int)shape[1], (int)shape[2], shape.Length == 4 ? (int)shape[3] : 1, numbers);
    }

    private static int[] Labelled(string path, int count, int? classes)
    {
        using var file = Checkpoint.Open(path);
        var tensor = file.Tensors[0];
        if (tensor.DType is not (DType.Int64 or DType.Int32 or DType.UInt8 or DType.Int16 or DType.Int8) || tensor.Shape.Count != 1)
            throw new DataException(path, $"labels must be whole numbers of shape (N), not {tensor.DType} of shape "
                + $"({string.Join(", ", tensor.Shape)})");
        if (tensor.Shape[0] != count)
            throw new DataException(path, $"{tensor.Shape[0]} labels for {count} pictures");
        using var scope = new TensorScope();
        var values = ModelWeights.ToTensor(tensor).ToArray<long>();
        var most = classes ?? int.MaxValue;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] < 0 || values[i] >= most)
                throw new DataException($"{path}[{i}]", $"the label {values[i]} is outside 0 to {most - 1}");
        }
        return Array.ConvertAll(values, v => (int)v);
    }

    private static (T[] Values, long[] Shape) Read<T>(string path, DType dtype) where T : unmanaged
    {
        using var file = Checkpoint.Open(path);
        var tensor = file.Tensors[0];
        if (tensor.DType != dtype)
            throw new DataException(path, $"pictures must be of {dtype.TorchName()}, not {tensor.DType.TorchName()}: convert the array "
                + $"(astype) and save again");
        using var scope = new TensorScope();
        return (ModelWeights.ToTensor(tensor).ToArray<T>(), [.. tensor.Shape]);
    }
}
