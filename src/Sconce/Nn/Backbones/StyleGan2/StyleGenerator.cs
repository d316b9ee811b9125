using Sconce.Torch;
using Rgb = Sconce.Nn.Module<Sconce.Torch.Tensor, Sconce.Torch.Tensor, Sconce.Torch.Tensor?, Sconce.Torch.Tensor>;

namespace Sconce.Nn.Backbones;

/// <summary>
/// StyleGAN2's generator, and what generators of its kind share: <c>z (N, style) -> pictures (N, 3, size, size)</c>, about -1 to 1 and not
/// cut off. Layer number i has its own style, so that the latents of one picture are <c>(N, StyleCount, style)</c>. 1912.04958;
/// rosinality/stylegan2-pytorch@bef283a1 model.py.
/// </summary>
public abstract partial class StyleGenerator : Module<Tensor, Tensor>, IStyleNetwork
{
    /// <summary>Builds the levels.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="levels">log2 of the last map's side.</param>
    /// <param name="toRgb">Makes a level's output from its channels; the first one has no level below.</param>
    protected StyleGenerator(StyleGanConfig config, int levels, Func<int, bool, Rgb> toRgb)
    {
        Config = config;
        Style = MappingNetwork.Create(config.StyleWidth, config.MappingLayers, config.MappingRate);
        int channels = config.ChannelsAt(4);
        Input = new ConstantInput(channels);
        Conv1 = new StyledConv(channels, channels, 3, config.StyleWidth);
        ToRgb1 = toRgb(channels, false);
        List<StyledConv> convs = [];
        List<Rgb> outputs = [];
        for (int level = 3; level <= levels; level++)
        {
            int next = config.ChannelsAt(1 << level);
            convs.Add(new StyledConv(channels, next, 3, config.StyleWidth, MapResize.Double, config.Blur));
            convs.Add(new StyledConv(next, next, 3, config.StyleWidth));
            outputs.Add(toRgb(next, true));
            channels = next;
        }

        Convs = new(convs);
        ToRgbs = new(outputs);
        Noises = new NoisePlanes(levels);
        StyleCount = (2 * levels) - 2;
    }

    /// <summary>Its sizes.</summary>
    public StyleGanConfig Config { get; }

    /// <summary>Styles that one picture takes.</summary>
    public int StyleCount { get; }

    /// <summary>From z to w.</summary>
    public Sequential Style { get; }

    /// <summary>The first map.</summary>
    public ConstantInput Input { get; }

    /// <summary>The first convolution, at 4x4.</summary>
    public StyledConv Conv1 { get; }

    /// <summary>The first output, at 4x4.</summary>
    [Key("to_rgb1")]
    public Rgb ToRgb1 { get; }

    /// <summary>Two a level: one that doubles, one that does not.</summary>
    public ModuleList<StyledConv> Convs { get; }

    /// <summary>One a level.</summary>
    public ModuleList<Rgb> ToRgbs { get; }

    /// <summary>Noise that stays the same, drawn when the network is made and saved with it.</summary>
    public NoisePlanes Noises { get; }

    /// <summary>The style of each z: <c>(N, style) -> (N, style)</c>.</summary>
    public Tensor Map(Tensor z) => Style.Call(z);

    /// <summary>The mean style of <paramref name="count"/> z, which truncation draws towards: <c>(1, style)</c>.</summary>
    public Tensor MeanStyle(int count, Generator? generator = null)
    {
        using var scope = new TensorScope();
        var z = Tensor.Empty([count, Config.StyleWidth], DType.Float32).NormalInPlace(0, 1, generator)
            .To(Input.Input.Device, Input.Input.DType);
        return scope.Keep(Map(z).Mean([0], keepdim: true));
    }

    /// <summary>
    /// Draws styles towards their mean: <c>mean + psi · (style − mean)</c>; psi 1 changes nothing, 0 gives the mean picture.
    /// </summary>
    public static Tensor Truncate(Tensor styles, Tensor mean, double psi)
    {
        using var scope = new TensorScope();
        return scope.Keep(mean + ((styles - mean) * psi));
    }

