using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>
/// TimeSformer, 2102.05095 §3: <c>(N, 3, T, H, W) normalised clips -> (N, classes) logits</c>. Clips of other lengths or sizes than it was
/// built for stretch its embeddings, as officially, by the nearest; keys as in timesformer/models/vit.py@a5ef29a (without the checkpoints'
/// prefix <c>model.</c>).
/// </summary>
public sealed partial class VideoTransformer : Module<Tensor, Tensor>
{
    private const double Deviation = 0.02;

    /// <summary>
    /// Builds the network with the official initial weights: linear ones, positions and class token truncated normal with deviation 0.02,
    /// biases and times 0, and every <c>temporal_fc</c> 0, so that training begins as without attention in time.
    /// </summary>
    /// <param name="config">Its dimensions.</param>
    /// <exception cref="ArgumentException">They contradict each other.</exception>
    public VideoTransformer(TimeSformerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        int patches = config.ImageSize.Height / config.PatchSize.Height * (config.ImageSize.Width / config.PatchSize.Width);
        ClsToken = Init.TruncatedNormal(Parameter.Empty(1, 1, config.Width), Deviation);
        PosEmbed = Init.TruncatedNormal(Parameter.Empty(1, patches + 1, config.Width), Deviation);
        TimeEmbed = config.Attention == SpaceTimeAttention.SpaceOnly ? null : Parameter.Zeros(1, config.Frames, config.Width);
        PatchEmbed = new PatchEmbed(config.InputChannels, config.Width, config.PatchSize);
        Blocks = new ModuleList<TimeSformerBlock>(Enumerable.Range(0, config.Depth)
            .Select(k => new TimeSformerBlock(config.Width, config.Heads, config.Attention, Options(config, k))));
        Norm = new LayerNorm(config.Width, config.NormEps);
        Head = config.Classes > 0 ? new Linear(config.Width, config.Classes) : null;
        PosDrop = new Dropout(config.Dropout);
        TimeDrop = new Dropout(config.Dropout);
        foreach (var (_, module) in NamedModules())
        {
            if (module is not Linear linear) continue;
            Init.TruncatedNormal(linear.Weight, Deviation);
            if (linear.Bias is { } bias) Init.Constant(bias, 0);
        }

        // The official loop skips its first match, which is the list of blocks itself: all blocks are meant and hit.
        foreach (var block in Blocks)
        {
            if (block.TemporalFc is { } last) Init.Constant(last.Weight, 0);
        }
    }

    /// <summary>What it was built from.</summary>
    public TimeSformerConfig Config { get; }

    /// <summary>The token that reads the clip <c>(1, 1, width)</c>.</summary>
    public Parameter ClsToken { get; }

    /// <summary>Places in a frame, the class token's first <c>(1, 1 + patches, width)</c>.</summary>
    public Parameter PosEmbed { get; }

    /// <summary>Places in time <c>(1, frames, width)</c>; null where each frame is for itself.</summary>
    public Parameter? TimeEmbed { get; }

    /// <summary>Frames to tokens.</summary>
    public PatchEmbed PatchEmbed { get; }

    /// <summary>The encoder.</summary>
    public ModuleList<TimeSformerBlock> Blocks { get; }

    /// <summary>After the last block.</summary>
    public LayerNorm Norm { get; }

    /// <summary>The classifier; null where features are wanted.</summary>
    public Linear? Head { get; }

    private Dropout PosDrop { get; }

    private Dropout TimeDrop { get; }

    /// <summary>The embeddings, which the official code names as those that weight decay may leave alone.</summary>
    public IEnumerable<Parameter> WithoutDecay => new[] { ClsToken, PosEmbed, TimeEmbed }.OfType<Parameter>();

