using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Data;

/// <summary>
/// Batches for a detector: pictures keep their shapes and are padded to the batch's greatest height and width, boxes become shares of their
/// picture. Crowds are left out, as detectors that match one box to one object want it.
/// </summary>
/// <param name="data">Pictures with boxes.</param>
/// <param name="augmentation">Need not bring pictures to one size.</param>
public sealed class DetectionRecipe(IDataset<ImageExample> data, Augmentation augmentation) : IBatchRecipe<ImageExample, DetectionBatch>
{
    private readonly FloatBufferPool pool = new();

    /// <summary>Subtracted from each channel of [0, 1].</summary>
    public IReadOnlyList<float> Mean { get; init; } = ImagePreprocessing.ImageNetMean;

    /// <summary>Each channel is divided by it.</summary>
    public IReadOnlyList<float> Std { get; init; } = ImagePreprocessing.ImageNetStd;

    /// <summary>Where given, a label outside 0 to Classes - 1 is a fault of its item.</summary>
    public int? Classes { get; init; }

    /// <summary>Whether targets carry masks, too; each object must then have one.</summary>
    public bool Masks { get; init; }

    /// <inheritdoc/>
    public int Count => data.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc/>
    public ImageExample Load(int index, ref AugmentationRandom random)
    {
        var example = augmentation.Apply(data[index], ref random);
        foreach (var box in example.Boxes)
        {
            if (Classes is { } classes && (box.Label < 0 || box.Label >= classes))
                throw new DataException(data.NameOf(index),
                    $"a box has the label {box.Label}, outside 0 to {classes - 1}, the {classes} classes there are");
            if (Masks && box.Mask is null && !box.IsCrowd)
                throw new DataException(data.NameOf(index), "an object has no mask: open the set with masks, or train a network without");
        }

        return example;
    }

    /// <inheritdoc/>
    public IBatchBuilder<ImageExample, DetectionBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) =>
        new Builder(this, indices);

    private sealed unsafe class Builder(DetectionRecipe recipe, IReadOnlyList<int> indices) : IBatchBuilder<ImageExample, DetectionBatch>
    {
        private readonly float[] mean = [.. recipe.Mean];
        private readonly float[] std = [.. recipe.Std];
        private readonly (int Width, int Height, float[] Planes, IReadOnlyList<BoxAnnotation> Boxes)[] items =
            new (int, int, float[], IReadOnlyList<BoxAnnotation>)[indices.Count];

        public void Place(int slot, ImageExample item)
        {
            var image = item.Image.ToRgb();
            var planes = new float[checked(3 * image.Width * image.Height)];
            image.Normalize(mean, std, planes);
            items[slot] = (image.Width, image.Height, planes, [.. item.Boxes.Where(box => !box.IsCrowd)]);
        }

        public DetectionBatch Complete(IReadOnlyList<int> filled)
        {
            int width = filled.Max(slot => items[slot].Width), height = filled.Max(slot => items[slot].Height);
            var memory = recipe.pool.Rent(checked((long)filled.Count * 3 * height * width));
            var padding = new bool[checked(filled.Count * height * width)];
            for (int k = 0; k < filled.Count; k++)
            {
                var (wide, high, planes, _) = items[filled[k]];
                var target = new Span<float>(memory.Pointer + ((long)k * 3 * height * width), checked(3 * height * width));
                if (wide < width || high < height) target.Clear();
                for (int row = 0; row < 3 * high; row++)
                {
                    var (channel, y) = Math.DivRem(row, high);
                    planes.AsSpan(row * wide, wide).CopyTo(target[(((channel * height) + y) * width)..]);
                }

                for (int y = 0; y < height; y++)
                    padding.AsSpan((((k * height) + y) * width) + (y < high ? wide : 0), y < high ? width - wide : width).Fill(true);
            }

            using var scope = new TensorScope();
            return new DetectionBatch(
                memory.ToTensor([filled.Count, 3, height, width]),
                scope.KeepForever(Tensor.From(padding, [filled.Count, height, width])),
                [.. filled.Select(slot => Target(items[slot].Boxes, items[slot].Width, items[slot].Height, recipe.Masks))],
                [.. filled.Select(slot => indices[slot])],
                [.. filled.Select(slot => recipe.NameOf(indices[slot]))]);
        }

        public void Dispose()
        {
        }

        private static DetectionTarget Target(IReadOnlyList<BoxAnnotation> boxes, int width, int height, bool masks)
        {
            using var scope = new TensorScope();
            var outlines = masks ? scope.KeepForever(Outlines(boxes, width, height)) : null;
            float[] shares = [.. boxes.SelectMany(box =>
                new[] { (box.Left + box.Right) / 2 / width, (box.Top + box.Bottom) / 2 / height, box.Width / width, box.Height / height })];
            long[] labels = [.. boxes.Select(box => (long)box.Label)];
            return boxes.Count > 0
                ? new DetectionTarget(scope.KeepForever(Tensor.From(labels)), scope.KeepForever(Tensor.From(shares, [boxes.Count, 4])))
                { Masks = outlines }
                : new DetectionTarget(scope.KeepForever(Tensor.Zeros([0], DType.Int64)), scope.KeepForever(Tensor.Zeros([0, 4])))
                { Masks = outlines };
        }

        /// <summary><c>(T, height, width)</c> bytes, 1 inside.</summary>
        private static Tensor Outlines(IReadOnlyList<BoxAnnotation> boxes, int width, int height)
        {
            int size = checked(width * height);
            var pixels = new byte[checked(boxes.Count * size)];
            for (int k = 0; k < boxes.Count; k++) boxes[k].Mask!.ToImage().Pixels.CopyTo(pixels.AsSpan(k * size));
            return Tensor.FromBytes(pixels, [boxes.Count, height, width], DType.UInt8);
        }
    }
}
