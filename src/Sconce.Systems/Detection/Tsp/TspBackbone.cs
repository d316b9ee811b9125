using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>A 3x3 convolution with bias, and a batch norm where wanted; rcnn/conv_block.py <c>MyConvBlock</c>.</summary>
internal sealed partial class ConvolutionBlock(int channels, int stride = 1, bool norm = true) : Module<Tensor, Tensor>
{
    Conv2d Conv { get; } = new(channels, channels, 3, stride, 1);

    BatchNorm2d? Bn { get; } = norm ? new BatchNorm2d(channels) : null;

    protected override Tensor Forward(Tensor input) => input.Through(Conv, Bn);
}

/// <summary>
/// The two coarsest levels, from P5; each has a batch norm and no activation of its own. rcnn/myfpn.py <c>LastLevelMaxPoolV2</c>.
/// </summary>
internal sealed partial class CoarseLevels(int channels) : Module<Tensor, (Tensor P6, Tensor P7)>
{
    ConvolutionBlock P6 { get; } = new(channels, 2);

    ConvolutionBlock P7 { get; } = new(channels, 2);

    protected override (Tensor P6, Tensor P7) Forward(Tensor p5)
    {
        var p6 = P6.Call(p5);
        return (p6, P7.Call(p6.Relu()));
    }
}

/// <summary>A residual network's maps and the pyramid above them.</summary>
/// <param name="Residual"><c>res2</c> to <c>res5</c>.</param>
/// <param name="Levels">The pyramid's maps, finest first; the coarsest is P7.</param>
internal sealed record PyramidMaps(IReadOnlyList<Tensor> Residual, IReadOnlyList<Tensor> Levels) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => Residual.Concat(Levels);
}

/// <summary>
/// Residual network and feature pyramid: P3 to P7 over <c>res3</c> to <c>res5</c> (TSP-FCOS), or P2 to P7 over <c>res2</c> to <c>res5</c>
/// (TSP-RCNN). Edward-Sun/TSP-Detection@1b8a503 rcnn/myfpn.py <c>build_resnet_myfpn_backbone_v2</c>.
/// </summary>
internal sealed partial class TspBackbone : Module<Tensor, PyramidMaps>
{
    /// <summary>The padded picture's sides are multiples of it.</summary>
    internal const int Divisor = 32;

    private readonly int finest;

    /// <param name="config">Depth, channels, finest level (2 or 3).</param>
    internal TspBackbone(TspBackboneConfig config)
    {
        finest = config.FinestLevel is 2 or 3
            ? config.FinestLevel
            : throw new ArgumentException($"a pyramid over res{config.FinestLevel}: the finest level is 2 or 3", nameof(config));
        BottomUp = new DetectronResNet(config);
        FpnLateral2 = finest == 2 ? Lateral(2) : null;
        FpnOutput2 = finest == 2 ? Output() : null;
        FpnLateral3 = Lateral(3);
        FpnOutput3 = Output();
        FpnLateral4 = Lateral(4);
        FpnOutput4 = Output();
        FpnLateral5 = Lateral(5);
        FpnOutput5 = Output();
        TopBlock = new CoarseLevels(config.Channels);
        if (!config.TrainStem)
        {
            foreach (var parameter in BottomUp.Stem.Parameters().Concat(BottomUp.Res2.Parameters())) parameter.RequiresGrad = false;
        }

        Conv2d Lateral(int level) => new(BottomUp.Widths[level - 2], config.Channels, 1);

        Conv2d Output() => new(config.Channels, config.Channels, 3, 1, 1);
    }

    [Key("fpn_lateral2")]
    Conv2d? FpnLateral2 { get; }

    [Key("fpn_output2")]
    Conv2d? FpnOutput2 { get; }

    [Key("fpn_lateral3")]
    Conv2d FpnLateral3 { get; }

    [Key("fpn_output3")]
    Conv2d FpnOutput3 { get; }

    [Key("fpn_lateral4")]
    Conv2d FpnLateral4 { get; }

    [Key("fpn_output4")]
    Conv2d FpnOutput4 { get; }

    [Key("fpn_lateral5")]
    Conv2d FpnLateral5 { get; }

    [Key("fpn_output5")]
    Conv2d FpnOutput5 { get; }

    CoarseLevels TopBlock { get; }

    DetectronResNet BottomUp { get; }

    protected override PyramidMaps Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(2) % Divisor != 0 || pictures.Size(3) % Divisor != 0)
        {
            throw new TorchException(
                $"TSP: pictures [{string.Join(", ", pictures.Shape.ToArray())}]: (N, 3, H, W) is expected, with sides that are multiples "
                + $"of {Divisor}: pad them");
        }

        var residual = BottomUp.Call(pictures);
        Module<Tensor, Tensor>[] laterals = [FpnLateral3, FpnLateral4, FpnLateral5], outputs = [FpnOutput3, FpnOutput4, FpnOutput5];
        if (FpnLateral2 is not null && FpnOutput2 is not null)
        {
            laterals = [FpnLateral2, .. laterals];
            outputs = [FpnOutput2, .. outputs];
        }

        var levels = FeaturePyramid.Merge([.. residual.Skip(finest - 2)], laterals, outputs);
        var (p6, p7) = TopBlock.Call(levels[^1]);
        return new PyramidMaps(residual, [.. levels, p6, p7]);
    }
}
