using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>What the blocks of one network share.</summary>
internal sealed class DepthChoice
{
    /// <summary>The full network is 1.</summary>
    internal double Width { get; set; } = 1;

    /// <summary>Which blocks keep their residual in the next passes of a smaller network; null for a fresh draw each pass.</summary>
    internal IReadOnlyList<bool>? Keep { get; set; }
}

/// <summary>
/// Two 3x3 convolutions and a shortcut; a smaller network may drop the convolutions, and the evaluated one weighs them with the chance of
/// being kept. <c>(N, inputs, H, W) -> (N, planes, H/stride, W/stride)</c>; models/resnet_randdepth.py <c>BasicBlock</c>.
/// </summary>
internal sealed partial class RandomDepthBlock(DepthChoice choice, int index, double kept, int inputs, int planes, int stride)
    : Module<Tensor, Tensor>
{
    Conv2d Conv1 { get; } = new(inputs, planes, 3, stride, 1, bias: false);

    BatchNorm2d Bn1 { get; } = new(planes);

    Conv2d Conv2 { get; } = new(planes, planes, 3, 1, 1, bias: false);

    BatchNorm2d Bn2 { get; } = new(planes);

    Sequential? Downsample { get; } = stride == 1 && inputs == planes
        ? null : new Sequential(new Conv2d(inputs, planes, 1, stride, bias: false), new BatchNorm2d(planes));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var shortcut = x.Through(Downsample);
        if (Training && choice.Width < 1 && !Keeps()) return shortcut.Relu();
        var branch = Bn2.Call(Conv2.Call(Bn1.Call(Conv1.Call(x)).ReluInPlace()));
        return (Training ? branch + shortcut : (branch * kept) + shortcut).ReluInPlace();
    }

    // From libtorch's generator: the draw is part of what a seed repeats and a checkpoint holds.
    private bool Keeps() => choice.Keep is { } given ? given[index] : Tensor.Rand([]).Item<double>() < kept;
}

/// <summary>
/// The CIFAR residual network whose smaller ones lack whole blocks, the later the likelier. <c>(N, 3, H, W) -> (N, classes)</c>; 2006.07989
/// §4.3, models/resnet_randdepth.py, with its keys. Any <see cref="Width"/> below 1 means a random depth.
/// </summary>
public sealed partial class RandomDepthResNet : Module<Tensor, Tensor>, ISubNetworks
{
    private readonly DepthChoice choice = new();

    /// <summary>Normal weights by fan-out.</summary>
    /// <param name="blocks">In each of the three stages.</param>
    /// <param name="classes">Outputs; 0 for features.</param>
    /// <param name="first">The chance that the first block is kept.</param>
    /// <param name="last">The chance that the last one is; those between lie on a line.</param>
    public RandomDepthResNet(IReadOnlyList<int> blocks, int classes = 10, double first = 1, double last = 0.8)
    {
        if (blocks.Count != 3 || blocks.Sum() < 2)
            throw new ArgumentException("a random-depth network has three stages and two blocks at least", nameof(blocks));
        double step = (first - last) / (blocks.Sum() - 1);
        Conv1 = new Conv2d(3, 16, 3, 1, 1, bias: false);
        Bn1 = new BatchNorm2d(16);
        int index = 0, inputs = 16;
        Layer1 = Stage(blocks[0], 16, 1);
        Layer2 = Stage(blocks[1], 32, 2);
        Layer3 = Stage(blocks[2], 64, 2);
        Fc = classes > 0 ? new Linear(64, classes) : null;
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution) Init.KaimingNormal(convolution.Weight, mode: FanMode.Out);
        }

        Sequential Stage(int count, int planes, int stride)
        {
            var stage = new Sequential();
            for (int k = 0; k < count; k++)
            {
                stage.Add(new RandomDepthBlock(choice, index, first - (index * step), inputs, planes, k == 0 ? stride : 1));
                (inputs, index) = (planes, index + 1);
            }

            return stage;
        }
    }

    /// <inheritdoc/>
    public double Width
    {
        get => choice.Width;
        set => choice.Width = value is > 0 and <= 1
            ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a network's width lies in (0, 1]");
    }

    /// <summary>Fixes which blocks smaller networks keep, one flag a block; null draws anew in every pass.</summary>
    public IReadOnlyList<bool>? Keep
    {
        get => choice.Keep;
        set => choice.Keep = value is null || value.Count == Layer1.Count + Layer2.Count + Layer3.Count
            ? value
            : throw new ArgumentException($"{value.Count} flags for {Layer1.Count + Layer2.Count + Layer3.Count} blocks", nameof(value));
    }

    Conv2d Conv1 { get; }

    BatchNorm2d Bn1 { get; }

    Sequential Layer1 { get; }

    Sequential Layer2 { get; }

    Sequential Layer3 { get; }

    Linear? Fc { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) =>
        Bn1.Call(Conv1.Call(pictures)).ReluInPlace().Through(Layer1, Layer2, Layer3).Mean([2, 3]).Through(Fc);
}
