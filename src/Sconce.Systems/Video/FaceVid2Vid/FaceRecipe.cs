using Sconce.Data;
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
internal sealed class FaceRecipe(IReadOnlyList<(string File, IReadOnlyList<string> Clip)> frames, IReadOnlyList<int> box, int side)
    : StackedRecipe<FaceBatch>
{
    public override int Count => frames.Count;

    protected override IReadOnlyList<long[]> Shapes { get; } = [[3, side, side], [3, side, side]];

    public override string NameOf(int index) => frames[index].File;

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        var (file, clip) = frames[index];
        bool isMirrored = random.Chance(0.5);
        return [Planes(clip[random.Next(clip.Count)], isMirrored), Planes(file, isMirrored)];
    }

    /// <summary>A frame as evaluation sees it.</summary>
    internal float[] Planes(string file, bool isMirrored = false)
    {
        var window = FaceWindow.Of(Image.Load(file), box, "box", side);
        if (isMirrored) window = window.HorizontalFlip();
        var planes = new float[3 * side * side];
        window.Normalize([0, 0, 0], [1, 1, 1], planes);
        return planes;
    }

    protected override FaceBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) => new(parts[0], parts[1], names);
}
