using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>One stage of inverted residual blocks.</summary>
/// <param name="Expansion">What a block's channels are widened by.</param>
/// <param name="Channels">That leave it.</param>
/// <param name="Blocks">How many.</param>
/// <param name="Stride">Of the first block.</param>
public readonly record struct CenterNetStage(int Expansion, int Channels, int Blocks, int Stride);

/// <summary>One CenterNet lite; the browser's where left out.</summary>
public sealed record CenterNetConfig
{
    /// <summary>Classes of objects.</summary>
    public int Classes { get; init; } = 1;

    /// <summary>Channels of the first convolution.</summary>
    public int Stem { get; init; } = 16;

    /// <summary>After it; the last three give the maps at strides 8, 16, 32.</summary>
    public IReadOnlyList<CenterNetStage> Stages { get; init; } =
        [new(1, 16, 1, 1), new(4, 24, 2, 2), new(4, 32, 2, 2), new(4, 64, 2, 2), new(4, 96, 2, 2)];

    /// <summary>Channels of the merged map and of the heads.</summary>
    public int Neck { get; init; } = 48;
}

/// <summary>What the network says of every cell.</summary>
/// <param name="Heatmap">Logits of a class's object being centred there, <c>(N, C, h, w)</c>.</param>
/// <param name="Size">Width and height of the object in cells, <c>(N, 2, h, w)</c>.</param>
/// <param name="Offset">Of its centre from the cell's corner, x and y in cells, <c>(N, 2, h, w)</c>.</param>
public sealed record CenterNetOutput(Tensor Heatmap, Tensor Size, Tensor Offset) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Heatmap, Size, Offset];
}

/// <summary>
/// 1801.04381's block under nested keys, with ReLU6 after the first two convolutions; <c>(N, inputs, H, W) -> (N, outputs, H/stride,
/// W/stride)</c>.
/// </summary>
internal sealed partial class CenterNetBlock(int inputs, int outputs, int stride, int expansion) : Module<Tensor, Tensor>
{
    private readonly bool shortcut = stride == 1 && inputs == outputs;

    Sequential Conv { get; } = Layers(inputs, outputs, stride, expansion);

    protected override Tensor Forward(Tensor input) => shortcut ? input + Conv.Call(input) : Conv.Call(input);

    private static Sequential Layers(int inputs, int outputs, int stride, int expansion)
    {
        int hidden = inputs * expansion;
        var layers = new Sequential();
        if (expansion != 1) layers.Add(CenterNetLite.Activated(inputs, hidden, 1));
        layers.Add(CenterNetLite.Activated(hidden, hidden, 3, stride, hidden));
        layers.Add(new Sequential(new Conv2d(hidden, outputs, 1, bias: false), new BatchNorm2d(outputs)));
        return layers;
    }
}

/// <summary>
/// Objects as points, small enough for a browser: inverted residual blocks, a three-level pyramid, three heads on cells of 8 pixels;
/// neither
/// anchors nor suppression. 1904.07850; <c>(N, 3, H, W)</c> with sides that are multiples of 32.
/// </summary>
public sealed partial class CenterNetLite : Module<Tensor, CenterNetOutput>
{
    /// <summary>Pixels a cell.</summary>
    public const int Stride = 8;

    private const int Coarsest = 32;
    private const double PriorLogit = -2.19; // a chance of a tenth

    /// <summary>Random numbers: no weights are published.</summary>
    /// <param name="config">The browser's where left out.</param>
    /// <exception cref="ArgumentException">Fewer than three stages, or strides that do not end in 8, 16, 32.</exception>
    public CenterNetLite(CenterNetConfig? config = null)
    {
        Config = config ?? new CenterNetConfig();
        VerifyStrides(Config.Stages);
        Stem = Activated(3, Config.Stem, 3, 2);
        int inputs = Config.Stem, neck = Config.Neck;
        Stages = new ModuleList<Sequential>(Config.Stages.Select(Stage).ToList());
        Lateral = new ModuleList<Conv2d>(Config.Stages.TakeLast(3).Select(stage => new Conv2d(stage.Channels, neck, 1)).ToList());
        Smooth = new ModuleList<Sequential>(Smoothing(), Smoothing());
        Heatmap = Head(Config.Classes);
        Size = Head(2);
        Offset = Head(2);
        Init.Constant(((Conv2d)Heatmap[^1]).Bias!, PriorLogit);

        Sequential Stage(CenterNetStage stage)
        {
            var blocks = new Sequential();
            for (int k = 0; k < stage.Blocks; k++)
            {
                blocks.Add(new CenterNetBlock(inputs, stage.Channels, k == 0 ? stage.Stride : 1, stage.Expansion));
                inputs = stage.Channels;
            }

            return blocks;
        }

        Sequential Smoothing() => new(Activated(neck, neck, 3, 1, neck), Activated(neck, neck, 1));

        Sequential Head(int outputs) => new(new Conv2d(neck, neck, 3, 1, 1), new Relu(), new Conv2d(neck, outputs, 1));
    }

    /// <summary>What it was built from.</summary>
    public CenterNetConfig Config { get; }

    Sequential Stem { get; }

    ModuleList<Sequential> Stages { get; }

    ModuleList<Conv2d> Lateral { get; }

    ModuleList<Sequential> Smooth { get; }

    Sequential Heatmap { get; }

    Sequential Size { get; }

    Sequential Offset { get; }

    /// <summary>Convolution, batch norm, ReLU6.</summary>
    internal static Sequential Activated(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) => new(
        new Conv2d(inputs, outputs, kernel, stride, kernel / 2, groups: groups, bias: false), new BatchNorm2d(outputs), new Relu6());

    /// <inheritdoc/>
    protected override CenterNetOutput Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(2) % Coarsest != 0 || pictures.Size(3) % Coarsest != 0)
        {
            throw new TorchException(
                $"CenterNet: pictures [{string.Join(", ", pictures.Shape.ToArray())}]: (N, 3, H, W) is expected, with sides that are "
                + $"multiples of {Coarsest}: resize them");
        }

        var map = Stem.Call(pictures);
        var maps = new List<Tensor>();
        foreach (var stage in Stages) maps.Add(map = stage.Call(map));
        var merged = Lateral[2].Call(maps[^1]);
        merged = Smooth[1].Call(Doubled(merged) + Lateral[1].Call(maps[^2]));
        merged = Smooth[0].Call(Doubled(merged) + Lateral[0].Call(maps[^3])); // (N, neck, H/8, W/8)
        return new CenterNetOutput(Heatmap.Call(merged), Size.Call(merged), Offset.Call(merged));
    }

    private static Tensor Doubled(Tensor map) => Functional.InterpolateBy(map, 2);

    private static void VerifyStrides(IReadOnlyList<CenterNetStage> stages)
    {
        int stride = 2;
        int[] strides = [.. stages.Select(stage => stride *= stage.Stride)];
        if (strides.Length >= 3 && strides[^3..] is [Stride, 2 * Stride, Coarsest]) return;
        throw new ArgumentException(
            $"CenterNet: stages of strides {string.Join(", ", strides)}: the last three must have 8, 16, 32", nameof(stages));
    }
}
