using System.Globalization;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>What stands in a block's places for activations.</summary>
public enum MicroNetActivation
{
    /// <summary>The paper's.</summary>
    DynamicShiftMax,

    /// <summary>ReLU6 in the places of two branches, nothing in those of one: the paper's baseline.</summary>
    Relu6,

    /// <summary>Squeeze-and-excitation of the same hidden width, and ReLU6 in the places of two branches.</summary>
    SqueezeExcite,
}

/// <summary>One row of a network's table (backbone/microconfig.py): <c>s n c k c1 c2 g1 g2 c3 g3 g4 y1 y2 y3 r</c>.</summary>
/// <param name="Stride">Of the first of the repeated blocks.</param>
/// <param name="Repeats">How many blocks.</param>
/// <param name="Outputs">Channels that leave it.</param>
/// <param name="Kernel">The side of the depthwise kernel.</param>
/// <param name="Expansion">The factors of the channels in the depthwise convolution's two halves; their product makes the hidden
/// channels.</param>
/// <param name="First">Group numbers of the first pointwise convolution; 0 first where there is none.</param>
/// <param name="Second">Group numbers of the second pointwise convolution; 0 second where there is none.</param>
/// <param name="Activations">In each place: 0 for ReLU6 or nothing, 1 for one branch, 2 for two.</param>
/// <param name="Reduction">A factor of the configuration's reduction.</param>
public sealed record MicroNetRow(
    int Stride,
    int Repeats,
    int Outputs,
    int Kernel,
    (int First, int Second) Expansion,
    (int First, int Second) First,
    (int First, int Second) Second,
    (int First, int Second, int Third) Activations,
    int Reduction)
{
    /// <summary>Reads the fifteen columns; the ninth, a width, is used nowhere.</summary>
    /// <exception cref="ArgumentException">Another number of columns.</exception>
    public static MicroNetRow Of(IReadOnlyList<int> columns) =>
        columns is [var s, var n, var c, var k, var c1, var c2, var g1, var g2, _, var g3, var g4, var y1, var y2, var y3, var r]
        ? new(s, n, c, k, (c1, c2), (g1, g2), (g3, g4), (y1, y2, y3), r)
        : throw new ArgumentException($"MicroNet: a row has 15 columns (s n c k c1 c2 g1 g2 c3 g3 g4 y1 y2 y3 r), not {columns.Count}",
            nameof(columns));

    /// <summary>Reads rows of numbers, separated by bars.</summary>
    public static IReadOnlyList<MicroNetRow> Table(string text) =>
        [.. text.Split('|').Select(row =>
            Of([.. row.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(column => int.Parse(column, CultureInfo.InvariantCulture))]))];

    /// <summary>The channels between a block's convolutions.</summary>
    internal int Hidden(int inputs) => inputs * Expansion.First * Expansion.Second;
}

/// <summary>One MicroNet.</summary>
/// <param name="Rows">Its table.</param>
public sealed record MicroNetConfig(IReadOnlyList<MicroNetRow> Rows)
{
    /// <summary>Channels of the stem.</summary>
    public int StemChannels { get; init; } = 4;

    /// <summary>The channels after each half of the stem's convolution: the first, and the factor of the second.</summary>
    public (int First, int Second) StemGroups { get; init; } = (2, 2);

    /// <summary>The classifier's hidden width.</summary>
    public int HeadWidth { get; init; } = 640;

    /// <summary>The rate of dropout before the classifier.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>Outputs of the classifier; 0 for the hidden features before it.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>What stands in the places for activations.</summary>
    public MicroNetActivation Activation { get; init; }

    /// <summary>The range of Dynamic Shift-Max's factors.</summary>
    public double Range { get; init; } = 2;

    /// <summary>Initial factors of a channel itself in the first two places.</summary>
    public (double First, double Second) InitialA { get; init; } = (1, 1);

    /// <summary>Initial factors of the shifted channel in the first two places.</summary>
    public (double First, double Second) InitialB { get; init; } = (0, 0);

    /// <summary>Initial factors of a channel and of the shifted one in the third place.</summary>
    public (double A, double B) InitialThird { get; init; } = (1, 0);

    /// <summary>How much narrower Dynamic Shift-Max's hidden layer is, before a row's factor.</summary>
    public int Reduction { get; init; } = 8;
}
