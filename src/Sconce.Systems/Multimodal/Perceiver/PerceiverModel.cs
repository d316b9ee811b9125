using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>A learned array; <c>(count, width)</c>.</summary>
/// <param name="count">Rows.</param>
/// <param name="width">Columns.</param>
/// <param name="deviation">Of its initial numbers.</param>
/// <param name="grid">Of pictures whose places the rows are; none where they are no places.</param>
public sealed partial class LearnedArray(int count, int width, double deviation = 0.02, Extent2? grid = null) : Module, IPositioned
{
    /// <summary>The array.</summary>
    public Parameter PosEmbs { get; } = HaikuInit.Positions(count, width, deviation);

    /// <inheritdoc/>
    public Tensor? Resample(string key, Tensor found) => key == "pos_embs" && grid is { } places
        ? PositionEmbedding.TryResize(found, PosEmbs, places, PositionResize.BicubicAntialias, prefix: 0)
        : null;

    /// <summary>One copy an item, without memory of its own; <c>-> (batch, count, width)</c>.</summary>
    public Tensor For(long batch) => PosEmbs.Unsqueeze(0).Expand([batch, -1, -1]);
}

/// <summary>
/// A small latent array reads a long input again and again and thinks in between, with shared weights:
/// <c>rows (N, M, C), mask (N, M) -> latents (N, L, D)</c>. 2103.03206 §3.1; the blocks are those of deepmind-research@f5de0ede
/// perceiver/perceiver.py.
/// </summary>
public sealed class PerceiverModel : Module<Tensor, Tensor?, Tensor>
{
    // Members with keys by number are listed by hand.
    private readonly LearnedArray latents;
    private readonly CrossAttention first;
    private readonly CrossAttention? shared;
    private readonly Linear? logits;
    private readonly SelfAttention[] selfAttentions;

    /// <summary>Haiku's initial numbers; the classifier begins at zero.</summary>
    /// <exception cref="ArgumentException">Channels that do not divide by the heads, or no round.</exception>
    public PerceiverModel(PerceiverConfig config)
    {
        if (config.Rounds < 1) throw new ArgumentException($"a Perceiver of {config.Rounds} rounds reads nothing", nameof(config));
        Config = config;
        latents = new LearnedArray(config.Latents, config.Width, config.LatentDeviation);
        first = new CrossAttention(config.Width, config.InputChannels, PerceiverParts.Cross(config));
        selfAttentions = PerceiverParts.SelfAttentions(config);
        shared = config.Rounds > 1 ? new CrossAttention(config.Width, config.InputChannels, PerceiverParts.Cross(config)) : null;
        if (config.Classes == 0) return;
        logits = new Linear(config.Width, config.Classes);
        Init.Constant(logits.Weight, 0);
        Init.Constant(logits.Bias!, 0);
    }

    /// <summary>What it was built from.</summary>
    public PerceiverConfig Config { get; }

    /// <summary>Where thinking begins.</summary>
    public LearnedArray Latents => latents;

    /// <summary>The classifier; null in a trunk.</summary>
    public Linear? Logits => logits;

    /// <summary>The mean of the latents through the classifier, where there is one; <c>(N, L, D) -> (N, classes)</c> or
    /// <c>(N, D)</c>.</summary>
    public Tensor Classify(Tensor states)
    {
        using var scope = new TensorScope();
        return scope.Keep(states.Mean([1]).Through(logits));
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        visitor.Child("latents", latents);
        visitor.Child("cross_attention_first", first);
        for (int k = 0; k < selfAttentions.Length; k++) visitor.Child($"self_attention_{k}", selfAttentions[k]);
        visitor.Child("cross_attention_shared", shared);
        visitor.Child("head.logits", logits);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor rows, Tensor? mask)
    {
        PerceiverParts.Verify(rows, Config.InputChannels);
        var visible = PerceiverParts.Visible(mask, Config.Latents);
        var z = first.Call(latents.For(rows.Size(0)), rows, visible);
        z = PerceiverParts.Think(z, selfAttentions);
        if (shared is null) return z;

        // The later rounds share their weights and read the same rows: keys and values are made once.
        var read = shared.Prepare(rows);
        for (int round = 1; round < Config.Rounds; round++) z = PerceiverParts.Think(shared.Read(z, read, visible), selfAttentions);
        return z;
    }
}

/// <summary>What Perceiver and Perceiver IO have in common.</summary>
internal static class PerceiverParts
{
    internal static AttentionBlockOptions Cross(PerceiverConfig config) => new()
    {
        Heads = config.CrossHeads,
        Widening = config.CrossWidening,
        QueryKeyChannels = config.QueryKeyChannels,
        ValueChannels = config.ValueChannels,
        WidthFrom = config.CrossWidth,
        QueryResidual = config.QueryResidual,
        NormEps = config.NormEps,
        Gelu = config.Gelu,
    };

    internal static SelfAttention[] SelfAttentions(PerceiverConfig config)
    {
        var options = Cross(config) with { Heads = config.SelfHeads, Widening = config.SelfWidening };
        return [.. Enumerable.Range(0, config.SelfAttentions).Select(_ => new SelfAttention(config.Width, options))];
    }

    internal static Tensor Think(Tensor latents, SelfAttention[] layers)
    {
        foreach (var layer in layers) latents = layer.Call(latents);
        return latents;
    }

    /// <summary>Who may look where; <c>rows' mask (N, M) -> (N, latents, M)</c>.</summary>
    internal static Tensor? Visible(Tensor? mask, long latents) => mask?.To(DType.Bool).Unsqueeze(1).Expand([-1, latents, -1]);

    internal static void Verify(Tensor rows, int channels)
    {
        if (rows.Dimensions != 3 || rows.Size(2) != channels)
            throw new TorchException($"Perceiver: an input array of shape [{string.Join(", ", rows.Shape.ToArray())}], but (N, rows, "
                + $"{channels}) is expected: positions belong to the channels");
    }
}
