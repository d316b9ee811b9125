using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The pyramid under torchvision's keys; <c>ops/feature_pyramid_network.py</c>.</summary>
internal sealed partial class TorchvisionPyramid : Module<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>
{
    internal TorchvisionPyramid(IReadOnlyList<int> inputs, int channels)
    {
        InnerBlocks = new ModuleList<Sequential>(inputs.Select(width => new Sequential(Fresh(new Conv2d(width, channels, 1)))));
        LayerBlocks = new ModuleList<Sequential>(inputs.Select(_ => new Sequential(Fresh(new Conv2d(channels, channels, 3, 1, 1)))));
    }

    ModuleList<Sequential> InnerBlocks { get; }

    ModuleList<Sequential> LayerBlocks { get; }

    /// <summary>The merged maps and a coarsest one of every second cell of the last.</summary>
    protected override IReadOnlyList<Tensor> Forward(IReadOnlyList<Tensor> maps)
    {
        var levels = FeaturePyramid.Merge(maps, InnerBlocks, LayerBlocks);
        return [.. levels, levels[^1].MaxPool2d([1, 1], [2, 2], [0, 0], [1, 1], false)];
    }

    private static Conv2d Fresh(Conv2d convolution)
    {
        Init.KaimingUniform(convolution.Weight, 1);
        Init.Constant(convolution.Bias!, 0);
        return convolution;
    }
}

/// <summary>
/// Residual network and pyramid: maps at strides 4, 8, 16, 32, 64. torchvision 0.14.1 <c>detection/backbone_utils.py</c>.
/// </summary>
internal sealed partial class PyramidTrunk : Module<Tensor, IReadOnlyList<Tensor>>
{
    private static readonly string[] StagesFromLast = ["layer4", "layer3", "layer2", "layer1", "conv1"];

    internal PyramidTrunk(FasterRcnnConfig config)
    {
        if (config.TrainableStages is < 0 or > 5)
        {
            throw new ArgumentException($"{config.TrainableStages} trainable stages: a residual network has 0 to 5", nameof(config));
        }

        Body = new ResNet(config.Trunk with
        {
            Classes = 0,
            Norm = config.FrozenNorms ? channels => new FrozenBatchNorm2d(channels) : config.Trunk.Norm,
        });
        Fpn = new TorchvisionPyramid(Body.StageWidths, config.Channels);
        if (config.TrainableStages == 5) return; // the stem's norm too
        string[] learning = StagesFromLast[..config.TrainableStages];
        foreach (var (name, parameter) in Body.NamedParameters())
        {
            if (!learning.Any(stage => name.StartsWith(stage, StringComparison.Ordinal))) parameter.RequiresGrad = false;
        }
    }

    internal ResNet Body { get; }

    TorchvisionPyramid Fpn { get; }

    protected override IReadOnlyList<Tensor> Forward(Tensor pictures) => Fpn.Call(Body.Features(pictures));
}
