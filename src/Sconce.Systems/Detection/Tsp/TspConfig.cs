using Sconce.Nn.Transformers;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>Residual network and pyramid.</summary>
public sealed record TspBackboneConfig
{
    /// <summary>Of the residual network: 18, 34, 50, 101 or 152.</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Whether a bottleneck's stride lies in its first 1x1 convolution (MSRA's networks) rather than in its 3x3.</summary>
    public bool StrideIn1x1 { get; init; } = true;

    /// <summary>Channels of the residual network's stem; its stages have so many times 1, 2, 4, 8.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Whether the residual network's batch norms learn, as they must where it begins from random numbers.</summary>
    public bool TrainNorms { get; init; }

    /// <summary>Channels of the pyramid.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>The pyramid's finest level, 2 or 3: its stride is 2 to that power.</summary>
    public int FinestLevel { get; init; } = 3;

    /// <summary>Whether the stem and <c>res2</c> learn; the official code holds them.</summary>
    public bool TrainStem { get; init; }
}

/// <summary>
/// One TSP-FCOS; the published R50 where left out. Edward-Sun/TSP-Detection@1b8a503 configs/Base-FCOS-TSP.yaml, tsp_fcos.sh.
/// </summary>
public sealed record TspFcosConfig
{
    /// <summary>Residual network and pyramid.</summary>
    public TspBackboneConfig Backbone { get; init; } = new();

    /// <summary>Classes of objects.</summary>
    public int Classes { get; init; } = 80;

    /// <summary>Convolutions of the towers of classes and of boxes.</summary>
    public (int Classes, int Boxes) Towers { get; init; } = (4, 4);

    /// <summary>Features of interest a picture.</summary>
    public int Features { get; init; } = 700;

    /// <summary>Pixels a cell of each level.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [8, 16, 32, 64, 128];

    /// <summary>
    /// The greatest distance to a box's side that each level finds, in pixels, but for the last, which finds all larger ones.
    /// </summary>
    public IReadOnlyList<double> Sizes { get; init; } = [64, 128, 256, 512];

    /// <summary>The encoder, whose width the features are brought to.</summary>
    public PositionedEncoderConfig Encoder { get; init; } = TspEncoder.Published;

    /// <summary>The least share of the features of interest that a training step keeps; it is drawn for each batch.</summary>
    public double LeastKept { get; init; } = 0.7;

    /// <summary>Taken from the picture's blue, green and red, each in [0, 255].</summary>
    public IReadOnlyList<double> PixelMean { get; init; } = TspPixels.Mean;

    /// <summary>What they are then divided by.</summary>
    public IReadOnlyList<double> PixelStd { get; init; } = TspPixels.Std;
}

/// <summary>
/// One TSP-RCNN; the published R50 where left out. Edward-Sun/TSP-Detection@1b8a503 configs/Base-RCNN-TSP.yaml, tsp_rcnn.sh.
/// </summary>
public sealed record TspRcnnConfig
{
    /// <summary>Residual network and pyramid.</summary>
    public TspBackboneConfig Backbone { get; init; } = new() { FinestLevel = 2 };

    /// <summary>Anchors' sizes at P3 to P7, in pixels.</summary>
    public IReadOnlyList<IReadOnlyList<double>> AnchorSizes { get; init; } =
    [
        [32, 40.32, 51.80], [64, 80.63, 101.59], [128, 161.27, 203.19], [256, 322.54, 406.37], [512, 645.08, 812.75],
    ];

    /// <summary>Anchors' heights by their widths.</summary>
    public IReadOnlyList<double> AnchorRatios { get; init; } = [0.5, 1, 2];

    /// <summary>Convolutions of each of the proposal network's towers.</summary>
    public int ProposalConvolutions { get; init; } = 2;

    /// <summary>Proposals a picture.</summary>
    public int Proposals { get; init; } = 700;

    /// <summary>What becomes of them.</summary>
    public TspHeadConfig Head { get; init; } = new();

    /// <summary>The least share of the proposals that a training step keeps; it is drawn for each picture.</summary>
    public double LeastKept { get; init; } = 0.7;
}

/// <summary>TSP-RCNN's second stage.</summary>
public sealed record TspHeadConfig
{
    /// <summary>Classes of objects.</summary>
    public int Classes { get; init; } = 80;

    /// <summary>Channels of the pyramid.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Bins along each side of a pooled region.</summary>
    public int Bins { get; init; } = 7;

    /// <summary>Linear layers from a pooled region to a token; 0 where regions already have the width.</summary>
    public int InputLayers { get; init; } = 1;

    /// <summary>Hidden width where there are several.</summary>
    public int InputWidth { get; init; } = 1024;

    /// <summary>Whether tokens know where their proposal stands.</summary>
    public bool Positions { get; init; } = true;

    /// <summary>The encoder.</summary>
    public PositionedEncoderConfig Encoder { get; init; } = TspEncoder.Published;

    /// <summary>Weights of the box deltas: x, y, width, height.</summary>
    public IReadOnlyList<double> BoxWeights { get; init; } = [10, 10, 5, 5];
}

/// <summary>The encoder that both networks have.</summary>
internal static class TspEncoder
{
    internal static PositionedEncoderConfig Published { get; } =
        new() { Width = 512, Heads = 8, Layers = 6, FeedForward = 2048, Dropout = 0.1, PreNorm = true };
}
