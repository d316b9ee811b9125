namespace Sconce.Systems.Generation.Trecs;

/// <summary>How much the painter enlarges its first map, NVlabs' <c>num_upsampling_layers</c>.</summary>
public enum SpadeUpsampling
{
    /// <summary>32 times.</summary>
    Normal,

    /// <summary>64 times.</summary>
    More,

    /// <summary>128 times, with one block more at the end.</summary>
    Most,
}

/// <summary>The norm whose result the map of labels scales.</summary>
public enum SpadeNorm
{
    /// <summary>Over the batch.</summary>
    Batch,

    /// <summary>Each map by itself.</summary>
    Instance,
}

/// <summary>The painter's shape. 1903.07291 appendix A; NVlabs/SPADE@fecacc9 options/base_options.py.</summary>
/// <param name="Labels">Of a pixel; COCO-Stuff's 182 and one for unlabelled.</param>
/// <param name="CropSize">The picture's width in pixels.</param>
public sealed record SpadeConfig(int Labels = 183, int CropSize = 256)
{
    /// <summary>Channels of the last maps; the first have sixteen times as many.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Width divided by height.</summary>
    public double AspectRatio { get; init; } = 1;

    /// <summary>How small the first map is.</summary>
    public SpadeUpsampling Upsampling { get; init; } = SpadeUpsampling.Normal;

    /// <summary>What is scaled.</summary>
    public SpadeNorm Norm { get; init; } = SpadeNorm.Batch;

    /// <summary>Side of the kernels that read the map of labels.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Whether the blocks' convolutions are spectrally normalised, as official runs are.</summary>
    public bool Spectral { get; init; }

    /// <summary>Width of the first map.</summary>
    public int FirstWidth => CropSize >> (5 + (int)Upsampling);

    /// <summary>Height of the first map.</summary>
    public int FirstHeight => (int)Math.Round(FirstWidth / AspectRatio, MidpointRounding.ToEven);
}
