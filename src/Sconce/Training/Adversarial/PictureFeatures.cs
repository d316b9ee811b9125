using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Numbers that stand for pictures, in which distributions of pictures are compared.</summary>
public sealed class PictureFeatures : IDisposable
{
    private const ulong Seed = 2006;
    private readonly Func<Tensor, Tensor> features;
    private readonly IDisposable[] owned;

    private PictureFeatures(string name, Func<Tensor, Tensor> features, params IDisposable[] owned) =>
        (Name, this.features, this.owned) = (name, features, owned);

    /// <summary>Whose they are, in words.</summary>
    public string Name { get; }

    /// <summary>
    /// Two fixed random convolutions, averaged over the picture, and the picture itself at 4x4. Distances in them compare runs with each
    /// other, on pictures of one size; they say nothing beside published figures.
    /// </summary>
    /// <param name="device">Where pictures are.</param>
    public static PictureFeatures Random(Device device)
    {
        using var scope = new TensorScope();
        using var generator = new Generator(Seed);
        var first = scope.KeepForever((Tensor.Randn([32, 3, 5, 5], generator) / Math.Sqrt(75)).To(device));
        var second = scope.KeepForever((Tensor.Randn([64, 32, 5, 5], generator) / Math.Sqrt(800)).To(device));
        return new PictureFeatures(
            "fixed random convolutions",
            pictures =>
            {
                var maps = Functional.Conv2d(pictures, first, null, [2, 2], [2, 2]).Relu();
                var deep = Functional.Conv2d(maps, second, null, [2, 2], [2, 2]).Relu();
                return Tensor.Cat([maps.Mean([2, 3]), deep.Mean([2, 3]), pictures.AdaptiveAvgPool2d([4, 4]).Flatten(1)], 1);
            },
            first,
            second);
    }

    /// <summary>Of a classifier of the catalogue without its head; pictures are brought to its own size.</summary>
    /// <param name="variant">Which.</param>
    /// <param name="weights">Its checkpoint.</param>
    /// <param name="device">Where pictures are.</param>
    /// <exception cref="UsageException">It takes no pictures.</exception>
    public static PictureFeatures Of(ModelVariant variant, string weights, Device device)
    {
        var preprocessing = ClassifierNetwork.Preprocessing(variant, null);
        Module<Tensor, Tensor> trunk;
        using (Init.Skipped()) trunk = ClassifierNetwork.Create(variant, 0, null);
        try
        {
            ClassifierNetwork.LoadTrunk(trunk, variant, weights);
        }
        catch
        {
            trunk.Dispose();
            throw;
        }

        trunk.Eval();
        trunk.To(device);
        using var scope = new TensorScope();
        var mean = scope.KeepForever(Tensor.From([.. preprocessing.Mean], [3, 1, 1]).To(device));
        var std = scope.KeepForever(Tensor.From([.. preprocessing.Std], [3, 1, 1]).To(device));
        long[] size = [preprocessing.Size, preprocessing.Size];
        return new PictureFeatures(
            $"{variant.Name} ({Path.GetFileName(weights)})",
            pictures => trunk.Call(((((pictures + 1) / 2).UpsampleBilinear2d(size, false) - mean) / std)),
            trunk,
            mean,
            std);
    }

    /// <summary>Of pictures about -1 to 1, <c>(N, 1 or 3, H, W) -> (N, D)</c>; what lies beyond is cut off.</summary>
    public Tensor Call(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return scope.Keep(features(pictures.Float().Clamp(-1, 1).Expand([-1, 3, -1, -1])));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in owned) part.Dispose();
    }
}
