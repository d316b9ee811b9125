using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Data;

/// <summary>Collects pictures of one size; the first to arrive decides which.</summary>
internal sealed unsafe class ImageBatchBuilder(ImageBatchRecipe recipe, FloatBufferPool pool, IReadOnlyList<int> indices,
    AugmentationRandom random) : IBatchBuilder<ImageExample, ImageBatch>
{
    private readonly Lock gate = new();
    private readonly float[] mean = [.. recipe.Mean];
    private readonly float[] std = [.. recipe.Std];
    private readonly int?[] labels = new int?[indices.Count];
    private readonly float[]?[] targets = new float[]?[indices.Count];
    private FloatBufferPool.Lease? memory;
    private int width, height, firstSlot;

    private int PictureFloats => checked(3 * width * height);

    public void Place(int slot, ImageExample item)
    {
        var image = item.Image.ToRgb();
        Agree(image, slot);
        image.Normalize(mean, std, new Span<float>(memory!.Pointer + (long)slot * PictureFloats, PictureFloats));
        labels[slot] = item.Label;
        targets[slot] = item.Targets;
    }

    public ImageBatch Complete(IReadOnlyList<int> filled)
    {
        for (var k = 0; k < filled.Count; k++)    // close the gaps that left-out items leave
        {
            if (filled[k] != k)
                new Span<float>(memory!.Pointer + (long)filled[k] * PictureFloats,
                    PictureFloats).CopyTo(new Span<float>(memory.Pointer + (long)k * PictureFloats, PictureFloats));
        }
        var hard = Labels(filled);
        var soft = Targets(filled, out var classes);
        var pictures = new Span<float>(memory!.Pointer, checked(filled.Count * PictureFloats));
        if (recipe.BatchAugmentation is { } augmentation)
            soft = augmentation.Apply(new BatchPixels(pictures, filled.Count, 3, height, width), hard, soft, ref classes, ref random);
        using var scope = new TensorScope();
        var labelTensor = hard is null ? null : scope.KeepForever(Tensor.From(hard));
        var targetTensor = soft is null ? null : scope.KeepForever(Tensor.From(soft, [filled.Count, classes]));
        var images = memory.ToTensor([filled.Count, 3, height, width]);
        memory = null;    // the tensor's now
        return new ImageBatch(images, labelTensor, targetTensor, [.. filled.Select(slot => indices[slot])],
            [.. filled.Select(slot => recipe.NameOf(indices[slot]))]);
    }

    public void Dispose()
    {
        memory?.Dispose();
        memory = null;
    }

    private void Agree(Image image, int slot)
    {
        lock (gate)
        {
            if (memory is null)
            {
                (width, height, firstSlot) = (image.Width, image.Height, slot);
                memory = pool.Rent(checked((long)indices.Count * PictureFloats));
            }
            if (image.Width != width || image.Height != height)
            {
                throw new DataException(
                    recipe.NameOf(indices[slot]),
                    $"after augmentation it has {image.Width} x {image.Height} pixels, but {recipe.NameOf(indices[firstSlot])} in the same "
                        + $"batch has {width} x {height}: end the augmentation with a step that fixes the size, such as RandomResizedCrop "
                        + $"or CenterCrop");
            }
        }
    }

    private long[]? Labels(IReadOnlyList<int> filled)
    {
        if (filled.All(slot => labels[slot] is null))
            return null;
        return [.. filled.Select(slot =>
            (long)(labels[slot] ?? throw new DataException(recipe.NameOf(indices[slot]), "it has no label, but others of its batch have: "
                + "label all of them or none")))];
    }

    private float[]? Targets(IReadOnlyList<int> filled, out int classes)
    {
        classes = recipe.Classes ?? 0;
        if (filled.All(slot => targets[slot] is null))
            return null;
        classes = targets[filled[0]]?.Length ?? 0;
        var all = new float[filled.Count * classes];
        for (var k = 0; k < filled.Count; k++)
        {
            if (targets[filled[k]] is not { } row || row.Length != classes)
                throw new DataException(recipe.NameOf(indices[filled[k]]), $"it has {targets[filled[k]]?.Length ?? 0} targets, but "
                    + $"{recipe.NameOf(indices[filled[0]])} in the same batch has {classes}");
            row.CopyTo(all, k * classes);
        }
        return all;
    }
}
