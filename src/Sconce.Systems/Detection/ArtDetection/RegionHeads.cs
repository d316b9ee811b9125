using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>Two linear layers with ReLU: <c>(R, C, 7, 7) -> (R, width)</c>; torchvision 0.14.1 <c>TwoMLPHead</c>.</summary>
internal sealed partial class RegionLayers(int inputs, int width) : Module<Tensor, Tensor>
{
    Linear Fc6 { get; } = new(inputs, width);

    Linear Fc7 { get; } = new(width, width);

    protected override Tensor Forward(Tensor regions) => Fc7.Call(Fc6.Call(regions.Flatten(1)).ReluInPlace()).ReluInPlace();
}

/// <summary>Classes with the background first, and a box of every class; torchvision 0.14.1 <c>FastRCNNPredictor</c>.</summary>
internal sealed partial class RegionPredictor(int width, int classes) : Module<Tensor, (Tensor Logits, Tensor Deltas)>
{
    Linear ClsScore { get; } = new(width, classes);

    Linear BboxPred { get; } = new(width, 4 * classes);

    protected override (Tensor Logits, Tensor Deltas) Forward(Tensor features) => (ClsScore.Call(features), BboxPred.Call(features));
}

/// <summary>What the second stage reads.</summary>
/// <param name="Maps">Of strides 4 to 32.</param>
/// <param name="Proposals">Corners in pixels of each picture's, <c>(P, 4)</c>.</param>
/// <param name="Sizes">Of the pictures, without padding.</param>
internal sealed record RegionInput(
    IReadOnlyList<Tensor> Maps, IReadOnlyList<Tensor> Proposals, IReadOnlyList<(long Height, long Width)> Sizes);

/// <summary>What the second stage says of all proposals of a batch, picture by picture.</summary>
/// <param name="Features"><c>(R, width)</c></param>
/// <param name="Logits"><c>(R, C)</c>, the background first.</param>
/// <param name="Deltas"><c>(R, 4·C)</c></param>
internal sealed record RegionAnswers(Tensor Features, Tensor Logits, Tensor Deltas) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Features, Logits, Deltas];
}

/// <summary>The second stage. 1504.08083; torchvision 0.14.1 <c>detection/roi_heads.py</c>, <c>ops/poolers.py</c>.</summary>
internal sealed partial class RegionHeads(FasterRcnnConfig config) : Module<RegionInput, RegionAnswers>
{
    private const int Bins = 7, Samples = 2;
    private static readonly RegionPooler Pooler = new(Bins, Samples, Aligned: false) { LevelEps = 1e-6f };

    RegionLayers BoxHead { get; } = new(config.Channels * Bins * Bins, config.HeadWidth);

    RegionPredictor BoxPredictor { get; } = new(config.HeadWidth, config.Classes);

    protected override RegionAnswers Forward(RegionInput input)
    {
        var regions = Tensor.Cat([.. input.Proposals.Select((boxes, k) => Tensor.Cat([boxes[.., ..1].FullLike(k), boxes], 1))], 0);
        var features = BoxHead.Call(Pooler.Pool(input.Maps, regions, FinestLevel(input)));
        var (logits, deltas) = BoxPredictor.Call(features);
        return new RegionAnswers(features, logits, deltas);
    }

    /// <summary>torchvision takes the finest map's stride from its size and the largest picture's, rounded to a power of 2.</summary>
    private static int FinestLevel(RegionInput input)
    {
        double share = (float)input.Maps[0].Size(2) / input.Sizes.Max(size => size.Height);
        return -(int)Math.Round(Math.Log2(share), MidpointRounding.ToEven);
    }
}
