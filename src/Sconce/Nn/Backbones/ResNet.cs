using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>
/// The residual network, with torchvision's keys (<c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>, …, <c>fc</c>).
/// <c>(N, 3, H, W) -> (N, classes)</c> logits, or <c>(N, width)</c> where it has no classes; 1512.03385, torchvision 0.14.1
/// <c>models/resnet.py</c>.
/// </summary>
public sealed partial class ResNet : Module<Tensor, Tensor>
{
    /// <summary>The channels of the four stages' maps, before the blocks' expansion.</summary>
    private static readonly int[] StagePlanes = [64, 128, 256, 512];

    private Relu Relu { get; } = new(inPlace: true);
    private MaxPool2d MaxPool { get; } = new(3, 2, 1);
    private GlobalAvgPool2d AveragePool { get; } = new();

    /// <summary>torchvision's initial weights: He's normal numbers by fan-out, norms at one and zero.</summary>
    /// <exception cref="ArgumentException">Not four stages, or blocks that cannot be as asked.</exception>
    public ResNet(ResNetConfiguration configuration)
    {
        if (configuration.Layers.Count != 4)
            throw new ArgumentException($"a residual network has four stages, not {configuration.Layers.Count}", nameof(configuration));
        if (configuration.Widen < 1)
            throw new ArgumentException($"a residual network is widened by 1 at least, not by {configuration.Widen}",
                nameof(configuration));
        var (dilate2, dilate3, dilate4) = configuration.ReplaceStrideWithDilation;
        int inputs = 64 * configuration.Widen, dilation = 1;
        Conv1 = new Conv2d(configuration.InputChannels, inputs, 7, 2, 3, bias: false);
        Bn1 = configuration.Norm(inputs);
        Layer1 = Stage(0, 1, false);
        Layer2 = Stage(1, 2, dilate2);
        Layer3 = Stage(2, 2, dilate3);
        Layer4 = Stage(3, 2, dilate4);
        Width = inputs;
        StageWidths = [.. StagePlanes.Select(planes => planes * configuration.Widen * configuration.Block.Expansion)];
        Fc = configuration.Classes > 0 ? new Linear(Width, configuration.Classes) : null;
        Initialize(configuration.ZeroInitResidual);

        Sequential Stage(int index, int stride, bool dilate)
        {
            int before = dilation, planes = StagePlanes[index] * configuration.Widen, outputs = planes * configuration.Block.Expansion;
            if (dilate) (dilation, stride) = (dilation * stride, 1);
            var blocks = new Sequential();
            for (int k = 0; k < configuration.Layers[index]; k++)
            {
                bool first = k == 0;
                var downsample = first && (stride != 1 || inputs != outputs)
                    ? new Sequential(new Conv2d(inputs, outputs, 1, stride, bias: false), configuration.Norm(outputs))
                    : null;
                // A dilated stage's first block still has the dilation of the stage before.
                blocks.Add(configuration.Block.Create(new ResidualBlockPlan(
                    inputs, planes, first ? stride : 1, first ? before : dilation, configuration.Groups, configuration.WidthPerGroup,
                    configuration.Norm, downsample)));
                inputs = outputs;
            }

            return blocks;
        }
    }

    /// <summary>Channels of the last map, and of the features.</summary>
    public int Width { get; }

    /// <summary>Channels of the four stages' maps.</summary>
    public IReadOnlyList<int> StageWidths { get; }

    Conv2d Conv1 { get; }

    Module<Tensor, Tensor> Bn1 { get; }

    /// <summary>Stride 4.</summary>
    public Sequential Layer1 { get; }

    /// <summary>Stride 8.</summary>
    public Sequential Layer2 { get; }

    /// <summary>Stride 16.</summary>
    public Sequential Layer3 { get; }

    /// <summary>Stride 32.</summary>
    public Sequential Layer4 { get; }

    /// <summary>The classifier; null in a trunk.</summary>
    public Linear? Fc { get; }

    /// <summary>The map after the 7x7 convolution and the max-pooling. <c>(N, 3, H, W) -> (N, 64·Widen, H/4, W/4)</c></summary>
    public Tensor Stem(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(pictures.Through(Conv1, Bn1, Relu, MaxPool));
    }

    /// <summary>The four stages' maps at strides 4, 8, 16, 32 (less where dilated):
    /// <c>(N, 3, H, W) -> 4 x (N, StageWidths[s], h, w)</c>.</summary>
    public Tensor[] Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var stem = Stem(pictures);
        var first = Layer1.Call(stem);
        var second = Layer2.Call(first);
        var third = Layer3.Call(second);
        return scope.Keep<Tensor[]>([first, second, third, Layer4.Call(third)]);
    }

    /// <summary>The map before the max-pooling, at stride 2 with 64·Widen channels, and the four stages' maps.</summary>
    public Tensor[] Pyramid(Tensor pictures)
    {
        using var scope = new TensorScope();
        var first = pictures.Through(Conv1, Bn1, Relu);
        var second = first.Through(MaxPool, Layer1);
        var third = Layer2.Call(second);
        var fourth = Layer3.Call(third);
        return scope.Keep<Tensor[]>([first, second, third, fourth, Layer4.Call(fourth)]);
    }

    /// <summary>The last map: <c>(N, 3, H, W) -> (N, Width, H/32, W/32)</c>.</summary>
    public Tensor LastMap(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(pictures.Through(Conv1, Bn1, Relu, MaxPool, Layer1, Layer2, Layer3, Layer4));
    }

    /// <summary>The mean of the last map, without the classifier: <c>(N, 3, H, W) -> (N, Width)</c>.</summary>
    public Tensor Pooled(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var map = LastMap(pictures);
        return scope.Keep(AveragePool.Call(map));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Pooled(pictures).Through(Fc);

    private void Initialize(bool zeroResidual)
    {
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution) Init.KaimingNormal(convolution.Weight, mode: FanMode.Out);
            if (!zeroResidual || module is not IZeroInitBlock block) continue;
            var gains = block.LastNorm switch { BatchNorm batch => batch.Weight, GroupNorm group => group.Weight, _ => null };
            if (gains is not null) Init.Constant(gains, 0);
        }
    }
}
