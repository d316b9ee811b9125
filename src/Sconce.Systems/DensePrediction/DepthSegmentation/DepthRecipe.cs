using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Frames with their neighbours. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Before"><c>(N, 3, H, W)</c> in [0, 1].</param>
/// <param name="Frames"><c>(N, 3, H, W)</c> in [0, 1]: those whose depth is told.</param>
/// <param name="After"><c>(N, 3, H, W)</c> in [0, 1].</param>
/// <param name="Intrinsics"><c>(N, 4, 4)</c> in pixels.</param>
/// <param name="Inverse"><c>(N, 4, 4)</c></param>
/// <param name="Names">What errors call the frames.</param>
internal sealed record DepthBatch(
    Tensor Before, Tensor Frames, Tensor After, Tensor Intrinsics, Tensor Inverse, IReadOnlyList<string> Names) : IDisposable
{
    internal int Count => Names.Count;

    public void Dispose()
    {
        foreach (var tensor in new[] { Before, Frames, After, Intrinsics, Inverse }) tensor.Dispose();
    }
}

/// <summary>Triples of frames at one size; in training half of them mirrored, with their lens.</summary>
/// <param name="triples">Of frames.</param>
/// <param name="size">To which frames are brought.</param>
/// <param name="mirrors">Whether half of the triples are mirrored.</param>
internal sealed class DepthRecipe(IReadOnlyList<FrameTriple> triples, (int Width, int Height) size, bool mirrors)
    : StackedRecipe<DepthBatch>
{
    private static readonly float[] Zero = [0, 0, 0], One = [1, 1, 1];

    public override int Count => triples.Count;

    protected override IReadOnlyList<long[]> Shapes { get; } =
        [[3, size.Height, size.Width], [3, size.Height, size.Width], [3, size.Height, size.Width], [4, 4], [4, 4]];

    public override string NameOf(int index) => triples[index].Frame;

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        var triple = triples[index];
        bool isMirrored = mirrors && random.Chance(0.5);
        return
        [
            Planes(triple.Before, isMirrored), Planes(triple.Frame, isMirrored), Planes(triple.After, isMirrored),
            triple.Camera.Matrix(size.Width, size.Height, isMirrored), triple.Camera.Inverse(size.Width, size.Height, isMirrored),
        ];
    }

    protected override DepthBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) =>
        new(parts[0], parts[1], parts[2], parts[3], parts[4], names);

    private float[] Planes(string file, bool isMirrored)
    {
        var frame = Image.Load(file).To8Bit().ToRgb(Rgb.White).Resize(size.Width, size.Height, ResizeFilter.Bilinear);
        if (isMirrored) frame = frame.HorizontalFlip();
        var planes = new float[3 * size.Width * size.Height];
        frame.Normalize(Zero, One, planes);
        return planes;
    }
}
