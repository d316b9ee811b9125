using System.Collections;
using System.Runtime.CompilerServices;
using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>
/// A change of a picture before it becomes a tensor. What is random comes from the generator alone, so the same generator gives the same
/// picture. The example passed in is never changed. Being records, augmentations print as their configuration.
/// </summary>
public abstract record Augmentation
{
    /// <summary>The changed example; boxes and mask follow where the change moves pixels.</summary>
    public abstract ImageExample Apply(ImageExample example, ref AugmentationRandom random);

    /// <summary>The changed picture.</summary>
    public Image Apply(Image image, ref AugmentationRandom random) => Apply(new ImageExample(image), ref random).Image;
}

/// <summary>An augmentation that changes colours and leaves pixels where they are.</summary>
public abstract record PixelAugmentation : Augmentation
{
    /// <inheritdoc/>
    public sealed override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        var image = Change(example.Image, ref random);
        return ReferenceEquals(image, example.Image) ? example : example with { Image = image };
    }

    /// <summary>A new picture of the same size, or the same one.</summary>
    protected abstract Image Change(Image image, ref AugmentationRandom random);
}

/// <summary>Augmentations one after another, as a list: <c>Pipeline train = [new RandomResizedCrop(224), new
/// RandomHorizontalFlip()];</c></summary>
[CollectionBuilder(typeof(Pipeline), nameof(Create))]
public sealed record Pipeline(IReadOnlyList<Augmentation> Steps) : Augmentation, IEnumerable<Augmentation>
{
    /// <summary>The steps in order.</summary>
    public static Pipeline Create(ReadOnlySpan<Augmentation> steps) => new(steps.ToArray());

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        foreach (var step in Steps)
            example = step.Apply(example, ref random);
        return example;
    }

    /// <inheritdoc/>
    public IEnumerator<Augmentation> GetEnumerator() => Steps.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The steps, comma-separated.</summary>
    public override string ToString() => $"[{string.Join(", ", Steps)}]";
}

/// <summary>Another augmentation, with a probability.</summary>
/// <param name="Inner">What is done.</param>
/// <param name="Probability">In [0, 1].</param>
public sealed record RandomApply(Augmentation Inner, double Probability) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random) =>
        random.Chance(Probability) ? Inner.Apply(example, ref random) : example;
}
