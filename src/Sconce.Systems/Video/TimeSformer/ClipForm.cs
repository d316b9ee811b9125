using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>
/// Clips as a network learns them: frames from a drawn beginning, a drawn crop, mirrored; 2102.05095 §4, timesformer/datasets @a5ef29a.
/// </summary>
/// <param name="recipe">Which frames.</param>
/// <param name="side">Of the frames, in pixels.</param>
internal sealed class ClipForm(TimeSformerRecipe recipe, int side) : FileForm
{
    // Jitter of the short side, 256 to 320 for 224.
    private const double Smallest = 256.0 / 224, Largest = 320.0 / 224;
    private readonly ClipPreprocessing preprocessing = new(side);

    /// <summary>Whether half of the clips are mirrored.</summary>
    internal bool Flips { get; init; } = true;

    public override string Plural => "clips";

    public override bool Fits(string path) => InputKind.Clip.Fits(path);

    public override (float[] Values, IReadOnlyList<long> Shape) Read(string path)
    {
        using var scope = new TensorScope();
        var clip = ClipFrames.Tensor(recipe, preprocessing, path, share: 0);
        return Values(preprocessing.Crop(clip, 1));
    }

    public override (float[] Values, IReadOnlyList<long> Shape) Draw(string path, ref AugmentationRandom random)
    {
        using var scope = new TensorScope();
        double share = random.NextDouble();
        int larger = (int)Math.Round(side * random.Uniform(Smallest, Largest));
        var clip = ClipFrames.Tensor(recipe, new ClipPreprocessing(larger), path, share);
        int top = random.Next((int)clip.Size(2) - side + 1), left = random.Next((int)clip.Size(3) - side + 1);
        var crop = clip.Slice(2, top, top + side).Slice(3, left, left + side);
        return Values(Flips && random.Chance(0.5) ? crop.Flip([3]) : crop);
    }

    /// <summary>The frame in the middle.</summary>
    public override Image? Picture(string path)
    {
        long frames = VideoFrames.Count(path);
        return VideoFrames.Read(path, [frames / 2]).FirstOrDefault();
    }

    private static (float[] Values, IReadOnlyList<long> Shape) Values(Tensor clip) =>
        (clip.Contiguous().ToArray<float>(), clip.Shape.ToArray());
}
