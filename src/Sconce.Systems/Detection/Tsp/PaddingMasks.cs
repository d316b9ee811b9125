using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// Where a batch's pictures are padding, at every level: each level's mask is sampled from the one before; fcos/my_fcos.py
/// <c>_forward</c>.
/// </summary>
internal static class PaddingMasks
{
    /// <summary>Of each level, <c>(N, h, w)</c> bool, true on padding.</summary>
    /// <param name="pictures">With their sizes.</param>
    /// <param name="res2">Height and width of the map at stride 4.</param>
    /// <param name="levels">Height and width of each level's map, finest first.</param>
    internal static Tensor[] Compute(TspPictures pictures, (long Height, long Width) res2, IEnumerable<(long Height, long Width)> levels)
    {
        using var scope = new TensorScope();
        var (height, width) = pictures.Largest;
        var mask = Tensor.Ones([pictures.Sizes.Count, height, width], DType.Float32);
        for (int k = 0; k < pictures.Sizes.Count; k++)
        {
            mask.FillInPlace(0, k, TensorIndex.Slice(0, pictures.Sizes[k].Height), TensorIndex.Slice(0, pictures.Sizes[k].Width));
        }

        var halves = Sampled(Sampled(mask, ((height + 1) / 2, (width + 1) / 2)), res2);
        var masks = new List<Tensor>();
        foreach (var level in levels)
        {
            halves = Sampled(halves, level);
            masks.Add(halves.To(DType.Bool).To(pictures.Images.Device));
        }

        return scope.Keep(masks.ToArray());
    }

    private static Tensor Sampled(Tensor mask, (long Height, long Width) size) =>
        Functional.Interpolate(mask.Unsqueeze(0), [size.Height, size.Width])[0];
}
