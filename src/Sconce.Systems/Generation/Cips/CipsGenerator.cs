using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Cips;

/// <summary>The sizes of a CIPS generator.</summary>
/// <param name="Size">The side of the pictures it is trained on, a power of two: the side of its learned embedding.</param>
public sealed record CipsConfig(int Size = 256)
{
    /// <summary>Fourier features, and numbers of the embedding for each pixel.</summary>
    public int Hidden { get; init; } = 512;

    /// <summary>The width of z and of the style.</summary>
    public int StyleWidth { get; init; } = 512;

    /// <summary>Layers of the mapping from z to the style.</summary>
    public int MappingLayers { get; init; } = 8;

    /// <summary>How much slower the mapping learns.</summary>
    public double MappingRate { get; init; } = 0.01;

    /// <summary>What follows each layer.</summary>
    public CipsActivation Activation { get; init; } = CipsActivation.LeakyRelu;

    /// <summary>Multiplies the channels of the later layers.</summary>
    public int ChannelMultiplier { get; init; } = 2;

    /// <summary>Channels of each stage; null for the official ones.</summary>
    public IReadOnlyList<int>? Channels { get; init; }

    /// <summary>Stages: log2(size) − 1.</summary>
    /// <exception cref="ArgumentException">The size is no power of two from 4 on.</exception>
    public int Stages =>
        Size >= 4 && int.IsPow2(Size)
            ? int.Log2(Size) - 1
            : throw new ArgumentException($"CIPS: pictures of {Size} pixels; the side is a power of two, from 4 on");
}

/// <summary>
/// A generator without spatial convolutions: each pixel is computed on its own from its coordinates and a style, so that any subset of
/// pixels can be rendered, at any resolution. <c>z (N, style) -> (N, 3, size, size)</c>, about -1 to 1 and not cut off. 2011.13775;
/// saic-mdal/CIPS@eadae6e4 model/GeneratorsCIPS.py.
/// </summary>
public abstract partial class CipsGenerator : Module<Tensor, Tensor>, IStyleNetwork
{
    private protected CipsGenerator(CipsConfig config)
    {
        Config = config;
        Lff = new LearnedFourierFeatures(config.Hidden);
        Emb = new ConstantInput(config.Hidden, config.Size);
    }

    /// <summary>Its sizes.</summary>
    public CipsConfig Config { get; }

    /// <summary>Layers that take noise.</summary>
    public abstract int NoiseCount { get; }

    /// <summary>Of the coordinates.</summary>
    public LearnedFourierFeatures Lff { get; }

    /// <summary>One vector for each pixel of the training grid.</summary>
    public ConstantInput Emb { get; }

    /// <summary>The style of each z: <c>(N, style) -> (N, style)</c>.</summary>
    public Tensor Map(Tensor z) => Mapping.Call(z);

    /// <summary>
    /// Draws latents towards a mean BEFORE they are mapped, as officially and unlike StyleGAN2: <c>mean + psi · (z − mean)</c>. Styles can
    /// be drawn towards theirs by the same.
    /// </summary>
    public static Tensor Truncate(Tensor latents, Tensor mean, double psi) => StyleGenerator.Truncate(latents, mean, psi);

    /// <summary>Renders pixels: <c>(N or 1, 2, H, W), (N, style) -> (N, 3, H, W)</c>. Each depends on its own coordinates alone.</summary>
    /// <param name="coordinates">See <see cref="CoordinateGrid"/>; places beyond ±1 are allowed.</param>
    /// <param name="styles">From <see cref="Map"/>.</param>
    /// <param name="noise"><c>(NoiseCount, 1, H, W)</c>, or <c>(NoiseCount, 1, 1, 1)</c> of zeros for none; null for fresh numbers.</param>
    /// <exception cref="ArgumentException">There is noise for more or fewer layers.</exception>
    public Tensor Render(Tensor coordinates, Tensor styles, Tensor? noise = null)
    {
        if (noise is not null && noise.Size(0) != NoiseCount)
        {
            throw new ArgumentException($"CIPS: {noise.Size(0)} planes of noise for {NoiseCount} layers", nameof(noise));
        }
        using var scope = new TensorScope();
        var places = coordinates.Size(0) == styles.Size(0) ? coordinates : coordinates.Expand([styles.Size(0), -1, -1, -1]);
        var input = Tensor.Cat([Lff.Call(places), Embedded(places)], 1);
        return scope.Keep(Colours(input, styles, layer => noise?.Narrow(0, layer, 1)));
    }

    /// <summary>One style is for all pixels.</summary>
    public int StyleCount => 1;

    /// <inheritdoc/>
    public Tensor Paint(Tensor styles) => Render(TrainedGrid(), styles.Select(1, 0), NoNoise());

    /// <summary>Noise of zeros, for <see cref="Render"/>: renderings of one style are then equal.</summary>
    public Tensor NoNoise() => Tensor.Zeros([NoiseCount, 1, 1, 1], Emb.Input.DType, device: Emb.Input.Device);

    /// <summary>The mapping network; each kind registers it where the official one does.</summary>
    private protected abstract Sequential Mapping { get; }

