using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>Photos and the paintings whose style each is to take. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Pair"><c>2 x (N, 3, S, S)</c> in [0, 1].</param>
/// <param name="Names">What errors call the photos.</param>
internal sealed record StyleBatch(StylePair Pair, IReadOnlyList<string> Names) : IDisposable
{
    /// <summary>N.</summary>
    internal int Count => Names.Count;

    public void Dispose()
    {
        Pair.Content.Dispose();
        Pair.Style.Dispose();
    }
}

/// <summary>
/// A part of each photo with a part of a painting that is drawn for it: the shorter side is brought to twice the part's. 1703.06868 §6;
/// naoto0804/pytorch-AdaIN@47950d0 train.py.
/// </summary>
/// <param name="contents">Photos of any sizes.</param>
/// <param name="styles">Paintings of any sizes.</param>
/// <param name="side">Of the parts, in pixels.</param>
/// <param name="own">The share of photos whose painting is the same part of themselves.</param>
internal sealed class StyleRecipe(IDataset<ImageExample> contents, IDataset<ImageExample> styles, int side, double own = 0)
    : StackedRecipe<StyleBatch>
{
    public override int Count => contents.Count;

    protected override IReadOnlyList<long[]> Shapes { get; } = [[3, side, side], [3, side, side]];

    public override string NameOf(int index) => contents.NameOf(index);

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        if (own > 0 && random.NextUInt32() < own * uint.MaxValue)
        {
            float[] part = Part(contents[index].Image, side, ref random);
            return [part, part];
        }

        var painting = styles[random.Next(styles.Count)].Image;
        return [Part(contents[index].Image, side, ref random), Part(painting, side, ref random)];
    }

    /// <summary>The middle of a picture, as evaluation sees it.</summary>
    internal static float[] Middle(Image picture, int side)
    {
        var seen = Enlarged(picture, side);
        return Planes(seen, (seen.Width - side) / 2, (seen.Height - side) / 2, side);
    }

    protected override StyleBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) =>
        new(new StylePair(parts[0], parts[1]), names);

    private static float[] Part(Image picture, int side, ref AugmentationRandom random)
    {
        var seen = Enlarged(picture, side);
        return Planes(seen, random.Next(seen.Width - side + 1), random.Next(seen.Height - side + 1), side);
    }

    private static Image Enlarged(Image picture, int side)
    {
        var (width, height) = Image.ShortSideSize(picture.Width, picture.Height, 2 * side, null);
        return picture.To8Bit().ToRgb(Rgb.White).Resize(width, height, ResizeFilter.Bilinear);
    }

    private static float[] Planes(Image seen, int left, int top, int side)
    {
        var planes = new float[3 * side * side];
        seen.Crop(PixelBox.FromSize(left, top, side, side)).Normalize([0, 0, 0], [1, 1, 1], planes);
        return planes;
    }
}
