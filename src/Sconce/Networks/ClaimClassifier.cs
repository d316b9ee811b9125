using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Networks;

/// <summary>The small classifiers of pictures that claims train and keep.</summary>
public static class ClaimClassifier
{
    /// <summary>An entry.</summary>
    /// <param name="name">Such as <c>nfnets_claim</c>.</param>
    /// <param name="preprocessing">How a picture becomes its input.</param>
    /// <param name="classes">Outputs of the claim's own data.</param>
    /// <param name="create">Builds it for a number of classes: <c>(N, 3, H, W) -> (N, classes)</c>.</param>
    public static ModelVariant Of(string name, ImagePreprocessing preprocessing, int classes, Func<int, Module<Tensor, Tensor>> create)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return new ModelVariant(name, $"what its claim trains: {classes} classes of {preprocessing.Size} px", options =>
            create(options.Classes ?? classes))
        {
            Capabilities = [TensorInput.Pictures(preprocessing.Size), new ImageClassifier(classes, "", preprocessing)],
        };
    }

    /// <summary>Pictures in [0, 1], taken whole.</summary>
    public static ImagePreprocessing Plain(int side) => new(side, [0, 0, 0], [1, 1, 1]) { CropFraction = 1 };

    /// <summary>Numbers around 0 with a deviation of 1, as made-up noise has them: white is 3, black -3.</summary>
    public static ImagePreprocessing Standardized(int side) =>
        new(side, [0.5f, 0.5f, 0.5f], [1f / 6, 1f / 6, 1f / 6]) { CropFraction = 1 };
}
