using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>Pictures and their mattes, ready for a step. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Images"><c>(N, 3, S, S)</c> in [-1, 1].</param>
/// <param name="Mattes"><c>(N, 1, S, S)</c> in [0, 1]; zeros where none are known.</param>
/// <param name="Names">What errors call the pictures.</param>
public sealed record MatteBatch(Tensor Images, Tensor Mattes, IReadOnlyList<string> Names) : IDisposable
{
    /// <summary>N.</summary>
    public int Count => Names.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Mattes.Dispose();
    }
}

/// <summary>
/// Square pieces of pictures and of their mattes: of the whole short side or, as close-ups, of less, since networks that saw none fail
/// where a face fills the frame; mirrored every other time.
/// </summary>
/// <param name="data">Pictures of any sizes.</param>
/// <param name="side">Of a piece in pixels, a multiple of 32.</param>
/// <param name="closeUps">The share of pictures that are seen closer.</param>
internal sealed class MatteRecipe(IDataset<MattedPicture> data, int side, double closeUps) : IBatchRecipe<MattedPicture, MatteBatch>
{
    /// <summary>The least share of the short side that a close-up shows.</summary>
    private const double Closest = 0.4;

    public int Count => data.Count;

    public string NameOf(int index) => data.NameOf(index);

    private int Side => side;

    public MattedPicture Load(int index, ref AugmentationRandom random)
    {
        var (picture, matte) = data[index];
        int shortSide = Math.Min(picture.Width, picture.Height);
        double share = random.Chance(closeUps) ? random.Uniform(Closest, 1) : 1;
        int size = Math.Max(1, (int)(shortSide * share));
        var box = PixelBox.FromSize(random.Next(picture.Width - size + 1), random.Next(picture.Height - size + 1), size, size);
        bool mirrored = random.Chance(0.5);
        return new MattedPicture(Piece(picture, box, mirrored), matte is null ? null : Piece(matte, box, mirrored));
    }

    public IBatchBuilder<MattedPicture, MatteBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) =>
        new Builder(this, indices);

    private Image Piece(Image image, PixelBox box, bool mirrored)
    {
        var piece = image.Crop(box).Resize(side, side, ResizeFilter.Bilinear);
        return mirrored ? piece.HorizontalFlip() : piece;
    }

    private sealed class Builder(MatteRecipe recipe, IReadOnlyList<int> indices) : IBatchBuilder<MattedPicture, MatteBatch>
    {
        private readonly float[]?[] pictures = new float[indices.Count][], mattes = new float[indices.Count][];

        public void Place(int slot, MattedPicture item)
        {
            int cells = item.Picture.Width * item.Picture.Height;
            var (colours, opacity) = (new float[3 * cells], new float[cells]);
            item.Picture.Normalize([0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f], colours);
            item.Matte?.CopyTo(opacity);
            (pictures[slot], mattes[slot]) = (colours, opacity);
        }

        public MatteBatch Complete(IReadOnlyList<int> filled)
        {
            using var scope = new TensorScope();
            return new MatteBatch(
                scope.KeepForever(Together(pictures, filled, 3)),
                scope.KeepForever(Together(mattes, filled, 1)),
                [.. filled.Select(slot => recipe.NameOf(indices[slot]))]);
        }

        public void Dispose()
        {
        }

        private Tensor Together(float[]?[] planes, IReadOnlyList<int> filled, int channels) =>
            Tensor.From([.. filled.SelectMany(slot => planes[slot]!)], [filled.Count, channels, recipe.Side, recipe.Side]);
    }

}

/// <summary>The band along a person's edge that is unknown to a trimap.</summary>
public static class MatteTrimap
{
    /// <summary>1 where the matte is surely a person, 0 where it surely is not, ½ between: <c>(N, 1, H, W) -> (N, 1, H, W)</c>.</summary>
    /// <param name="matte">In [0, 1].</param>
    /// <param name="reach">By how many pixels the band is widened on each side.</param>
    public static Tensor Of(Tensor matte, int reach)
    {
        using var scope = new TensorScope();
        var between = ((matte >= 0.05) & (matte <= 0.95)).To(matte.DType);
        long window = (2 * reach) + 1;
        var unknown = between.MaxPool2d([window, window], [1, 1], [reach, reach]).Gt(0.5);
        var known = (matte > 0.5).To(matte.DType);
        return scope.Keep(Functional.Where(unknown, known.FullLike(0.5), known));
    }
}
