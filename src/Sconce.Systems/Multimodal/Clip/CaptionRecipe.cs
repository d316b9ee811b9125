using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Pairs, ready for a step.</summary>
/// <param name="Images"><c>(N, 3, side, side)</c></param>
/// <param name="Tokens"><c>(N, context)</c></param>
/// <param name="Names">The pictures' paths.</param>
public sealed record CaptionBatch(Tensor Images, Tensor Tokens, IReadOnlyList<string> Names) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Tokens.Dispose();
    }
}

/// <summary>Some pairs of a table as batches; to learn from, a random square of each picture, as the paper crops them.</summary>
/// <param name="file">The table.</param>
/// <param name="numbers">Which pairs.</param>
/// <param name="tokens">Each pair's tokens, in the table's order.</param>
/// <param name="side">Of the pictures, in pixels.</param>
/// <param name="crops">Whether squares are drawn rather than cut from the middle.</param>
internal sealed class CaptionRecipe(CaptionFile file, IReadOnlyList<int> numbers, IReadOnlyList<long[]> tokens, int side, bool crops)
    : IBatchRecipe<CaptionRecipe.Item, CaptionBatch>
{
    /// <summary>A pair.</summary>
    internal sealed record Item(float[] Pixels, long[] Tokens);

    public int Count => numbers.Count;

    public string NameOf(int index) => file.Pairs[numbers[index]].Picture;

    public Item Load(int index, ref AugmentationRandom random)
    {
        var picture = Image.Load(NameOf(index)).To8Bit().ToRgb();
        using var scope = new TensorScope();
        if (!crops) return new Item(ClipPreprocess.Apply(picture, side).ToArray<float>(), tokens[numbers[index]]);
        var resized = picture.ResizeShortSide(side, ResizeFilter.Bicubic);
        int left = random.Next(resized.Width - side + 1), top = random.Next(resized.Height - side + 1);
        float[] pixels = new float[3 * side * side];
        resized.Crop(PixelBox.FromSize(left, top, side, side)).Normalize([.. ClipPreprocess.Mean], [.. ClipPreprocess.Std], pixels);
        return new Item(pixels, tokens[numbers[index]]);
    }

    public IBatchBuilder<Item, CaptionBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) => new Builder(this, indices);

    private sealed class Builder(CaptionRecipe recipe, IReadOnlyList<int> indices) : IBatchBuilder<Item, CaptionBatch>
    {
        private readonly Item?[] items = new Item?[indices.Count];

        public void Place(int slot, Item item) => items[slot] = item;

        public CaptionBatch Complete(IReadOnlyList<int> filled)
        {
            float[] pixels = [.. filled.SelectMany(slot => items[slot]!.Pixels)];
            long[] words = [.. filled.SelectMany(slot => items[slot]!.Tokens)];
            long side = (long)Math.Sqrt(pixels.Length / (3 * filled.Count));
            return new CaptionBatch(
                Tensor.From(pixels, [filled.Count, 3, side, side]), Tensor.From(words, [filled.Count, words.Length / filled.Count]),
                [.. filled.Select(slot => recipe.NameOf(indices[slot]))]);
        }

        public void Dispose()
        {
        }
    }
}
