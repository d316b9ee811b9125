using Sconce.Data.Augmentations;
using Sconce.Imaging;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>The two unlike distortions of the official code, for <see cref="Sconce.Data.MultiViewRecipe"/>;
/// facebookresearch/barlowtwins@8e8d284 main.py <c>Transform</c>.</summary>
public static class BarlowTwinsViews
{
    /// <summary>View A, always blurred; view B, blurred in 10 % and solarised in 20 %.</summary>
    /// <param name="size">The views' side, in pixels.</param>
    /// <param name="leastArea">The least share of a picture that a view shows.</param>
    /// <param name="blurred">Whether views are blurred; of small pictures little would be left.</param>
    public static IReadOnlyList<Augmentation> Create(int size = 224, double leastArea = 0.08, bool blurred = true) =>
        [View(size, leastArea, blurred ? 1 : 0, 0), View(size, leastArea, blurred ? 0.1 : 0, 0.2)];

    private static Pipeline View(int size, double leastArea, double blur, double solarize) => new(
    [
        new RandomResizedCrop(size, size) { Filter = ResizeFilter.Bicubic, MinimumArea = leastArea },
        new RandomHorizontalFlip(),
        new RandomApply(new ColorJitter(0.4, 0.4, 0.2, 0.1), 0.8),
        new RandomGrayscale(0.2),
        new GaussianBlur(0.1, 2, blur),
        new Solarize(128, solarize),
    ]);
}
