using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>
/// Two pre-activated 3x3 convolutions and a shortcut: a convolution of the ACTIVATED input where the width changes, the raw input
/// otherwise. <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c>; models/wideresnet_randwidth.py <c>BasicBlock</c>.
/// </summary>
internal sealed partial class SlimWideBlock : Module<Tensor, Tensor>
{
    internal SlimWideBlock(SharedWidth width, int inputs, int outputs, int stride, double dropout)
    {
        Dropout = dropout > 0 ? new Dropout(dropout) : null;
        Bn1 = new SlimBatchNorm2d(width, inputs);
        Conv1 = new SlimConv2d(width, inputs, outputs, 3, stride, 1);
        Bn2 = new SlimBatchNorm2d(width, outputs);
        Conv2 = new SlimConv2d(width, outputs, outputs, 3, 1, 1);
        ConvShortcut = inputs == outputs ? null : new SlimConv2d(width, inputs, outputs, 1, stride);
    }

    SlimBatchNorm2d Bn1 { get; }

    SlimConv2d Conv1 { get; }

    SlimBatchNorm2d Bn2 { get; }

    Dropout? Dropout { get; }

    SlimConv2d Conv2 { get; }

    [Key("convShortcut")]
    SlimConv2d? ConvShortcut { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var active = Bn1.Call(x).ReluInPlace();
        var branch = Bn2.Call(Conv1.Call(active)).ReluInPlace();
        return branch.Through(Dropout, Conv2).AddInPlace(ConvShortcut is { } shortcut ? shortcut.Call(active) : x);
    }
}

/// <summary>A stage of blocks, under the key <c>layer</c>.</summary>
internal sealed partial class SlimWideStage(SharedWidth width, int blocks, int inputs, int outputs, int stride, double dropout)
    : Module<Tensor, Tensor>
{
    Sequential Layer { get; } = new(Enumerable.Range(0, blocks)
        .Select(k => new SlimWideBlock(width, k == 0 ? inputs : outputs, outputs, k == 0 ? stride : 1, dropout)));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Layer.Call(x);
}

/// <summary>
/// A wide residual network whose layers can be narrowed. <c>(N, 3, H, W) -> (N, classes)</c>; 1605.07146, models/wideresnet_randwidth.py,
/// with its keys. The mean of the last map is a global one: the released 8x8 window is that at 32 px, and fails below.
/// </summary>
public sealed partial class SlimWideResNet : Module<Tensor, Tensor>, ISubNetworks
{
    private readonly SharedWidth width = new();

    /// <summary>Normal weights by fan-out.</summary>
    /// <param name="depth">Six times the blocks of a stage, plus 4: 10, 16, 22, 28, 40.</param>
    /// <param name="widen">k: stages of 16k, 32k and 64k channels.</param>
    /// <param name="classes">Outputs; 0 for features.</param>
    /// <param name="dropout">The rate between a block's convolutions.</param>
    public SlimWideResNet(int depth, int widen, int classes = 100, double dropout = 0)
    {
        if (depth < 10 || (depth - 4) % 6 != 0)
            throw new ArgumentException($"a wide residual network's depth is 6n + 4 (10, 16, 22, 28, …), not {depth}", nameof(depth));
        ArgumentOutOfRangeException.ThrowIfLessThan(widen, 1);
        int blocks = (depth - 4) / 6, last = 64 * widen;
        Conv1 = new SlimConv2d(width, 3, 16, 3, 1, 1);
        Block1 = new SlimWideStage(width, blocks, 16, 16 * widen, 1, dropout);
        Block2 = new SlimWideStage(width, blocks, 16 * widen, 32 * widen, 2, dropout);
        Block3 = new SlimWideStage(width, blocks, 32 * widen, last, 2, dropout);
        Bn1 = new SlimBatchNorm2d(width, last);
        SlimInit.ConvolutionsByFanOut(this);
        if (classes == 0) return;
        Fc = new SlimLinear(last, classes);
        Init.Constant(Fc.Bias, 0);
    }

    /// <inheritdoc/>
    public double Width
    {
        get => width.Value;
        set => width.Value = value;
    }

    /// <summary>The first convolution; it is narrowed too.</summary>
    public SlimConv2d Conv1 { get; }

    internal SlimWideStage Block1 { get; }

    internal SlimWideStage Block2 { get; }

    internal SlimWideStage Block3 { get; }

    internal SlimBatchNorm2d Bn1 { get; }

    /// <summary>The classifier; null in a network of features.</summary>
    public SlimLinear? Fc { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) =>
        pictures.Through(Conv1, Block1, Block2, Block3, Bn1).ReluInPlace().Mean([2, 3]).Through(Fc);
}
