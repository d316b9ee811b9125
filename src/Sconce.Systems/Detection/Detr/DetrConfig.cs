using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;

namespace Sconce.Systems.Detection.Detr;

/// <summary>How the transformer knows where a token stands; <c>--position_embedding</c> of the official code.</summary>
public enum PositionKind
{
    /// <summary>Fixed sines and cosines (<see cref="SinePositions"/>).</summary>
    Sine,

    /// <summary>A learned table of rows and one of columns (<see cref="LearnedPositions"/>), for maps up to 50 × 50.</summary>
    Learned,
}

/// <summary>The transformer; 2005.12872 §3.2 and appendix A.3, facebookresearch/detr@29901c51 models/transformer.py.</summary>
public sealed record DetrTransformerConfig
{
    /// <summary>Of the tokens.</summary>
    public int Width { get; init; } = 256;

    /// <summary>That share the width.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Layers of the encoder.</summary>
    public int EncoderLayers { get; init; } = 6;

    /// <summary>Layers of the decoder.</summary>
    public int DecoderLayers { get; init; } = 6;

    /// <summary>Hidden width of the feed-forward parts.</summary>
    public int FeedForward { get; init; } = 2048;

    /// <summary>Rate of every dropout.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Of the feed-forward parts.</summary>
    public TransformerActivation Activation { get; init; }

    /// <summary>Whether norms stand before each branch instead of after the sum; the encoder then has a last norm.</summary>
    public bool PreNorm { get; init; }

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>The encoder's part of it.</summary>
    internal PositionedEncoderConfig Encoder => new()
    {
        Width = Width,
        Heads = Heads,
        Layers = EncoderLayers,
        FeedForward = FeedForward,
        Dropout = Dropout,
        Activation = Activation,
        PreNorm = PreNorm,
        NormEps = NormEps,
    };
}

/// <summary>One DETR; the official ResNet-50 where left out. 2005.12872, facebookresearch/detr@29901c51 main.py, hubconf.py.</summary>
public sealed record DetrConfig
{
    /// <summary>The trunk without its norms, which are always frozen, and without its classifier.</summary>
    public ResNetConfiguration Trunk { get; init; } = ResNetConfiguration.ResNet50;

    /// <summary>Whether the last stage is dilated instead of strided (DC5): maps of stride 16.</summary>
    public bool Dilation { get; init; }

    /// <summary>Outputs of the classifier, less the one for "no object": 91 for COCO, whose numbers have gaps.</summary>
    public int Classes { get; init; } = 91;

    /// <summary>Boxes a picture.</summary>
    public int Queries { get; init; } = 100;

    /// <summary>Encoder and decoder.</summary>
    public DetrTransformerConfig Transformer { get; init; } = new();

    /// <summary>Of the tokens.</summary>
    public PositionKind Positions { get; init; }

    /// <summary>Of the sine positions; their number of features is half the width.</summary>
    public SinePositions Sine { get; init; } = new(128);

    /// <summary>Whether the earlier decoder layers answer too, for the auxiliary losses.</summary>
    public bool Auxiliary { get; init; } = true;

    /// <summary>Whether stages 2 to 4 of the trunk learn; the stem and stage 1 never do.</summary>
    public bool TrainTrunk { get; init; } = true;

    /// <summary>The constant of the frozen norms.</summary>
    public double FrozenNormEps { get; init; } = 1e-5;
}
