using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// CLIP's residual network: a stem of three convolutions, average pools where others stride, and attention instead of the global mean;
/// <c>(N, 3, side, side), normalised -> (N, embedding)</c>, not of unit length. 2103.00020 §2.4; openai/CLIP@d05afc4 clip/model.py.
/// </summary>
public sealed partial class ClipResNet : Module<Tensor, Tensor>
{
    private readonly int side;

    /// <summary>PyTorch's default weights, but normal ones of deviation C^-½ in the attention pool and a zero gain at the end of every
    /// residual branch.</summary>
    /// <param name="config">Width and stages.</param>
    /// <param name="resolution">The side of the pictures: a multiple of 32 pixels.</param>
    /// <param name="embedding">Width of the output.</param>
    public ClipResNet(ClipResNetConfig config, int resolution, int embedding)
    {
        config.Validate(resolution);
        side = resolution;
        int width = config.Width;
        Conv1 = new Conv2d(3, width / 2, 3, 2, 1, bias: false);
        Bn1 = new BatchNorm2d(width / 2);
        Conv2 = new Conv2d(width / 2, width / 2, 3, 1, 1, bias: false);
        Bn2 = new BatchNorm2d(width / 2);
        Conv3 = new Conv2d(width / 2, width, 3, 1, 1, bias: false);
        Bn3 = new BatchNorm2d(width);
        Layer1 = Stage(width, width, config.Layers.First, 1);
        Layer2 = Stage(4 * width, 2 * width, config.Layers.Second, 2);
        Layer3 = Stage(8 * width, 4 * width, config.Layers.Third, 2);
        Layer4 = Stage(16 * width, 8 * width, config.Layers.Fourth, 2);
        Pool = new AttentionPool(resolution / 32, 32 * width, config.Heads, embedding);
        Pool.Initialize();
    }

    /// <summary>3 to width / 2 channels, stride 2.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>After <see cref="Conv1"/>.</summary>
    public BatchNorm2d Bn1 { get; }

    /// <summary>width / 2 to width / 2 channels.</summary>
    public Conv2d Conv2 { get; }

    /// <summary>After <see cref="Conv2"/>.</summary>
    public BatchNorm2d Bn2 { get; }

    /// <summary>width / 2 to width channels.</summary>
    public Conv2d Conv3 { get; }

    /// <summary>After <see cref="Conv3"/>.</summary>
    public BatchNorm2d Bn3 { get; }

    /// <summary>Stage of stride 4, 4 · width channels.</summary>
    public Sequential Layer1 { get; }

    /// <summary>Stage of stride 8.</summary>
    public Sequential Layer2 { get; }

    /// <summary>Stage of stride 16.</summary>
    public Sequential Layer3 { get; }

    /// <summary>Stage of stride 32, 32 · width channels.</summary>
    public Sequential Layer4 { get; }

    /// <summary>The read-out.</summary>
    [Key("attnpool")]
    public AttentionPool Pool { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor image)
    {
        if (image.Dimensions != 4 || image.Size(1) != 3 || image.Size(2) != side || image.Size(3) != side)
        {
            throw new TorchException($"CLIP: a batch of pictures of shape [{string.Join(", ", image.Shape.ToArray())}], but this model "
                + $"takes (N, 3, {side}, {side}): resize them first (ClipPreprocess)");
        }

        var stem = Conv1.Call(image).Then(Bn1).ReluInPlace() // (N, width / 2, side / 2, side / 2)
            .Then(Conv2).Then(Bn2).ReluInPlace()
            .Then(Conv3).Then(Bn3).ReluInPlace();
        var x = stem.AvgPool2d([2, 2]); // (N, width, side / 4, side / 4)
        stem.Dispose();
        return x.Then(Layer1).Then(Layer2).Then(Layer3).Then(Layer4).Then(Pool);
    }

    private static Sequential Stage(int inputs, int planes, int blocks, int stride) =>
        new(Enumerable.Range(0, blocks)
            .Select(k => k == 0 ? new ClipBottleneck(inputs, planes, stride) : new ClipBottleneck(4 * planes, planes)));
}

/// <summary>
/// A bottleneck whose convolutions never stride: an average pool does, in the branch after the 3×3 convolution and on the shortcut before
/// the 1×1 one; <c>(N, inputs, H, W) -> (N, 4 · planes, H / stride, W / stride)</c>.
/// </summary>
public sealed partial class ClipBottleneck : Module<Tensor, Tensor>
{
    private readonly int stride;

    /// <summary>PyTorch's default weights; the last gain is zero, so that the block begins as its shortcut.</summary>
    public ClipBottleneck(int inputs, int planes, int stride = 1)
    {
        this.stride = stride;
        Conv1 = new Conv2d(inputs, planes, 1, bias: false);
        Bn1 = new BatchNorm2d(planes);
        Conv2 = new Conv2d(planes, planes, 3, 1, 1, bias: false);
        Bn2 = new BatchNorm2d(planes);
        Conv3 = new Conv2d(planes, 4 * planes, 1, bias: false);
        Bn3 = new BatchNorm2d(4 * planes);
        Init.Constant(Bn3.Weight!, 0);
        if (stride == 1 && inputs == 4 * planes) return;
        Downsample = new Sequential
        {
            ["-1"] = stride > 1 ? new AvgPool2d(stride) : new Identity(),
            ["0"] = new Conv2d(inputs, 4 * planes, 1, bias: false),
            ["1"] = new BatchNorm2d(4 * planes),
        };
    }

