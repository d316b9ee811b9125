using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>One residual network: its blocks, how many of them a stage has, and what torchvision's constructor takes. 1512.03385.</summary>
/// <param name="Block">The kind of block.</param>
/// <param name="Layers">Blocks in each of the four stages.</param>
public sealed record ResNetConfiguration(ResNetBlock Block, IReadOnlyList<int> Layers)
{
    /// <summary>Groups of the 3x3 convolutions of bottlenecks (ResNeXt's cardinality, 1611.05431).</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels a group at 64 planes (128 in Wide ResNets of bottlenecks, 1605.07146).</summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>What the channels of stem and stages are multiplied by, at least 1 (SwAV's w2, w4, w5; facebookresearch/swav
    /// src/resnet50.py).</summary>
    public int Widen { get; init; } = 1;

    /// <summary>Whether stages 2, 3 and 4 dilate their convolutions instead of halving the map.</summary>
    public (bool Stage2, bool Stage3, bool Stage4) ReplaceStrideWithDilation { get; init; }

    /// <summary>Whether the last norm of each residual branch begins at zero, so that every block begins as the identity
    /// (1706.02677).</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>The norm of that many channels; <see cref="BatchNorm2d"/> by default.</summary>
    public Func<int, Module<Tensor, Tensor>> Norm { get; init; } = channels => new BatchNorm2d(channels);

    /// <summary>Outputs of <c>fc</c>; 0 for a trunk without it.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Channels of the pictures.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>11,689,512 parameters.</summary>
    public static ResNetConfiguration ResNet18 { get; } = new(ResNetBlock.Basic, [2, 2, 2, 2]);

    /// <summary>21,797,672 parameters.</summary>
    public static ResNetConfiguration ResNet34 { get; } = new(ResNetBlock.Basic, [3, 4, 6, 3]);

    /// <summary>25,557,032 parameters.</summary>
    public static ResNetConfiguration ResNet50 { get; } = new(ResNetBlock.Bottleneck, [3, 4, 6, 3]);

    /// <summary>44,549,160 parameters.</summary>
    public static ResNetConfiguration ResNet101 { get; } = new(ResNetBlock.Bottleneck, [3, 4, 23, 3]);

    /// <summary>60,192,808 parameters.</summary>
    public static ResNetConfiguration ResNet152 { get; } = new(ResNetBlock.Bottleneck, [3, 8, 36, 3]);

    /// <summary>25,028,904 parameters.</summary>
    public static ResNetConfiguration ResNeXt50X32X4d { get; } = ResNet50 with { Groups = 32, WidthPerGroup = 4 };

    /// <summary>88,791,336 parameters.</summary>
    public static ResNetConfiguration ResNeXt101X32X8d { get; } = ResNet101 with { Groups = 32, WidthPerGroup = 8 };

    /// <summary>83,455,272 parameters.</summary>
    public static ResNetConfiguration ResNeXt101X64X4d { get; } = ResNet101 with { Groups = 64, WidthPerGroup = 4 };

    /// <summary>68,883,240 parameters.</summary>
    public static ResNetConfiguration WideResNet50X2 { get; } = ResNet50 with { WidthPerGroup = 128 };

    /// <summary>126,886,696 parameters.</summary>
    public static ResNetConfiguration WideResNet101X2 { get; } = ResNet101 with { WidthPerGroup = 128 };

    /// <summary>torchvision's networks under its names.</summary>
    public static IReadOnlyDictionary<string, ResNetConfiguration> ByName { get; } = new Dictionary<string, ResNetConfiguration>
    {
        ["resnet18"] = ResNet18,
        ["resnet34"] = ResNet34,
        ["resnet50"] = ResNet50,
        ["resnet101"] = ResNet101,
        ["resnet152"] = ResNet152,
        ["resnext50_32x4d"] = ResNeXt50X32X4d,
        ["resnext101_32x8d"] = ResNeXt101X32X8d,
        ["resnext101_64x4d"] = ResNeXt101X64X4d,
        ["wide_resnet50_2"] = WideResNet50X2,
        ["wide_resnet101_2"] = WideResNet101X2,
    };

    /// <summary>The networks' configuration of that name.</summary>
    /// <exception cref="ArgumentException">torchvision has no such network.</exception>
    public static ResNetConfiguration Of(string name) =>
        ByName.TryGetValue(name, out var configuration) ? configuration
        : throw new ArgumentException($"there is no residual network '{name}': there are {string.Join(", ", ByName.Keys)}", nameof(name));
}