    /// <summary>The class token after the last norm: <c>(N, 3, T, H, W) -> (N, width)</c>.</summary>
    /// <exception cref="TorchException">The clip has another shape, or its frames are not cut into patches without remainder.</exception>
    public Tensor Features(Tensor clips)
    {
        using var scope = new TensorScope();
        if (clips.Dimensions != 5 || clips.Size(1) != Config.InputChannels || clips.Size(2) < 1)
        {
            throw new TorchException($"timesformer: clips of shape [{string.Join(", ", clips.Shape.ToArray())}], but (N, "
                + $"{Config.InputChannels}, frames, height, width) is expected");
        }

        long batch = clips.Size(0), frames = clips.Size(2);
        var tokens = Embed(clips);
        foreach (var block in Blocks)
        {
            var next = block.Call(tokens, (int)frames);
            tokens.Dispose();
            tokens = next;
        }

        var token = tokens[.., 0];
        if (Config.Attention == SpaceTimeAttention.SpaceOnly) token = token.Reshape([batch, frames, -1]).Mean([1]); // before the norm
        return scope.Keep(Norm.Call(token)); // the norm works token by token
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor clips)
    {
        var features = Features(clips);
        return Head?.Call(features) ?? features;
    }

    /// <summary><c>(N, 1 + patches·T, width)</c>, time fastest; for frames by themselves <c>(N·T, 1 + patches, width)</c>.</summary>
    private Tensor Embed(Tensor clips)
    {
        using var scope = new TensorScope();
        long batch = clips.Size(0), frames = clips.Size(2), height = clips.Size(3), width = clips.Size(4);
        var grid = PatchEmbed.Grid(height, width);
        var positions = Positions(grid);
        // (N·T, patches, width)
        var patches = PatchEmbed.Call(clips.Transpose(1, 2).Reshape([batch * frames, Config.InputChannels, height, width]));
        patches = PosDrop.Call(patches + positions[.., 1..]);
        var token = PosDrop.Call((ClsToken + positions[.., ..1]).Expand([TimeEmbed is null ? batch * frames : batch, 1, Config.Width]));
        if (TimeEmbed is not null)
        {
            patches = patches.Reshape([batch, frames, -1, Config.Width]).Transpose(1, 2); // (N, patches, T, width)
            patches = TimeDrop.Call(patches + Times(frames)).Reshape([batch, -1, Config.Width]);
        }

        return scope.Keep(Tensor.Cat([token, patches], 1));
    }

    private Tensor Positions(Extent2 grid)
    {
        long patches = PosEmbed.Size(1) - 1, side = (long)Math.Sqrt(patches);
        if ((long)grid.Height * grid.Width == patches) return PosEmbed;
        if (side * side != patches)
            throw new TorchException($"timesformer: frames of {grid.Height}x{grid.Width} patches, but its {patches} positions lie on no "
                + $"square grid and cannot be stretched: give frames of {Config.ImageSize.Height}x{Config.ImageSize.Width} pixels");
        using var scope = new TensorScope();
        var map = PosEmbed[.., 1..].Transpose(1, 2).Reshape([1, -1, side, side]);
        var stretched = Functional.Interpolate(map, [grid.Height, grid.Width]).Flatten(2).Transpose(1, 2);
        return scope.Keep(Tensor.Cat([PosEmbed[.., ..1], stretched], 1));
    }

    private Tensor Times(long frames) =>
        frames == TimeEmbed!.Size(1) ? TimeEmbed : Functional.Interpolate(TimeEmbed.Transpose(1, 2), [frames]).Transpose(1, 2);

    private static BlockOptions Options(TimeSformerConfig config, int place) => new()
    {
        MlpRatio = config.MlpRatio,
        NormEps = config.NormEps,
        Dropout = config.Dropout,
        DropPath = config.Depth > 1 ? config.DropPath * place / (config.Depth - 1) : 0,
        Attention = new AttentionOptions
        { QkvBias = config.QkvBias, Scale = config.Scale, AttentionDropout = config.AttentionDropout, Dropout = config.Dropout },
    };
}
