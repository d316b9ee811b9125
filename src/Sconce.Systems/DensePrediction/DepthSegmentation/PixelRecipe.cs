using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Labelled pictures, each with one without labels. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Pictures"><c>(N, 3, S, S)</c> in [0, 1].</param>
/// <param name="Classes"><c>(N, S, S)</c>, a class's number a pixel, as floats.</param>
/// <param name="Others"><c>(N, 3, S, S)</c> in [0, 1], without labels.</param>
/// <param name="Names">What errors call the labelled pictures.</param>
internal sealed record PixelBatch(Tensor Pictures, Tensor Classes, Tensor Others, IReadOnlyList<string> Names) : IDisposable
{
    internal int Count => Names.Count;

    public void Dispose()
    {
        Pictures.Dispose();
        Classes.Dispose();
        Others.Dispose();
    }
}

/// <summary>
/// Square parts of labelled pictures, each with a part of a picture without labels that is drawn for it; half of all mirrored. Where all
/// pictures have labels, the others are of those.
/// </summary>
/// <param name="labelled">With classes.</param>
/// <param name="unlabelled">Without; may be empty.</param>
/// <param name="side">Of the parts, in pixels.</param>
/// <param name="classes">How many; other values are unknown.</param>
internal sealed class PixelRecipe(
    IDataset<LabelledPixels> labelled, IDataset<LabelledPixels> unlabelled, int side, int classes) : StackedRecipe<PixelBatch>
{
    /// <summary>How much longer than the part the shorter side may be.</summary>
    private const double MostZoom = 1.5;

    public override int Count => labelled.Count;

    protected override IReadOnlyList<long[]> Shapes { get; } = [[3, side, side], [side, side], [3, side, side]];

    public override string NameOf(int index) => labelled.NameOf(index);

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        var (picture, classes) = Part(labelled[index], ref random);
        var others = unlabelled.Count > 0 ? unlabelled : labelled;
        return [picture, classes!, Part(others[random.Next(others.Count)] with { Classes = null }, ref random).Picture];
    }

    protected override PixelBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) =>
        new(parts[0], parts[1], parts[2], names);

    private (float[] Picture, float[]? Classes) Part(LabelledPixels item, ref AugmentationRandom random)
    {
        int shorter = (int)Math.Round(side * random.Uniform(1, MostZoom));
        var (width, height) = Image.ShortSideSize(item.Picture.Width, item.Picture.Height, shorter, null);
        var box = PixelBox.FromSize(random.Next(width - side + 1), random.Next(height - side + 1), side, side);
        bool isMirrored = random.Chance(0.5);
        var planes = new float[3 * side * side];
        Cut(item.Picture, width, height, box, isMirrored, ResizeFilter.Bilinear).Normalize([0, 0, 0], [1, 1, 1], planes);
        if (item.Classes is null) return (planes, null);
        var numbers = Cut(item.Classes, width, height, box, isMirrored, ResizeFilter.Nearest).Pixels;
        var told = new float[side * side];
        for (int k = 0; k < told.Length; k++) told[k] = numbers[k] < classes ? numbers[k] : PseudoLabels.Ignored;
        return (planes, told);
    }

    private static Image Cut(Image image, int width, int height, PixelBox box, bool isMirrored, ResizeFilter filter)
    {
        var part = image.Resize(width, height, filter).Crop(box);
        return isMirrored ? part.HorizontalFlip() : part;
    }
}
