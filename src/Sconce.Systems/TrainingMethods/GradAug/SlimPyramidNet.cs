using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>
/// Norm, 1x1, norm, 3x3, norm, 1x1, norm, without a ReLU before the first; a shortcut without weights, halved by a mean and filled up with
/// zero channels. <c>(N, inputs, H, W) -> (N, 4·planes, H/stride, W/stride)</c>; models/pyramidnet_randwidth.py <c>Bottleneck</c>.
/// </summary>
internal sealed partial class SlimPyramidBlock(SharedWidth width, int inputs, int planes, int stride) : Module<Tensor, Tensor>
{
    internal const int Expansion = 4;

    private static readonly AvgPool2d Halve = new(2, 2, ceilMode: true);

    SlimBatchNorm2d Bn1 { get; } = new(width, inputs);

    SlimConv2d Conv1 { get; } = new(width, inputs, planes, 1);

    SlimBatchNorm2d Bn2 { get; } = new(width, planes);

    SlimConv2d Conv2 { get; } = new(width, planes, planes, 3, stride, 1);

    SlimBatchNorm2d Bn3 { get; } = new(width, planes);

    SlimConv2d Conv3 { get; } = new(width, planes, planes * Expansion, 1);

    SlimBatchNorm2d Bn4 { get; } = new(width, planes * Expansion);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = Bn2.Call(Conv1.Call(Bn1.Call(x))).ReluInPlace();
        branch = Bn3.Call(Conv2.Call(branch)).ReluInPlace();
        branch = Bn4.Call(Conv3.Call(branch));
        var shortcut = stride == 1 ? x : Halve.Call(x);
        long missing = branch.Size(1) - shortcut.Size(1);
        return branch.AddInPlace(missing == 0 ? shortcut : shortcut.ConstantPadNd([0, 0, 0, 0, 0, missing]));
    }
}

/// <summary>
/// A pyramidal residual network of bottlenecks whose layers can be narrowed. <c>(N, 3, H, W) -> (N, classes)</c>; 1610.02915,
/// models/pyramidnet_randwidth.py, with its keys. The mean of the last map is a global one, as in <see cref="SlimWideResNet"/>.
/// </summary>
public sealed partial class SlimPyramidNet : Module<Tensor, Tensor>, ISubNetworks
{
    private const int Stem = 16;
    private readonly SharedWidth width = new();

    /// <summary>Normal weights by fan-out.</summary>
    /// <param name="depth">Nine times the blocks of a stage, plus 2: 29, 110, 164, 200.</param>
    /// <param name="alpha">How many planes the last block has more than the stem.</param>
    /// <param name="classes">Outputs; 0 for features.</param>
    public SlimPyramidNet(int depth, int alpha, int classes = 100)
    {
        int blocks = (depth - 2) / 9;
        if (blocks < 1)
            throw new ArgumentException($"a pyramidal network of bottlenecks has 11 layers at least, not {depth}", nameof(depth));
        double added = alpha / (3.0 * blocks);
        Conv1 = new SlimConv2d(width, 3, Stem, 3, 1, 1);
        Bn1 = new SlimBatchNorm2d(width, Stem);
        double grown = Stem;
        int inputs = Stem;
        Layer1 = Stage(1);
        Layer2 = Stage(2);
        Layer3 = Stage(2);
        BnFinal = new SlimBatchNorm2d(width, inputs);
        SlimInit.ConvolutionsByFanOut(this);
        Fc = classes > 0 ? new SlimLinear(inputs, classes) : null;

        Sequential Stage(int stride)
        {
            var stage = new Sequential();
            for (int k = 0; k < blocks; k++)
            {
                grown += added;
                int planes = (int)Math.Round(grown, MidpointRounding.ToEven);
                stage.Add(new SlimPyramidBlock(width, inputs, planes, k == 0 ? stride : 1));
                inputs = planes * SlimPyramidBlock.Expansion;
            }

            return stage;
        }
    }

    /// <inheritdoc/>
    public double Width
    {
        get => width.Value;
        set => width.Value = value;
    }

    SlimConv2d Conv1 { get; }

    SlimBatchNorm2d Bn1 { get; }

    Sequential Layer1 { get; }

    Sequential Layer2 { get; }

    Sequential Layer3 { get; }

    SlimBatchNorm2d BnFinal { get; }

    SlimLinear? Fc { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) =>
        pictures.Through(Conv1, Bn1, Layer1, Layer2, Layer3, BnFinal).ReluInPlace().Mean([2, 3]).Through(Fc);
}
