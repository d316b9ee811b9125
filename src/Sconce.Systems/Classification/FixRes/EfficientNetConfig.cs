namespace Sconce.Systems.Classification.FixRes;

/// <summary>One stage of the base network.</summary>
/// <param name="Expand">The factor of the channels inside a block; 1 for blocks without an expansion.</param>
/// <param name="Kernel">Of the depthwise convolution.</param>
/// <param name="Stride">Of the first block.</param>
/// <param name="Channels">That leave it, before scaling.</param>
/// <param name="Repeats">Blocks, before scaling.</param>
public sealed record EfficientNetStage(int Expand, int Kernel, int Stride, int Channels, int Repeats);

/// <summary>One EfficientNet: the base network, scaled; 1905.11946.</summary>
/// <param name="Width">The factor of all channels.</param>
/// <param name="Depth">The factor of the blocks of each stage.</param>
public sealed record EfficientNetConfig(double Width, double Depth)
{
    /// <summary>B0's stages.</summary>
    public static IReadOnlyList<EfficientNetStage> BaseStages { get; } =
    [
        new(1, 3, 1, 16, 1), new(6, 3, 2, 24, 2), new(6, 5, 2, 40, 2), new(6, 3, 2, 80, 3), new(6, 5, 1, 112, 3), new(6, 5, 2, 192, 4),
        new(6, 3, 1, 320, 1),
    ];

    /// <summary>Scaled by width and depth.</summary>
    public IReadOnlyList<EfficientNetStage> Stages { get; init; } = BaseStages;

    /// <summary>All channels are multiples of it.</summary>
    public int Divisor { get; init; } = 8;

    /// <summary>The squeeze's width as a share of a block's INPUT channels.</summary>
    public double SqueezeRatio { get; init; } = 0.25;

    /// <summary>Channels of the stem, before scaling.</summary>
    public int Stem { get; init; } = 32;

    /// <summary>Channels before the classifier, before scaling.</summary>
    public int Head { get; init; } = 1280;

    /// <summary>Added to variances by the norms.</summary>
    public double NormEps { get; init; } = 1e-3;

    /// <summary>The norms' share of a new batch; TensorFlow's decay of 0.99 would be 0.01.</summary>
    public double NormMomentum { get; init; } = 0.1;

    /// <summary>The rate before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>The rate of stochastic depth in the last block; it rises from 0 in the first.</summary>
    public double DropPath { get; init; }

    /// <summary>Outputs of the classifier; 0 for features.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Scaled channels: to the nearest multiple of the divisor, and one more where that loses over a tenth.</summary>
    public int Channels(int channels)
    {
        double exact = channels * Width;
        int rounded = Math.Max(Divisor, (int)(exact + (Divisor / 2.0)) / Divisor * Divisor);
        return rounded < 0.9 * exact ? rounded + Divisor : rounded;
    }

    /// <summary>Scaled blocks of a stage.</summary>
    public int Repeats(EfficientNetStage stage) => (int)Math.Ceiling(stage.Repeats * Depth);

    /// <summary>The squeeze's width in a block of that input.</summary>
    public int Squeeze(int inputs) => (int)Math.Round(inputs * SqueezeRatio, MidpointRounding.ToEven);
}
