using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNets;

/// <summary>
/// The residual network for small pictures: a 3x3 convolution, three stages of 16, 32 and 64 channels, the mean of the map, a linear
/// classifier. <c>(N, 3, 32, 32) -> (N, classes)</c> logits, or <c>(N, 64)</c> where it has no classes; other sizes too. 1512.03385 §4.2,
/// keys of akamaster/pytorch_resnet_cifar10.
/// </summary>
public sealed partial class CifarResNet : Module<Tensor, Tensor>
{
    private static readonly Relu Activation = new(inPlace: true);
    private GlobalAvgPool2d AveragePool { get; } = new();

    /// <summary>He's normal initial weights.</summary>
    /// <param name="blocks">In each of the three stages: 3 for ResNet-20, 18 for ResNet-110; the depth is 6 · blocks + 2.</param>
    /// <param name="classes">Outputs; 0 for features.</param>
    public CifarResNet(int blocks, int classes = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        Conv1 = new Conv2d(3, 16, 3, 1, 1, bias: false);
        Bn1 = new BatchNorm2d(16);
        Layer1 = Stage(16, 16, blocks);
        Layer2 = Stage(16, 32, blocks);
        Layer3 = Stage(32, 64, blocks);
        Linear = classes > 0 ? new Linear(64, classes) : null;
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution) Init.KaimingNormal(convolution.Weight);
            if (module is Linear linear) Init.KaimingNormal(linear.Weight);
        }
    }

    Conv2d Conv1 { get; }

    BatchNorm2d Bn1 { get; }

    Sequential Layer1 { get; }

    Sequential Layer2 { get; }

    Sequential Layer3 { get; }

    Linear? Linear { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) =>
        pictures.Through(Conv1, Bn1, Activation, Layer1, Layer2, Layer3, AveragePool, Linear);

    private static Sequential Stage(int inputs, int outputs, int blocks) =>
        new(Enumerable.Range(0, blocks).Select(k => new CifarResNetBlock(k == 0 ? inputs : outputs, outputs)));
}

/// <summary>
/// Two 3x3 convolutions and a shortcut without parameters: where the map is halved, every second pixel, with zeros for the new channels on
/// both sides (option A). <c>(N, inputs, H, W) -> (N, outputs, H/s, W/s)</c>, s = 2 where the channels change; 1512.03385 §4.2.
/// </summary>
public sealed partial class CifarResNetBlock : Module<Tensor, Tensor>
{
    private static readonly Relu Activation = new(inPlace: true);
    private readonly int added;

    /// <summary>Makes one.</summary>
    public CifarResNetBlock(int inputs, int outputs)
    {
        added = outputs - inputs;
        Conv1 = new Conv2d(inputs, outputs, 3, added > 0 ? 2 : 1, 1, bias: false);
        Bn1 = new BatchNorm2d(outputs);
        Conv2 = new Conv2d(outputs, outputs, 3, 1, 1, bias: false);
        Bn2 = new BatchNorm2d(outputs);
    }

    Conv2d Conv1 { get; }

    BatchNorm2d Bn1 { get; }

    Conv2d Conv2 { get; }

    BatchNorm2d Bn2 { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = x.Through(Conv1, Bn1, Activation, Conv2, Bn2);
        return branch.AddInPlace(added == 0 ? x : Shortcut(x)).ReluInPlace();
    }

    private Tensor Shortcut(Tensor x)
    {
        var every = TensorIndex.Slice(step: 2);
        return x[.., .., every, every].ConstantPadNd([0, 0, 0, 0, added / 2, added - (added / 2)]);
    }
}
