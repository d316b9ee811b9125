namespace Sconce.Data.Augmentations;

/// <summary>A change of a whole batch, in place, that mixes its pictures and their targets.</summary>
public abstract record BatchAugmentation
{
    /// <summary>Changes the pictures.</summary>
    /// <param name="pictures">(N, C, H, W), normalised.</param>
    /// <param name="labels">(N) class numbers; null where the targets are soft.</param>
    /// <param name="targets">(N, classes) soft targets; null where there are only labels.</param>
    /// <param name="classes">The number of classes; 0 where unknown.</param>
    /// <param name="random">The batch's own numbers.</param>
    /// <returns>(N, classes) targets; null where there is nothing to mix.</returns>
    public abstract float[]? Apply(BatchPixels pictures, long[]? labels, float[]? targets, ref int classes, ref AugmentationRandom random);
}

/// <summary>The floats of a batch.</summary>
/// <param name="values">(N, C, H, W), row-major.</param>
/// <param name="count">N.</param>
/// <param name="channels">C.</param>
/// <param name="height">H.</param>
/// <param name="width">W.</param>
public readonly ref struct BatchPixels(Span<float> values, int count, int channels, int height, int width)
{
    /// <summary>(N, C, H, W), row-major.</summary>
    public Span<float> Values { get; } = values;

    /// <summary>N.</summary>
    public int Count => count;

    /// <summary>C.</summary>
    public int Channels => channels;

    /// <summary>H.</summary>
    public int Height => height;

    /// <summary>W.</summary>
    public int Width => width;

    /// <summary>The floats of one picture.</summary>
    public Span<float> Picture(int index) => Values.Slice(checked(index * channels * height * width), channels * height * width);

    /// <summary>One row of one channel of one picture.</summary>
    public Span<float> Row(int index, int channel, int y) => Picture(index).Slice((channel * height + y) * width, width);
}
