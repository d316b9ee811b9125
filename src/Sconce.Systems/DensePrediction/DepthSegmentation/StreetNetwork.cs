using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Tells how far every pixel is.</summary>
public sealed record DepthEstimator : Capability;

/// <summary>Gives the features of a depth decoder, by which pictures are compared.</summary>
public sealed record DepthFeatures : Capability;

/// <summary>Tells the class of every pixel.</summary>
/// <param name="Names">The classes of its official weights.</param>
public sealed record PixelClassifier(IReadOnlyList<string> Names) : Capability, IHasClasses
{
    /// <inheritdoc/>
    public int Classes => Names.Count;

    /// <inheritdoc/>
    public string Head => "";

    /// <summary>Cityscapes' 19 classes that are counted. 1604.01685 table 1.</summary>
    public static PixelClassifier Cityscapes { get; } = new(
    [
        "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain", "sky", "person",
        "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
    ]);
}

/// <summary>A network with its weights, asked about pictures of any size.</summary>
internal sealed class StreetNetwork(OpenRequest request) : IDisposable
{
    internal const int OfficialSide = 512;

    private const int LongestShape = 4, Multiple = DepthSegmentationNetwork.Multiple;

    private readonly DepthSegmentationNetwork network = request.Network<DepthSegmentationNetwork>();
    private readonly int side = request.Size ?? OfficialSide;

    /// <summary>What the network says of a picture, at the size in which it saw it; in the scope around.</summary>
    internal DepthSegmentationOutput See(Image picture)
    {
        using var scope = new TensorScope();
        var (width, height) = SeenSize(picture.Width, picture.Height, side);
        var seen = picture.Resize(width, height, ResizeFilter.Bilinear);
        return scope.Keep(network.Predict(seen.ToTensor().Unsqueeze(0).To(request.Device)));
    }

    /// <summary>A map of the size in which the picture was seen, at the picture's own, on the processor: <c>(C, H, W)</c>.</summary>
    internal static Tensor Whole(Tensor map, Image picture)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Interpolate(map, [picture.Height, picture.Width], Interpolation.Bilinear)[0].To(Device.Cpu));
    }

    /// <summary>The size at which the network sees a picture: near the side, sides multiples of 32, 64 at least.</summary>
    internal static (int Width, int Height) SeenSize(int width, int height, int side)
    {
        double scale = Math.Min((double)side / Math.Min(width, height), (double)LongestShape * side / Math.Max(width, height));
        return (Rounded(width * scale), Rounded(height * scale));
    }

    /// <summary>Loads a checkpoint: a run's, or one of the released code, whose networks stand under <c>models.</c></summary>
    internal static void Load(DepthSegmentationNetwork network, string path)
    {
        const string released = "models.";
        string[] own = [.. network.Children().Select(child => child.Key + ".")];
        using var checkpoint = Checkpoint.Open(path);
        ModelWeights.Load(network, checkpoint, new LoadOptions { Rename = Own });

        // A released checkpoint may hold more networks than this one has: they are left alone.
        string? Own(string name)
        {
            int at = name.IndexOf(released, StringComparison.Ordinal);
            if (at < 0) return name;
            string inner = name[(at + released.Length)..];
            return own.Any(prefix => inner.StartsWith(prefix, StringComparison.Ordinal)) ? inner : null;
        }
    }

    public void Dispose() => network.Dispose();

    private static int Rounded(double size) => Math.Max(2, (int)Math.Round(size / Multiple)) * Multiple;
}
