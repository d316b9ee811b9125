using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>Reads the input once, then thinks: <c>rows (N, M, C), mask (N, M) -> latents (N, L, D)</c>; 2107.14795 §3, perceiver.py
/// <c>PerceiverEncoder</c>.</summary>
public sealed class PerceiverEncoder : Module<Tensor, Tensor?, Tensor>
{
    private readonly LearnedArray latents;
    private readonly CrossAttention cross;
    private readonly SelfAttention[] selfAttentions;
    private readonly PerceiverConfig config;

    /// <summary>Haiku's initial numbers.</summary>
    public PerceiverEncoder(PerceiverConfig config)
    {
        this.config = config;
        latents = new LearnedArray(config.Latents, config.Width, config.LatentDeviation);
        cross = new CrossAttention(config.Width, config.InputChannels, PerceiverParts.Cross(config));
        selfAttentions = PerceiverParts.SelfAttentions(config);
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        visitor.Parameter("pos_embs", latents.PosEmbs);
        visitor.Child("cross_attention", cross);
        for (int k = 0; k < selfAttentions.Length; k++) visitor.Child(k == 0 ? "self_attention" : $"self_attention_{k}", selfAttentions[k]);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor rows, Tensor? mask)
    {
        PerceiverParts.Verify(rows, config.InputChannels);
        var z = cross.Call(latents.For(rows.Size(0)), rows, PerceiverParts.Visible(mask, config.Latents));
        for (int round = 0; round < config.Rounds; round++) z = PerceiverParts.Think(z, selfAttentions);
        return z;
    }
}

/// <summary>
/// Queries of any number and meaning read the latents, and each becomes an output:
/// <c>queries (N, T, Q), latents (N, L, D) -> (N, T, outputs)</c>; 2107.14795 §3.2, perceiver.py <c>BasicDecoder</c>.
/// </summary>
public sealed partial class PerceiverDecoder : Module<Tensor, Tensor, Tensor>
{
    /// <summary>Haiku's initial numbers.</summary>
    /// <param name="queryChannels">Q.</param>
    /// <param name="latentWidth">D.</param>
    /// <param name="outputs">Of each query.</param>
    /// <param name="learnedQueries">How many queries are learned; 0 where all come from outside.</param>
    /// <param name="options">Heads, widths, whether the queries stay in the sum.</param>
    public PerceiverDecoder(int queryChannels, int latentWidth, int outputs, int learnedQueries, AttentionBlockOptions options)
    {
        PosEmbs = learnedQueries > 0 ? HaikuInit.Positions(learnedQueries, queryChannels, 0.02) : null;
        CrossAttention = new CrossAttention(queryChannels, latentWidth, options);
        Output = HaikuInit.Linear(queryChannels, outputs);
    }

    /// <summary>Learned queries <c>(T, Q)</c>; null where all come from outside.</summary>
    public Parameter? PosEmbs { get; }

    /// <summary>The reading.</summary>
    public CrossAttention CrossAttention { get; }

    /// <summary>From a query to its output.</summary>
    public Linear Output { get; }

    /// <summary>The outputs of the learned queries; <c>(N, L, D) -> (N, T, outputs)</c>.</summary>
    /// <exception cref="InvalidOperationException">None are learned.</exception>
    public Tensor Decode(Tensor latents)
    {
        if (PosEmbs is null)
            throw new InvalidOperationException("this decoder has no queries of its own: call it with queries and latents");
        return Call(PosEmbs.Unsqueeze(0).Expand([latents.Size(0), -1, -1]), latents);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor queries, Tensor latents) => Output.Call(CrossAttention.Call(queries, latents, null));
}
