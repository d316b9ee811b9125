using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// A convolution without bias whose batch norm is its child, as detectron2's <c>layers/wrappers.py Conv2d</c> has it; the norm is a
/// constant, or learns where the trunk begins from random numbers.
/// </summary>
internal sealed partial class NormedConvolution : Module<Tensor, Tensor>
{
    private readonly int stride, padding;

    internal NormedConvolution(int inputs, int outputs, int kernel, int stride = 1, bool trainNorm = false)
    {
        this.stride = stride;
        padding = kernel / 2;
        Weight = Init.KaimingNormal(Parameter.Empty(outputs, inputs, kernel, kernel), mode: FanMode.Out);
        Norm = trainNorm ? new BatchNorm2d(outputs) : new FrozenBatchNorm2d(outputs);
    }

    Parameter Weight { get; }

    Module<Tensor, Tensor> Norm { get; }

    protected override Tensor Forward(Tensor input)
    {
        using var map = Functional.Conv2d(input, Weight, null, [stride, stride], [padding, padding], [1, 1], 1);
        return Norm.Call(map);
    }
}

/// <summary>The 7x7 convolution with stride 2 and the max-pooling; <c>(N, 3, H, W) -> (N, width, H/4, W/4)</c>.</summary>
internal sealed partial class DetectronStem(int width, bool trainNorms) : Module<Tensor, Tensor>
{
    NormedConvolution Conv1 { get; } = new(3, width, 7, 2, trainNorms);

    protected override Tensor Forward(Tensor pictures) =>
        Conv1.Call(pictures).ReluInPlace().MaxPool2d([3, 3], [2, 2], [1, 1], [1, 1], false);
}

/// <summary>
/// A residual block: two 3x3 convolutions, or 1x1, 3x3, 1x1 with the stride in the first 1x1 (the MSRA networks) or in the 3x3. detectron2
/// <c>modeling/backbone/resnet.py BasicBlock, BottleneckBlock</c>.
/// </summary>
internal sealed partial class DetectronBlock : Module<Tensor, Tensor>
{
    internal DetectronBlock(int inputs, int width, int outputs, int stride, bool bottleneck, TspBackboneConfig config)
    {
        bool strideIn1x1 = config.StrideIn1x1, learns = config.TrainNorms;
        Shortcut = inputs != outputs ? new NormedConvolution(inputs, outputs, 1, stride, learns) : null;
        var (first, second) = strideIn1x1 || !bottleneck ? (stride, 1) : (1, stride);
        Conv1 = new NormedConvolution(inputs, bottleneck ? width : outputs, bottleneck ? 1 : 3, first, learns);
        Conv2 = new NormedConvolution(bottleneck ? width : outputs, bottleneck ? width : outputs, 3, second, learns);
        Conv3 = bottleneck ? new NormedConvolution(width, outputs, 1, trainNorm: learns) : null;
    }

    NormedConvolution? Shortcut { get; }

    NormedConvolution Conv1 { get; }

    NormedConvolution Conv2 { get; }

    NormedConvolution? Conv3 { get; }

    protected override Tensor Forward(Tensor x)
    {
        var branch = Conv2.Call(Conv1.Call(x).ReluInPlace());
        if (Conv3 is not null) branch = Conv3.Call(branch.ReluInPlace());
        return (branch + x.Through(Shortcut)).ReluInPlace();
    }
}

/// <summary>
/// detectron2's residual network, without classifier: <c>(N, 3, H, W) -> </c> the maps <c>res2</c> to <c>res5</c>
/// at strides 4, 8, 16, 32. 1512.03385.
/// </summary>
internal sealed partial class DetectronResNet : Module<Tensor, IReadOnlyList<Tensor>>
{
    private static readonly Dictionary<int, int[]> BlocksOfDepth = new()
    {
        [18] = [2, 2, 2, 2],
        [34] = [3, 4, 6, 3],
        [50] = [3, 4, 6, 3],
        [101] = [3, 4, 23, 3],
        [152] = [3, 8, 36, 3],
    };

    /// <summary>He's normal numbers; the official code begins with MSRA's ImageNet weights.</summary>
    /// <param name="config">Depth, width, norms.</param>
    internal DetectronResNet(TspBackboneConfig config)
    {
        int depth = config.Depth;
        if (!BlocksOfDepth.TryGetValue(depth, out var blocks))
        {
            throw new ArgumentException(
                $"there is no residual network of depth {depth}: there are {string.Join(", ", BlocksOfDepth.Keys)}", nameof(config));
        }

        bool bottleneck = depth >= 50;
        int inputs = config.Width;
        Stem = new DetectronStem(config.Width, config.TrainNorms);
        Res2 = Stage(0);
        Res3 = Stage(1);
        Res4 = Stage(2);
        Res5 = Stage(3);

        Sequential Stage(int stage)
        {
            int width = config.Width << stage, outputs = bottleneck ? 4 * width : width;
            var made = new Sequential();
            for (int k = 0; k < blocks[stage]; k++)
            {
                made.Add(new DetectronBlock(inputs, width, outputs, k == 0 && stage > 0 ? 2 : 1, bottleneck, config));
                inputs = outputs;
            }

            Widths[stage] = outputs;
            return made;
        }
    }

    /// <summary>Channels of the four maps.</summary>
    internal int[] Widths { get; } = new int[4];

    internal DetectronStem Stem { get; }

    internal Sequential Res2 { get; }

    Sequential Res3 { get; }

    Sequential Res4 { get; }

    Sequential Res5 { get; }

    protected override IReadOnlyList<Tensor> Forward(Tensor pictures)
    {
        var res2 = Res2.Call(Stem.Call(pictures));
        var res3 = Res3.Call(res2);
        var res4 = Res4.Call(res3);
        return [res2, res3, res4, Res5.Call(res4)];
    }
}
