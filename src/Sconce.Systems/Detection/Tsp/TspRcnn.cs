using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>What TSP-RCNN's second stage says of all proposals of a batch, picture by picture.</summary>
/// <param name="Tokens"><c>(R, width)</c></param>
/// <param name="Logits"><c>(R, C + 1)</c>, the background last.</param>
/// <param name="Deltas">A box of each class, <c>(R, 4·C)</c>.</param>
/// <param name="Pooled">Padded, <c>(N, P, channels, bins, bins)</c>.</param>
internal sealed record TspRegions(Tensor Tokens, Tensor Logits, Tensor Deltas, Tensor Pooled) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Tokens, Logits, Deltas, Pooled];
}

/// <summary>What the second stage reads.</summary>
/// <param name="Maps">P2 to P5.</param>
/// <param name="Proposals">Corners in pixels of each picture's, <c>(P, 4)</c>.</param>
/// <param name="Sizes">Of the pictures, without padding.</param>
internal sealed record TspRegionInput(
    IReadOnlyList<Tensor> Maps, IReadOnlyList<Tensor> Proposals, IReadOnlyList<(long Height, long Width)> Sizes);

/// <summary>
/// TSP-RCNN's second stage; Edward-Sun/TSP-Detection@1b8a503 rcnn/rcnn_heads.py <c>TransformerROIHeads</c>, rcnn/mypooler.py.
/// </summary>
internal sealed partial class TspRegionHeads(TspHeadConfig config) : Module<TspRegionInput, TspRegions>
{
    private readonly RegionPooler pooler = new(config.Bins, 0, Aligned: true) { SideEps = 1e-8f };

    /// <summary>How deltas move proposals.</summary>
    internal BoxCoder Coder { get; } = new(config.BoxWeights[0], config.BoxWeights[1], config.BoxWeights[2], config.BoxWeights[3]);

    TspBoxHead BoxHead { get; } = new(config);

    TspBoxPredictor BoxPredictor { get; } = new(config.Encoder.Width, config.Classes);

    protected override TspRegions Forward(TspRegionInput input)
    {
        int most = Math.Max(1, (int)input.Proposals.Max(boxes => boxes.Size(0)));
        var device = input.Maps[0].Device;
        var regions = Tensor.Cat([.. input.Proposals.Select((boxes, k) => Tensor.Cat([boxes[.., ..1].FullLike(k), boxes], 1))], 0);
        var places = input.Proposals.SelectMany((boxes, k) => Enumerable.Range(k * most, (int)boxes.Size(0))).Select(place => (long)place);
        var rows = Tensor.From(places.ToArray()).To(device);
        var pooled = pooler.Pool(input.Maps, regions); // (R, C, bins, bins)
        var padded = Tensor.Zeros(
            [input.Proposals.Count * most, .. pooled.Shape[1..]], pooled.DType, device: device).IndexCopy(0, rows, pooled);
        padded = padded.Unflatten(0, [input.Proposals.Count, most]); // (N, P, C, bins, bins)
        var tokens = BoxHead.Call(new RegionTokens(padded, Shares(input, most), Visible(input, most)));
        var real = tokens.Flatten(0, 1).IndexSelect(0, rows); // (R, width)
        var (logits, deltas) = BoxPredictor.Call(real);
        return new TspRegions(real, logits, deltas, padded);
    }

    private static Tensor Shares(TspRegionInput input, int most)
    {
        using var scope = new TensorScope();
        var shares = input.Proposals.Select((boxes, k) =>
        {
            var (height, width) = input.Sizes[k];
            var scaled = boxes / Tensor.From([(float)width, height, width, height]).To(boxes.Device, boxes.DType);
            return scaled.Pad([0, 0, 0, most - boxes.Size(0)], "constant", 0.0);
        });
        return scope.Keep(Tensor.Stack([.. shares]));
    }

    private static Tensor Visible(TspRegionInput input, int most)
    {
        bool[] visible = [.. input.Proposals.SelectMany(boxes => Enumerable.Range(0, most).Select(k => k < boxes.Size(0)))];
        return Tensor.From(visible, [input.Proposals.Count, 1, 1, most]).To(input.Maps[0].Device);
    }
}

/// <summary>What a TSP-RCNN says of a batch.</summary>
/// <param name="Anchors">The proposal network's answers at P3 to P7.</param>
/// <param name="Proposals">Corners in pixels of each picture's, <c>(P, 4)</c>.</param>
/// <param name="Regions">The second stage's answers.</param>
/// <param name="Sizes">Of the pictures, without padding.</param>
internal sealed record TspRcnnOutput(
    IReadOnlyList<AnchorLevel> Anchors, IReadOnlyList<Tensor> Proposals, TspRegions Regions, IReadOnlyList<(long Height, long Width)> Sizes)
    : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [.. Anchors.SelectMany(level => level.Tensors), .. Proposals, .. Regions.Tensors];
}

/// <summary>
/// Set prediction without a decoder over a proposal network's regions. 2011.10881 §4.3; Edward-Sun/TSP-Detection@1b8a503
/// configs/Base-RCNN-TSP.yaml.
/// Reads pictures <c>(3, H, W)</c> of blue, green, red in [0, 255].
/// </summary>
public sealed partial class TspRcnn : Module
{
    /// <summary>Initial weights as the official code has them, but for the trunk, which it takes from ImageNet.</summary>
    /// <param name="config">The published R50 where left out.</param>
    public TspRcnn(TspRcnnConfig? config = null)
    {
        Config = config ?? new TspRcnnConfig();
        PixelMean = new Nn.Buffer(Tensor.From([.. TspPixels.Mean.Select(value => (float)value)], [3, 1, 1]));
        PixelStd = new Nn.Buffer(Tensor.From([.. TspPixels.Std.Select(value => (float)value)], [3, 1, 1]));
        Backbone = new TspBackbone(Config.Backbone);
        ProposalGenerator = new TspProposals(Config);
        RoiHeads = new TspRegionHeads(Config.Head);
    }

    /// <summary>What it was built from.</summary>
    public TspRcnnConfig Config { get; }

    Nn.Buffer PixelMean { get; }

    Nn.Buffer PixelStd { get; }

    internal TspBackbone Backbone { get; }

    internal TspProposals ProposalGenerator { get; }

    internal TspRegionHeads RoiHeads { get; }

    /// <summary>The answer to a batch.</summary>
    /// <param name="pictures">Of several sizes.</param>
    internal TspRcnnOutput Call(IReadOnlyList<Tensor> pictures)
    {
        using var scope = new TensorScope();
        var padded = Prepared(pictures);
        var levels = Backbone.Call(padded.Images).Levels; // P2 to P7
        var anchors = ProposalGenerator.Call([.. levels.Skip(1)]);
        var proposals = ProposalGenerator.Select(anchors, padded.Sizes);
        var regions = RoiHeads.Call(new TspRegionInput([.. levels.Take(4)], proposals, padded.Sizes));
        return scope.Keep(new TspRcnnOutput(anchors, proposals, regions, padded.Sizes));
    }

    /// <summary>Pictures as the backbone reads them.</summary>
    internal TspPictures Prepared(IReadOnlyList<Tensor> pictures) => TspPixels.Prepare(pictures, PixelMean, PixelStd);
}
