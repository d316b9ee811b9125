using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>One FcaNet.</summary>
/// <param name="Bottlenecks">Whether its blocks are bottlenecks rather than basic ones.</param>
/// <param name="Layers">Blocks in each of the four stages.</param>
public sealed record FcaNetConfig(bool Bottlenecks, IReadOnlyList<int> Layers)
{
    /// <summary>How much narrower the attention's hidden layer is than its channels.</summary>
    public int Reduction { get; init; } = 16;

    /// <summary>The frequencies of the squeeze.</summary>
    public FrequencySelection Frequencies { get; init; } = FrequencySelection.Top(16);

    /// <summary>The side of the squeeze in the blocks of each width; the maps' own at 224 pixels.</summary>
    public IReadOnlyDictionary<int, int> SqueezeSides { get; init; } =
        new Dictionary<int, int> { [64] = 56, [128] = 28, [256] = 14, [512] = 7 };

    /// <summary>Outputs of the classifier; 0 for features.</summary>
    public int Classes { get; init; } = 1000;
}

/// <summary>Two 3x3 convolutions, attention on the branch, a shortcut. <c>(N, inputs, H, W) -> (N, planes, H/stride, W/stride)</c>;
/// cfzd/FcaNet@aa5fb63 model/fcanet.py.</summary>
internal sealed partial class FcaBasicBlock(ResidualBlockPlan plan, MultiSpectralAttention attention) : Module<Tensor, Tensor>
{
    private static readonly Relu Activation = new(inPlace: true);

    Conv2d Conv1 { get; } = new(plan.Inputs, plan.Planes, 3, plan.Stride, 1, bias: false);

    Module<Tensor, Tensor> Bn1 { get; } = plan.Norm(plan.Planes);

    Conv2d Conv2 { get; } = new(plan.Planes, plan.Planes, 3, 1, 1, bias: false);

    Module<Tensor, Tensor> Bn2 { get; } = plan.Norm(plan.Planes);

    [Key("att")]
    MultiSpectralAttention Attention { get; } = attention;

    Sequential? Downsample { get; } = plan.Downsample;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = x.Through(Conv1, Bn1, Activation, Conv2, Bn2, Attention);
        return branch.AddInPlace(x.Through(Downsample)).ReluInPlace();
    }
}

/// <summary>1x1, 3x3, 1x1 convolutions, attention on the branch, a shortcut. <c>(N, inputs, H, W) -> (N, 4·planes, H/stride, W/stride)</c>;
/// cfzd/FcaNet@aa5fb63 model/fcanet.py.</summary>
internal sealed partial class FcaBottleneck(ResidualBlockPlan plan, MultiSpectralAttention attention) : Module<Tensor, Tensor>
{
    internal const int Expansion = 4;

    private static readonly Relu Activation = new(inPlace: true);

    Conv2d Conv1 { get; } = new(plan.Inputs, plan.Planes, 1, bias: false);

    Module<Tensor, Tensor> Bn1 { get; } = plan.Norm(plan.Planes);

    Conv2d Conv2 { get; } = new(plan.Planes, plan.Planes, 3, plan.Stride, 1, bias: false);

    Module<Tensor, Tensor> Bn2 { get; } = plan.Norm(plan.Planes);

    Conv2d Conv3 { get; } = new(plan.Planes, plan.Planes * Expansion, 1, bias: false);

    Module<Tensor, Tensor> Bn3 { get; } = plan.Norm(plan.Planes * Expansion);

    [Key("att")]
    MultiSpectralAttention Attention { get; } = attention;

    Sequential? Downsample { get; } = plan.Downsample;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var branch = x.Through(Conv1, Bn1, Activation, Conv2, Bn2, Activation, Conv3, Bn3, Attention);
        return branch.AddInPlace(x.Through(Downsample)).ReluInPlace();
    }
}

/// <summary>FcaNet is torchvision's residual network with multi-spectral attention in every block; 2012.11879 §4.1.</summary>
public static class FcaNet
{
    /// <summary>Builds one, with torchvision's initial weights: <c>(N, 3, H, W) -> (N, classes)</c> logits.</summary>
    /// <exception cref="ArgumentException">Channels that do not divide by the frequencies, or a stage without a squeeze's side.</exception>
    public static ResNet Create(FcaNetConfig config)
    {
        int expansion = config.Bottlenecks ? FcaBottleneck.Expansion : 1;
        return new ResNet(new ResNetConfiguration(new ResNetBlock(expansion, Block), config.Layers) { Classes = config.Classes });

        Module<Tensor, Tensor> Block(ResidualBlockPlan plan)
        {
            if (!config.SqueezeSides.TryGetValue(plan.Planes, out int side))
                throw new ArgumentException($"FcaNet: no side is given for the squeeze at {plan.Planes} planes", nameof(config));
            var attention = new MultiSpectralAttention(plan.Planes * expansion, side, config.Reduction, config.Frequencies);
            return config.Bottlenecks ? new FcaBottleneck(plan, attention) : new FcaBasicBlock(plan, attention);
        }
    }
}
