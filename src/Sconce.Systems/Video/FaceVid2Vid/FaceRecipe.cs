using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>Pairs of frames of one clip. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Sources"><c>(N, 3, S, S)</c> in [0, 1]: who is moved.</param>
/// <param name="Drivings"><c>(N, 3, S, S)</c> in [0, 1]: as they shall be.</param>
/// <param name="Names">What errors call the driving frames.</param>
internal sealed record FaceBatch(Tensor Sources, Tensor Drivings, IReadOnlyList<string> Names) : IDisposable
{
    internal int Count => Names.Count;

    public void Dispose()
    {
        Sources.Dispose();
        Drivings.Dispose();
    }
}

/// <summary>Every frame as the driving one, with another of its clip as the source; half of the pairs mirrored.</summary>
/// <param name="frames">Each with the frames of its clip.</param>
/// <param name="box">The face; empty for the middle square.</param>
/// <param name="side">Of the network's pictures.</param>
/// <param name="jitter">How much colours are changed, of both frames alike.</param>
internal sealed class FaceRecipe(
    IReadOnlyList<(string File, IReadOnlyList<string> Clip)> frames, IReadOnlyList<int> box, int side, double jitter = 0)
    : StackedRecipe<FaceBatch>
{
    private readonly ColorJitter? colours = jitter > 0 ? new ColorJitter(jitter, jitter, jitter, jitter) : null;

    public override int Count => frames.Count;

    protected override IReadOnlyList<long[]> Shapes { get; } = [[3, side, side], [3, side, side]];

    public override string NameOf(int index) => frames[index].File;

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        var (file, clip) = frames[index];
        bool isMirrored = random.Chance(0.5);
        string source = clip[random.Next(clip.Count)];
        var again = random;   // the same numbers for both frames
        return [Planes(Changed(source, isMirrored, ref random)), Planes(Changed(file, isMirrored, ref again))];
    }

    /// <summary>A frame as evaluation sees it.</summary>
    internal float[] Planes(string file) => Planes(Window(file));

    private Image Window(string file) => FaceWindow.Of(Image.Load(file), box, "box", side);

    private Image Changed(string file, bool isMirrored, ref AugmentationRandom random)
    {
        var window = Window(file);
        if (isMirrored) window = window.HorizontalFlip();
        return colours is null ? window : colours.Apply(window, ref random);
    }

    private float[] Planes(Image window)
    {
        var planes = new float[3 * side * side];
        window.Normalize([0, 0, 0], [1, 1, 1], planes);
        return planes;
    }

    protected override FaceBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) => new(parts[0], parts[1], names);
}