    /// <summary>1×1, narrowing.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>After <see cref="Conv1"/>.</summary>
    public BatchNorm2d Bn1 { get; }

    /// <summary>3×3.</summary>
    public Conv2d Conv2 { get; }

    /// <summary>After <see cref="Conv2"/>.</summary>
    public BatchNorm2d Bn2 { get; }

    /// <summary>1×1, widening.</summary>
    public Conv2d Conv3 { get; }

    /// <summary>After <see cref="Conv3"/>.</summary>
    public BatchNorm2d Bn3 { get; }

    /// <summary>The shortcut, where shapes change.</summary>
    public Sequential? Downsample { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = Conv1.Call(x).Then(Bn1).ReluInPlace().Then(Conv2).Then(Bn2).ReluInPlace();
        if (stride > 1)
        {
            var pooled = branch.AvgPool2d([stride, stride]);
            branch.Dispose();
            branch = pooled;
        }

        branch = branch.Then(Conv3).Then(Bn3); // (N, 4 · planes, H / stride, W / stride)
        return branch.AddInPlace(Downsample?.Call(x) ?? x).ReluInPlace();
    }
}

/// <summary>
/// Attention of the map's mean to the map: tokens are the cells with their mean before them, the mean is the only query;
/// <c>(N, C, side, side) -> (N, outputs)</c>. 2103.00020 §2.4.
/// </summary>
public sealed partial class AttentionPool : Module<Tensor, Tensor>, IPositioned
{
    private readonly int side;
    private readonly int heads;

    /// <summary>PyTorch's default weights; positions normal with deviation C^-½.</summary>
    /// <param name="side">Cells along each side of the map.</param>
    /// <param name="channels">C; must divide by <paramref name="heads"/>.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="outputs">Width of the output; C where left out.</param>
    /// <exception cref="ArgumentException">The channels do not divide by the heads.</exception>
    public AttentionPool(int side, int channels, int heads, int? outputs = null)
    {
        ClipConfig.Positive(heads, "number of heads");
        if (channels % heads != 0) throw new ArgumentException($"attention pool: {channels} channels do not divide by {heads} heads");
        this.side = side;
        this.heads = heads;
        PositionalEmbedding = Init.Normal(Parameter.Empty((side * side) + 1, channels), Math.Pow(channels, -0.5));
        KProj = new Linear(channels, channels);
        QProj = new Linear(channels, channels);
        VProj = new Linear(channels, channels);
        CProj = new Linear(channels, outputs ?? channels);
    }

    /// <summary>One row for the mean, then one a cell <c>(1 + side², C)</c>.</summary>
    public Parameter PositionalEmbedding { get; }

    /// <summary>Keys.</summary>
    public Linear KProj { get; }

    /// <summary>The query.</summary>
    public Linear QProj { get; }

    /// <summary>Values.</summary>
    public Linear VProj { get; }

    /// <summary>The output.</summary>
    public Linear CProj { get; }

    /// <summary>Sets the four projections as CLIP begins: normal with deviation C^-½.</summary>
    public void Initialize()
    {
        foreach (var layer in (ReadOnlySpan<Linear>)[QProj, KProj, VProj, CProj])
            Init.Normal(layer.Weight, Math.Pow(layer.Weight.Size(1), -0.5));
    }

    /// <summary>As open_clip does for files of another size (src/open_clip/model.py <c>resize_pos_embed</c>).</summary>
    /// <inheritdoc/>
    public Tensor? Resample(string key, Tensor found) =>
        key == "positional_embedding" ? PositionEmbedding.TryResize(found, PositionalEmbedding, side, PositionResize.BicubicAntialias)
            : null;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor map)
    {
        if (map.Dimensions != 4 || map.Size(2) != side || map.Size(3) != side)
        {
            throw new TorchException($"attention pool: a map of shape [{string.Join(", ", map.Shape.ToArray())}], but this pool has "
                + $"positions for (N, {PositionalEmbedding.Size(1)}, {side}, {side})");
        }

        var cells = map.Flatten(2).Transpose(1, 2); // (N, HW, C)
        var tokens = Tensor.Cat([cells.Mean([1], keepdim: true), cells], 1) + PositionalEmbedding; // (N, 1 + HW, C)
        var pooled = Functional.ScaledDotProductAttention(
            Heads(QProj.Call(tokens[.., ..1])),
            Heads(KProj.Call(tokens)),
            Heads(VProj.Call(tokens))); // (N, heads, 1, C / heads)
        return CProj.Call(pooled.Flatten(1));
    }

    /// <summary><c>(N, tokens, C) -> (N, heads, tokens, C / heads)</c></summary>
    private Tensor Heads(Tensor x) => x.Reshape([x.Size(0), x.Size(1), heads, -1]).Transpose(1, 2);
}