    /// <summary>From Fourier features and embedding, <c>(N, 2·hidden, H, W)</c>, to colours.</summary>
    private protected abstract Tensor Colours(Tensor input, Tensor styles, Func<int, Tensor?> noise);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor z) => Render(TrainedGrid(), Map(z));

    private Tensor TrainedGrid() => CoordinateGrid.Whole(Config.Size).To(Emb.Input.Device, Emb.Input.DType);

    private protected Sequential NewMapping() => MappingNetwork.Create(Config.StyleWidth, Config.MappingLayers, Config.MappingRate);

    private protected int[] Channels(params ReadOnlySpan<int> wide) =>
        Config.Channels is { } own ? [.. own] : [512, 512, 512, 512, .. wide.ToArray().Select(factor => factor * Config.ChannelMultiplier)];

    /// <summary>
    /// The embedding where the pixels lie. In training, at the training size, it is taken as it is, whatever the coordinates; otherwise it
    /// is read between its cells, whose grid is another. The official code does so, and trained weights expect it.
    /// </summary>
    private Tensor Embedded(Tensor places)
    {
        bool own = Training && places.Size(2) == Config.Size && places.Size(3) == Config.Size;
        var maps = Emb.For(places.Size(0));
        return own ? maps : CoordinateGrid.Sample(maps, places);
    }
}

/// <summary>CIPSskip, the paper's generator: colours are added up after every second layer. See <see cref="CipsGenerator"/>.</summary>
public sealed partial class CipsSkip : CipsGenerator
{
    /// <summary>Builds one.</summary>
    public CipsSkip(CipsConfig config)
        : base(config)
    {
        int[] channels = Channels(256, 128, 64, 32, 16);
        Conv1 = new CipsConv(2 * config.Hidden, channels[0], config.StyleWidth, config.Activation);
        List<CipsConv> layers = [];
        List<ToRgb> outputs = [];
        for (int stage = 0; stage < config.Stages; stage++)
        {
            layers.Add(new CipsConv(channels[Math.Max(0, stage - 1)], channels[stage], config.StyleWidth, config.Activation));
            layers.Add(new CipsConv(channels[stage], channels[stage], config.StyleWidth, config.Activation));
            outputs.Add(new ToRgb(channels[stage], config.StyleWidth, null));
        }

        Linears = new(layers);
        ToRgbs = new(outputs);
        Style = NewMapping();
    }

    /// <inheritdoc/>
    public override int NoiseCount => Linears.Count + 1;

    /// <summary>From features and embedding.</summary>
    public CipsConv Conv1 { get; }

    /// <summary>Two a stage.</summary>
    public ModuleList<CipsConv> Linears { get; }

    /// <summary>One a stage.</summary>
    public ModuleList<ToRgb> ToRgbs { get; }

    /// <summary>From z to the style.</summary>
    public Sequential Style { get; }

    /// <inheritdoc/>
    private protected override Sequential Mapping => Style;

    /// <inheritdoc/>
    private protected override Tensor Colours(Tensor input, Tensor styles, Func<int, Tensor?> noise)
    {
        var x = Conv1.Call(input, styles, noise(0));
        Tensor? colours = null;
        for (int stage = 0; stage < ToRgbs.Count; stage++)
        {
            x = Linears[2 * stage].Call(x, styles, noise((2 * stage) + 1));
            x = Linears[(2 * stage) + 1].Call(x, styles, noise((2 * stage) + 2));
            colours = ToRgbs[stage].Call(x, styles, colours);
        }

        return colours!;
    }
}

/// <summary>CIPSres, its sibling of residual blocks with one output at the end. See <see cref="CipsGenerator"/>.</summary>
public sealed partial class CipsRes : CipsGenerator
{
    /// <summary>Builds one.</summary>
    public CipsRes(CipsConfig config)
        : base(config)
    {
        int[] channels = Channels(256, 128, 64, 64, 32);
        List<Module> layers = [new CipsConv(2 * config.Hidden, channels[0], config.StyleWidth, config.Activation)];
        int last = channels[0];
        for (int stage = 0; stage < config.Stages; stage++)
        {
            layers.Add(new CipsResBlock(last, channels[stage], config.StyleWidth, config.Activation));
            last = channels[stage];
        }

        Linears = new(layers);
        ToRgbLast = new ToRgb(last, config.StyleWidth, null);
        Style = NewMapping();
    }

    /// <inheritdoc/>
    public override int NoiseCount => (2 * Linears.Count) - 1;

    /// <summary>One layer, then the blocks.</summary>
    public ModuleList<Module> Linears { get; }

    /// <summary>The colours.</summary>
    public ToRgb ToRgbLast { get; }

    /// <summary>From z to the style.</summary>
    public Sequential Style { get; }

    /// <inheritdoc/>
    private protected override Sequential Mapping => Style;

    /// <inheritdoc/>
    private protected override Tensor Colours(Tensor input, Tensor styles, Func<int, Tensor?> noise)
    {
        var x = ((CipsConv)Linears[0]).Call(input, styles, noise(0));
        for (int block = 1; block < Linears.Count; block++)
        {
            x = ((CipsResBlock)Linears[block]).Call(x, styles, noise((2 * block) - 1), noise(2 * block));
        }

        return ToRgbLast.Call(x, styles, null);
    }
}