    /// <summary>The same style for every layer: <c>(N, style) -> (N, StyleCount, style)</c>.</summary>
    public Tensor Latents(Tensor styles) => Mix(styles, null, StyleCount);

    /// <summary>
    /// The first style for the layers before <paramref name="from"/>, the second for the others: <c>(N, StyleCount, style)</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public Tensor Mix(Tensor first, Tensor? second, int from)
    {
        if (from < 0 || from > StyleCount)
        {
            throw new ArgumentOutOfRangeException(nameof(from), from, $"style mixing: layers are counted from 0 to {StyleCount}");
        }
        using var scope = new TensorScope();
        var coarse = first.Unsqueeze(1).Repeat([1, from, 1]);
        return scope.Keep(second is null ? coarse : Tensor.Cat([coarse, second.Unsqueeze(1).Repeat([1, StyleCount - from, 1])], 1));
    }

    /// <summary>Paints pictures: <c>(N, StyleCount, style) -> (N, 3, size, size)</c>.</summary>
    /// <param name="latents">The style of each layer.</param>
    /// <param name="noise">
    /// For each convolution <c>(1 or N, 1, H, W)</c>, such as <see cref="NoisePlanes.All"/>; null for fresh numbers.
    /// </param>
    /// <exception cref="ArgumentException">There are more or fewer planes of noise than convolutions.</exception>
    public Tensor Synthesize(Tensor latents, IReadOnlyList<Tensor>? noise = null)
    {
        if (noise is not null && noise.Count != Convs.Count + 1)
        {
            throw new ArgumentException($"synthesis: {noise.Count} planes of noise for {Convs.Count + 1} convolutions", nameof(noise));
        }
        using var scope = new TensorScope();
        Tensor StyleOf(int layer) => latents.Select(1, layer);
        var features = Conv1.Call(Input.For(latents.Size(0)), StyleOf(0), noise?[0]);
        var output = ToRgb1.Call(features, StyleOf(1), null);
        for (int level = 0; level < ToRgbs.Count; level++)
        {
            // A level's output shares its style with the next level's first convolution.
            int layer = (2 * level) + 1;
            features = Convs[2 * level].Call(features, StyleOf(layer), noise?[layer]);
            features = Convs[(2 * level) + 1].Call(features, StyleOf(layer + 1), noise?[layer + 1]);
            output = ToRgbs[level].Call(features, StyleOf(layer + 2), output);
        }

        return scope.Keep(ToPicture(output));
    }

    /// <inheritdoc/>
    public Tensor Paint(Tensor styles) => Synthesize(styles, Noises.All);

    /// <summary>The last output as a picture.</summary>
    protected virtual Tensor ToPicture(Tensor output) => output;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor z) => Synthesize(Latents(Map(z)));
}

/// <summary>Noise of each convolution under the keys <c>noise_0</c>, <c>noise_1</c> …</summary>
public sealed class NoisePlanes : Module
{
    private readonly Buffer[] planes;

    internal NoisePlanes(int levels)
    {
        planes = [.. Enumerable.Range(0, (2 * (levels - 2)) + 1).Select(layer =>
        {
            int side = 1 << ((layer + 5) / 2);
            return new Buffer(Tensor.Randn([1, 1, side, side]));
        })];
    }

    /// <summary>Of each convolution in order: <c>(1, 1, side, side)</c>.</summary>
    public IReadOnlyList<Tensor> All => planes;

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < planes.Length; k++) visitor.Buffer($"noise_{k}", planes[k], saved: true);
    }
}

/// <summary>StyleGAN2's generator; see <see cref="StyleGenerator"/>.</summary>
public sealed class StyleGan2Generator(StyleGanConfig config)
    : StyleGenerator(config, config.Levels, (channels, above) => new ToRgb(channels, config.StyleWidth, above ? config.Blur : null));
