using Sconce.Nn;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>How the generator normalises its maps.</summary>
public enum CharacterNorm
{
    /// <summary>Each map by itself, without gains.</summary>
    Instance,

    /// <summary>Over the batch.</summary>
    Batch,
}

/// <summary>The generator's shape; official runs have these values. tohinz/CharacterGAN@8154aba3 options/base_options.py.</summary>
public sealed record CharacterConfig
{
    /// <summary>Channels of a layer's map of keypoints.</summary>
    public int Inputs { get; init; } = 3;

    /// <summary>3 for colours, 4 with the mask.</summary>
    public int Outputs { get; init; } = 3;

    /// <summary>Channels of the first maps; each halving doubles them.</summary>
    public int Width { get; init; } = 32;

    /// <summary>How often maps are halved; pictures must divide by two to that power.</summary>
    public int Halvings { get; init; } = 4;

    /// <summary>Residual blocks at the smallest size.</summary>
    public int Blocks { get; init; } = 9;

    /// <summary>What follows convolutions.</summary>
    public CharacterNorm Norm { get; init; } = CharacterNorm.Instance;

    /// <summary>What stands beyond the edge inside the residual blocks.</summary>
    public PaddingMode Padding { get; init; } = PaddingMode.Reflect;

    /// <summary>Whether each layer's features are scaled by what all layers' keypoints say.</summary>
    public bool AdaptiveScaling { get; init; } = true;

    /// <summary>Depth layers into which keypoints are sorted; released code has three.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Channels of the smallest maps.</summary>
    public int Deepest => Width << Halvings;
}
