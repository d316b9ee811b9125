using Sconce.Nn;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>From whom cross-attention takes the width of its queries and keys where it is not given (<c>shape_for_attn</c>).</summary>
public enum AttentionWidth
{
    /// <summary>From what is read (261 for ImageNet), as the official networks do.</summary>
    KeysAndValues,

    /// <summary>From who reads.</summary>
    Queries,
}

/// <summary>One Perceiver; the paper's ImageNet network where left out. 2103.03206 §3, appendix C; deepmind-research@f5de0ede
/// perceiver/train/experiment.py.</summary>
/// <param name="InputChannels">Of a row of the input array, positions included.</param>
public sealed record PerceiverConfig(int InputChannels)
{
    /// <summary>Rows of the latent array.</summary>
    public int Latents { get; init; } = 512;

    /// <summary>Width of the latent array.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>How often the latents go through the self-attention layers; in a Perceiver (not IO) each time after reading the input
    /// anew.</summary>
    public int Rounds { get; init; } = 8;

    /// <summary>Self-attention layers a round, whose weights all rounds share.</summary>
    public int SelfAttentions { get; init; } = 6;

    /// <summary>Heads of cross-attention.</summary>
    public int CrossHeads { get; init; } = 1;

    /// <summary>Heads of self-attention.</summary>
    public int SelfHeads { get; init; } = 8;

    /// <summary>Hidden width of cross-attention's MLP as a multiple of the latents' width.</summary>
    public int CrossWidening { get; init; } = 1;

    /// <summary>Hidden width of self-attention's MLP as a multiple of the latents' width.</summary>
    public int SelfWidening { get; init; } = 1;

    /// <summary>Width of cross-attention's queries and keys.</summary>
    public AttentionWidth CrossWidth { get; init; }

    /// <summary>Width of queries and keys everywhere, where given.</summary>
    public int? QueryKeyChannels { get; init; }

    /// <summary>Width of values everywhere, where given; that of queries and keys otherwise.</summary>
    public int? ValueChannels { get; init; }

    /// <summary>Whether cross-attention adds to the latents, rather than replacing them.</summary>
    public bool QueryResidual { get; init; } = true;

    /// <summary>Outputs of the classifier; 0 for the mean of the latents.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Deviation of the latents' initial numbers.</summary>
    public double LatentDeviation { get; init; } = 0.02;

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Which form of gelu.</summary>
    public GeluForm Gelu { get; init; } = GeluForm.Tanh;
}
