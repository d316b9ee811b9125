namespace Sconce.Systems.Generation.HyperRim;

/// <summary>The generator; the official sixteenfold network's values where left out.</summary>
public sealed record HyperRimConfig
{
    /// <summary>Channels of the pictures that go in.</summary>
    public int Inputs { get; init; } = 3;

    /// <summary>Channels of the pictures that come out.</summary>
    public int Outputs { get; init; } = 3;

    /// <summary>Channels of the random map that each level sees beside its picture.</summary>
    public int CodeChannels { get; init; } = 5;

    /// <summary>Numbers of a level's random vector.</summary>
    public int Vector { get; init; } = 128;

    /// <summary>Numbers of the style that is made of it.</summary>
    public int Style { get; init; } = 512;

    /// <summary>Channels of each level.</summary>
    public IReadOnlyList<int> Residual { get; init; } = [128, 64, 64, 64];

    /// <summary>Channels that each dense layer of a level adds.</summary>
    public IReadOnlyList<int> Dense { get; init; } = [256, 192, 128, 64];

    /// <summary>Residual-in-residual blocks of a level.</summary>
    public int Blocks { get; init; } = 6;

    /// <summary>
    /// By what a level's features are multiplied before the next one sees them, one for each but the last; a tenth where left out.
    /// </summary>
    public IReadOnlyList<double>? FeatureScales { get; init; }

    /// <summary>Whether levels keep the picture's size: decompression.</summary>
    public bool KeepsSize { get; init; }

    /// <summary>How many levels.</summary>
    public int Levels => Residual.Count;

    /// <summary>How many numbers a level's code has, for an input of that size.</summary>
    /// <param name="level">From 1.</param>
    /// <param name="height">Of the network's input.</param>
    /// <param name="width">Of the network's input.</param>
    public int CodeLength(int level, int height, int width)
    {
        int scale = KeepsSize ? 1 : 1 << (level - 1);
        return Vector + (CodeChannels * height * scale * width * scale);
    }

    internal double FeatureScale(int level) => FeatureScales is { } scales ? scales[level - 1] : 0.1;
}
