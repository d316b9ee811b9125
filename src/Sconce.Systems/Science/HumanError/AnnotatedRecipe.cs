using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>A picture with every annotator's mask, ready for a batch.</summary>
/// <param name="Pixels"><c>(3, side, side)</c> in [-1, 1].</param>
/// <param name="Masks">Each annotator's class numbers; null where it has none.</param>
internal sealed record AnnotatedPicture(float[] Pixels, IReadOnlyList<int[]?> Masks);

/// <summary>Some pictures of a folder as batches.</summary>
/// <param name="folder">The folder.</param>
/// <param name="numbers">Which of its pictures.</param>
/// <param name="side">Of the square that they become, in pixels.</param>
/// <param name="flips">Whether half of them are mirrored.</param>
internal sealed class AnnotatedRecipe(AnnotatedFolder folder, IReadOnlyList<int> numbers, int side,
    bool flips) : IBatchRecipe<AnnotatedPicture, AnnotatedBatch>
{
    /// <summary>The label of a pixel that an annotator left open; the loss leaves it out.</summary>
    public const long Unknown = -100;

    public int Count => numbers.Count;

    /// <summary>Of the squares, in pixels.</summary>
    public int Side => side;

    /// <summary>How many annotators.</summary>
    public int Annotators => folder.Annotators.Count;

    public string NameOf(int index) => folder.Pictures[numbers[index]];

    /// <summary>A picture as the network takes it: <c>(3, side, side)</c> in [-1, 1].</summary>
    public static float[] Pixels(Image picture, int side)
    {
        float[] pixels = new float[3 * side * side];
        picture.To8Bit().ToRgb().Resize(side, side, ResizeFilter.Bilinear).Normalize([0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f], pixels);
        return pixels;
    }

    public AnnotatedPicture Load(int index, ref AugmentationRandom random)
    {
        string path = NameOf(index);
        float[] pixels = Pixels(Image.Load(path), side);
        int[]?[] masks = [.. Enumerable.Range(0, folder.Annotators.Count).Select(annotator => folder.Mask(annotator, path, side))];
        if (!flips || !random.Chance(0.5)) return new AnnotatedPicture(pixels, masks);
        Mirror(pixels.AsSpan());
        foreach (int[]? mask in masks) Mirror(mask.AsSpan());
        return new AnnotatedPicture(pixels, masks);
    }

    public IBatchBuilder<AnnotatedPicture, AnnotatedBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) =>
        new Builder(this, indices.Count);

    private void Mirror<T>(Span<T> values)
    {
        for (int start = 0; start < values.Length; start += side) values.Slice(start, side).Reverse();
    }

    private sealed class Builder(AnnotatedRecipe recipe, int count) : IBatchBuilder<AnnotatedPicture, AnnotatedBatch>
    {
        private readonly AnnotatedPicture?[] pictures = new AnnotatedPicture?[count];

        public void Place(int slot, AnnotatedPicture item) => pictures[slot] = item;

        public AnnotatedBatch Complete(IReadOnlyList<int> filled)
        {
            int side = recipe.Side, area = side * side;
            float[] pixels = [.. filled.SelectMany(slot => pictures[slot]!.Pixels)];
            var labels = new Tensor?[recipe.Annotators];
            for (int annotator = 0; annotator < labels.Length; annotator++)
            {
                if (filled.All(slot => pictures[slot]!.Masks[annotator] is null)) continue;
                long[] classes = [.. filled.SelectMany(slot =>
                    pictures[slot]!.Masks[annotator]?.Select(value => (long)value) ?? Enumerable.Repeat(Unknown, area))];
                labels[annotator] = Tensor.From(classes, [filled.Count, side, side]);
            }

            return new AnnotatedBatch(Tensor.From(pixels, [filled.Count, 3, side, side]), labels);
        }

        public void Dispose()
        {
        }
    }
}
