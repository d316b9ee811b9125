using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>A random part of a picture, mirrored half the time, in changed colours, stretched to a square.</summary>
/// <param name="Side">Of the square, in pixels.</param>
public sealed record CenterNetAugmentation(int Side) : Augmentation
{
    private const double LeastPart = 0.5, LeastArea = 0.4, Jitter = 0.3;

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        int width = Part(example.Image.Width, ref random), height = Part(example.Image.Height, ref random);
        example = new RandomCrop(height, width) { MinimumBoxArea = LeastArea }.Apply(example, ref random);
        example = new RandomHorizontalFlip().Apply(example, ref random);
        example = new Resize(Side, Side).Apply(example, ref random);
        return new ColorJitter(Jitter, Jitter, Jitter).Apply(example, ref random);
    }

    private static int Part(int side, ref AugmentationRandom random) =>
        random.Between(Math.Max(1, (int)Math.Ceiling(side * LeastPart)), side);
}

/// <summary>The recipe: AdamW in one cycle, batches of 12.</summary>
internal static class CenterNetTraining
{
    /// <summary>The greatest rate.</summary>
    internal const double Rate = 2e-3;

    /// <summary>Of weights.</summary>
    internal const double Decay = 1e-2;

    /// <summary>What the network should say of a batch.</summary>
    /// <param name="batch">Of pictures that have one size.</param>
    /// <param name="classes">How many.</param>
    internal static CenterNetTargets Targets(DetectionBatch batch, int classes)
    {
        using var scope = new TensorScope();
        int height = (int)batch.Images.Size(2) / CenterNetLite.Stride, width = (int)batch.Images.Size(3) / CenterNetLite.Stride;
        var each = batch.Targets.Select(target => CenterNetTargets.Draw(Cells(target, height, width), classes, height, width));
        return scope.Keep(CenterNetTargets.Together([.. each]));
    }

    private static IEnumerable<CellBox> Cells(DetectionTarget target, int height, int width)
    {
        var corners = Maths.Boxes.ToCorners(target.Boxes).ToArray<float>().Chunk(4);
        return target.Labels.ToArray<long>().Zip(corners, (label, edges) =>
            new CellBox(edges[0] * width, edges[1] * height, edges[2] * width, edges[3] * height, (int)label));
    }
}
