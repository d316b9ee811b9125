using Sconce.Abilities;
using Sconce.Sampling;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>How a picture goes through the codes.</summary>
[Settings]
public sealed partial record VqReconstructSettings
{
    /// <summary>Only the square in the middle, as in training; otherwise all but what is less than a code at the edges.</summary>
    public bool Square { get; init; }
}

/// <summary>What a network must be told of the pictures that it makes.</summary>
[Settings]
public sealed partial record CodeConditionSettings
{
    /// <summary>The number of the class, of networks that make pictures by class.</summary>
    [Within(0)]
    public int? Class { get; init; }

    /// <summary>The depth map, segmentation or other picture that is followed, of networks that make pictures from pictures.</summary>
    public Picture? From { get; init; }

    /// <summary>A grey map of depth that is followed, of networks that make pictures from depth maps.</summary>
    public Picture? Depth { get; init; }

    /// <summary>A grey map whose values are labels, of networks that make pictures from maps of labels.</summary>
    public Picture? Segmentation { get; init; }

    /// <summary>The one picture that is followed; null where none was named.</summary>
    internal Picture? Followed => From ?? Depth ?? Segmentation;
}

/// <summary>How pictures are drawn, code by code.</summary>
[Settings]
public sealed partial record VqGenerateSettings
{
    /// <summary>How many pictures, and which.</summary>
    public GenerateSettings Drawing { get; init; } = new();

    /// <summary>How each code is drawn.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>What is shown.</summary>
    public CodeConditionSettings Condition { get; init; } = new();

    /// <summary>The pictures' width in pixels; the network's own where left out. Larger ones are drawn through a sliding window.</summary>
    [Within(1, 8192)]
    [LeftOpen]
    public int? Width { get; init; }

    /// <summary>Their height in pixels.</summary>
    [Within(1, 8192)]
    [LeftOpen]
    public int? Height { get; init; }
}

/// <summary>How the rest of a picture is drawn.</summary>
[Settings]
public sealed partial record VqCompleteSettings
{
    /// <summary>Which part is given: top, left, or where a mask is white.</summary>
    public KeptRegion Keep { get; init; } = KeptRegion.Top;

    /// <summary>How much of the picture an upper or left part is.</summary>
    [Within(0, 1, Below = true)]
    public double Share { get; init; } = 0.5;

    /// <summary>How many answers.</summary>
    [Within(1, 1024)]
    public int Count { get; init; } = 1;

    /// <summary>Equal seeds give equal answers.</summary>
    public ulong Seed { get; init; }

    /// <summary>How each code is drawn.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>What is shown.</summary>
    public CodeConditionSettings Condition { get; init; } = new();
}
