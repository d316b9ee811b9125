using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>1x1, 3x3, 1x1 convolutions and a shortcut. <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c>;
/// models/resnet_randwidth.py <c>Block</c>.</summary>
internal sealed partial class SlimBottleneck : Module<Tensor, Tensor>
{
    private const double Inner = 0.25; // an inner width is a quarter of the rounded outer one

    internal SlimBottleneck(SharedWidth width, int inputs, int outputs, int stride)
    {
        int inner = outputs / 4;
        Body = new Sequential(
            new SlimConv2d(width, inputs, inner, 1, ratio: Inner),
            new SlimBatchNorm2d(width, inner),
            new Relu(inPlace: true),
            new SlimConv2d(width, inner, inner, 3, stride, 1, ratio: Inner),
            new SlimBatchNorm2d(width, inner),
            new Relu(inPlace: true),
            new SlimConv2d(width, inner, outputs, 1),
            new SlimBatchNorm2d(width, outputs));
        if (stride != 1 || inputs != outputs)
            Shortcut = new Sequential(new SlimConv2d(width, inputs, outputs, 1, stride), new SlimBatchNorm2d(width, outputs));
    }

    Sequential Body { get; }

    Sequential? Shortcut { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Body.Call(x).AddInPlace(x.Through(Shortcut)).ReluInPlace();
}

/// <summary>ResNet-50 and deeper whose layers can be narrowed. <c>(N, 3, H, W) -> (N, classes)</c>; models/resnet_randwidth.py
/// <c>Model</c>, with its keys.</summary>
public sealed partial class SlimResNet : Module<Tensor, Tensor>, ISubNetworks
{
    private readonly SharedWidth width = new();

    /// <summary>Normal weights by fan-out; the classifier's of deviation 0.01.</summary>
    /// <param name="blocks">In each of the four stages.</param>
    /// <param name="classes">Outputs; 0 for features.</param>
    /// <param name="widths">A quarter of each stage's channels; null for the released 64, 128, 256, 512.</param>
    public SlimResNet(IReadOnlyList<int> blocks, int classes = 1000, IReadOnlyList<int>? widths = null)
    {
        widths ??= [64, 128, 256, 512];
        if (blocks.Count != widths.Count)
        {
            throw new ArgumentException($"SlimResNet: {blocks.Count} stages of blocks, but widths of {widths.Count}", nameof(blocks));
        }

        int channels = widths[0];
        Features = new Sequential
        {
            new Sequential(
                new SlimConv2d(width, 3, channels, 7, 2, 3, ratio: 0.25),
                new SlimBatchNorm2d(width, channels),
                new Relu(inPlace: true),
                new MaxPool2d(3, 2, 1)),
        };
        for (int stage = 0; stage < blocks.Count; stage++)
        {
            for (int k = 0; k < blocks[stage]; k++)
            {
                Features.Add(new SlimBottleneck(width, channels, widths[stage] * 4, k == 0 && stage > 0 ? 2 : 1));
                channels = widths[stage] * 4;
            }
        }

        SlimInit.ConvolutionsByFanOut(this);
        if (classes == 0) return;
        var linear = new SlimLinear(channels, classes);
        Init.Normal(linear.Weight, 0.01);
        Init.Constant(linear.Bias, 0);
        Classifier = new Sequential(linear);
    }

    /// <inheritdoc/>
    public double Width
    {
        get => width.Value;
        set => width.Value = value;
    }

    /// <summary>The stem and the blocks.</summary>
    public Sequential Features { get; }

    /// <summary>One linear layer; null in a network of features.</summary>
    public Sequential? Classifier { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Features.Call(pictures).Mean([2, 3]).Through(Classifier);
}
