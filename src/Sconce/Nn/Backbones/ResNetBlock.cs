using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>What a residual network's trunk tells each block that it makes.</summary>
/// <param name="Inputs">Channels that come in.</param>
/// <param name="Planes">The stage's width: 64, 128, 256, 512.</param>
/// <param name="Stride">Of the block's 3x3 convolution and of its shortcut.</param>
/// <param name="Dilation">Of the 3x3 convolution.</param>
/// <param name="Groups">Of the 3x3 convolution.</param>
/// <param name="WidthPerGroup">Channels a group at 64 planes.</param>
/// <param name="Norm">The norm of that many channels.</param>
/// <param name="Downsample">The shortcut's 1x1 convolution and norm; null where the shortcut is the identity.</param>
public sealed record ResidualBlockPlan(int Inputs, int Planes, int Stride, int Dilation, int Groups, int WidthPerGroup,
    Func<int, Module<Tensor, Tensor>> Norm, Sequential? Downsample);

/// <summary>A kind of residual block. A system with blocks of its own (attention on the branch, say) makes another of these and keeps the
/// trunk.</summary>
/// <param name="Expansion">Channels that leave, as a multiple of the planes.</param>
/// <param name="Create">Makes one.</param>
public sealed record ResNetBlock(int Expansion, Func<ResidualBlockPlan, Module<Tensor, Tensor>> Create)
{
    /// <summary><see cref="BasicBlock"/>.</summary>
    public static ResNetBlock Basic { get; } = new(1, plan => new BasicBlock(plan));

    /// <summary><see cref="Backbones.Bottleneck"/>.</summary>
    public static ResNetBlock Bottleneck { get; } = new(4, plan => new Bottleneck(plan));
}

/// <summary>A block whose last norm can begin at zero.</summary>
internal interface IZeroInitBlock
{
    /// <summary>The last norm of the residual branch.</summary>
    Module<Tensor, Tensor> LastNorm { get; }
}

/// <summary>Two 3x3 convolutions and a shortcut. <c>(N, inputs, H, W) -> (N, planes, H/stride, W/stride)</c>; 1512.03385 Figure 5
/// left.</summary>
public sealed partial class BasicBlock : Module<Tensor, Tensor>, IZeroInitBlock
{
    private static readonly Relu Activation = new(inPlace: true);

    /// <summary>Makes one.</summary>
    /// <exception cref="ArgumentException">Groups, widths or dilation, which basic blocks do not have.</exception>
    public BasicBlock(ResidualBlockPlan plan)
    {
        if (plan.Groups != 1 || plan.WidthPerGroup != 64 || plan.Dilation != 1)
        {
            throw new ArgumentException($"basic blocks have one group of width 64 and no dilation, not {plan.Groups} of "
                + $"{plan.WidthPerGroup} with dilation {plan.Dilation}: use bottlenecks", nameof(plan));
        }

        Conv1 = new Conv2d(plan.Inputs, plan.Planes, 3, plan.Stride, 1, bias: false);
        Bn1 = plan.Norm(plan.Planes);
        Conv2 = new Conv2d(plan.Planes, plan.Planes, 3, 1, 1, bias: false);
        Bn2 = plan.Norm(plan.Planes);
        Downsample = plan.Downsample;
    }

    Conv2d Conv1 { get; }

    Module<Tensor, Tensor> Bn1 { get; }

    Conv2d Conv2 { get; }

    Module<Tensor, Tensor> Bn2 { get; }

    Sequential? Downsample { get; }

    Module<Tensor, Tensor> IZeroInitBlock.LastNorm => Bn2;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = x.Through(Conv1, Bn1, Activation, Conv2, Bn2); // (N, planes, H/stride, W/stride)
        return branch.AddInPlace(x.Through(Downsample)).ReluInPlace();
    }
}

/// <summary>
/// 1x1, 3x3, 1x1 convolutions and a shortcut; the stride lies in the 3x3 (torchvision's "v1.5").
/// <c>(N, inputs, H, W) -> (N, 4·planes, H/stride, W/stride)</c>; 1512.03385 Figure 5 right, 1611.05431 with groups.
/// </summary>
public sealed partial class Bottleneck : Module<Tensor, Tensor>, IZeroInitBlock
{
    private static readonly Relu Activation = new(inPlace: true);

    /// <summary>Makes one.</summary>
    public Bottleneck(ResidualBlockPlan plan)
    {
        int width = (int)(plan.Planes * (plan.WidthPerGroup / 64.0)) * plan.Groups;
        Conv1 = new Conv2d(plan.Inputs, width, 1, bias: false);
        Bn1 = plan.Norm(width);
        Conv2 = new Conv2d(width, width, 3, plan.Stride, plan.Dilation, plan.Dilation, plan.Groups, bias: false);
        Bn2 = plan.Norm(width);
        Conv3 = new Conv2d(width, plan.Planes * 4, 1, bias: false);
        Bn3 = plan.Norm(plan.Planes * 4);
        Downsample = plan.Downsample;
    }

    Conv2d Conv1 { get; }

    Module<Tensor, Tensor> Bn1 { get; }

    Conv2d Conv2 { get; }

    Module<Tensor, Tensor> Bn2 { get; }

    Conv2d Conv3 { get; }

    Module<Tensor, Tensor> Bn3 { get; }

    Sequential? Downsample { get; }

    Module<Tensor, Tensor> IZeroInitBlock.LastNorm => Bn3;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = x.Through(Conv1, Bn1, Activation, Conv2, Bn2, Activation, Conv3, Bn3); // (N, 4·planes, H/stride, W/stride)
        return branch.AddInPlace(x.Through(Downsample)).ReluInPlace();
    }
}
