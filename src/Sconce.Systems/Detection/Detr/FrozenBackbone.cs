using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>What the backbone gives.</summary>
/// <param name="Maps">Of stages 1 to 4, <c>(N, C, h, w)</c>; the last alone where no masks are predicted.</param>
/// <param name="Mask">Of the last map, <c>(N, h, w)</c> bool, true on padding; null where nothing is padded.</param>
/// <param name="Positions">Of the last map's cells, <c>(N or 1, width, h, w)</c>.</param>
public sealed record BackboneMaps(IReadOnlyList<Tensor> Maps, Tensor? Mask, Tensor Positions) : ITensorContainer
{
    /// <summary>The last map.</summary>
    public Tensor Last => Maps[^1];

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Mask is { } mask ? [.. Maps, mask, Positions] : [.. Maps, Positions];
}

/// <summary>A residual network whose batch norms are constants; stem and stage 1 do not learn. facebookresearch/detr@29901c51
/// models/backbone.py <c>BackboneBase</c>.</summary>
public sealed partial class FrozenBackbone : Module<Tensor, IReadOnlyList<Tensor>>
{
    private readonly bool everyStage;

    /// <summary>He's normal numbers; the official code begins with ImageNet's weights (the keys below <c>body</c> are
    /// torchvision's).</summary>
    public FrozenBackbone(DetrConfig config, bool everyStage)
    {
        this.everyStage = everyStage;
        Body = new ResNet(config.Trunk with
        {
            Norm = channels => new FrozenBatchNorm2d(channels, config.FrozenNormEps),
            ReplaceStrideWithDilation = (false, false, config.Dilation),
            Classes = 0,
        });
        foreach (var (name, parameter) in Body.NamedParameters())
        {
            bool learns = config.TrainTrunk && (name.StartsWith("layer2", StringComparison.Ordinal)
                || name.StartsWith("layer3", StringComparison.Ordinal) || name.StartsWith("layer4", StringComparison.Ordinal));
            if (!learns) parameter.RequiresGrad = false;
        }
    }

    /// <summary>The residual network without its classifier.</summary>
    public ResNet Body { get; }

    /// <summary>The maps of all stages, or of the last alone; <c>(N, 3, H, W) -> (N, C, H/32, W/32)</c>.</summary>
    protected override IReadOnlyList<Tensor> Forward(Tensor images) => everyStage ? Body.Features(images) : [Body.LastMap(images)];
}

/// <summary>Backbone and positions under the official keys (<c>0</c> and <c>1</c> of the <c>Joiner</c>).</summary>
public sealed partial class PositionedBackbone : Module<PaddedImages, BackboneMaps>
{
    private readonly SinePositions sine;

    /// <summary>Makes one.</summary>
    /// <param name="config">Of the whole network.</param>
    /// <param name="everyStage">Whether the maps of all stages are wanted.</param>
    public PositionedBackbone(DetrConfig config, bool everyStage)
    {
        int width = config.Transformer.Width;
        if (width % 2 != 0) throw new ArgumentException($"a width of {width} does not divide into rows and columns", nameof(config));
        sine = config.Sine with { Features = width / 2 };
        Trunk = new FrozenBackbone(config, everyStage);
        Learned = config.Positions == PositionKind.Learned ? new LearnedPositions(width / 2) : null;
    }

    /// <summary>The convolutional part.</summary>
    [Key("0")]
    public FrozenBackbone Trunk { get; }

    /// <summary>Null where positions are sines.</summary>
    [Key("1")]
    public LearnedPositions? Learned { get; }

    /// <inheritdoc/>
    protected override BackboneMaps Forward(PaddedImages images)
    {
        if (images.Images.Dimensions != 4)
            throw new TorchException($"DETR: pictures of shape [{string.Join(", ", images.Images.Shape.ToArray())}], but (N, 3, H, W) "
                + $"is expected");
        if (images.Mask is { } given
            && !given.Shape.SequenceEqual((ReadOnlySpan<long>)[images.Images.Size(0), images.Images.Size(2), images.Images.Size(3)]))
        {
            throw new TorchException($"DETR: a mask of shape [{string.Join(", ", given.Shape.ToArray())}] for pictures of shape "
                + $"[{string.Join(", ", images.Images.Shape.ToArray())}]: (N, H, W) is expected");
        }

        var maps = Trunk.Call(images.Images);
        var last = maps[^1];
        long height = last.Size(2), width = last.Size(3);
        // (N, h, w)
        var mask = images.Mask is { } padded ? Functional.Interpolate(padded.To(DType.Float32).Unsqueeze(0), [height, width])
            .To(DType.Bool)[0] : null;
        // Without padding one picture's positions are everyone's.
        var positions = Learned is not null
            ? Learned.Call(last) : sine.Compute(mask ?? Tensor.Zeros([1, height, width], DType.Bool, device: last.Device));
        return new BackboneMaps(maps, mask, positions.To(last.DType));
    }
}
