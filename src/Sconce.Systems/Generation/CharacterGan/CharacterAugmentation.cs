using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>Mirrors and bends a picture together with its maps, so that they still fit. 2102.03141 §3.3; util/functions.py.</summary>
/// <param name="warp">How far the points of a grid of three by three move at most, as a share of the sides; 0 bends nothing.</param>
/// <param name="mirror">Whether half of the pictures are mirrored.</param>
internal sealed class CharacterAugmentation(double warp, bool mirror)
{
    private const int Side = 3;

    /// <summary><c>(C, H, W)</c> to the same, by chance of libtorch's own generator.</summary>
    public Tensor Apply(Tensor layers)
    {
        using var scope = new TensorScope();
        float[] chance = Tensor.Rand([1 + (2 * Side * Side)]).ToArray<float>();
        if (mirror && chance[0] < 0.5f) layers = layers.Flip([2]);
        return scope.Keep(warp > 0 ? Bent(layers, chance.AsSpan(1)) : layers.Contiguous());
    }

    private Tensor Bent(Tensor layers, ReadOnlySpan<float> chance)
    {
        int height = (int)layers.Size(1), width = (int)layers.Size(2);
        List<PicturePoint> from = [.. ThinPlateWarp.Grid(height, width, Side)], to = [];
        for (int k = 0; k < from.Count; k++)
        {
            double down = ((2 * chance[2 * k]) - 1) * warp * height, right = ((2 * chance[(2 * k) + 1]) - 1) * warp * width;
            to.Add(new PicturePoint(from[k].Row + down, from[k].Column + right));
        }

        var corners = ThinPlateWarp.OfficialCorners(height, width);
        from.AddRange(corners);
        to.AddRange(corners);
        return new ThinPlateWarp(from, to, height, width).Apply(layers.Contiguous());
    }
}
