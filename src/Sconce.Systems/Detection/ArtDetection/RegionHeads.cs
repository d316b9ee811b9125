using Sconce.Compilation;
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
    private readonly FasterRcnnConfig config = config;
    private CompiledModule? compiled;

    RegionLayers BoxHead { get; } = new(config.Channels * Bins * Bins, config.HeadWidth);

    RegionPredictor BoxPredictor { get; } = new(config.HeadWidth, config.Classes);

    protected override RegionAnswers Forward(RegionInput input)
    {
        var regions = Tensor.Cat([.. input.Proposals.Select((boxes, k) => Tensor.Cat([boxes[.., ..1].FullLike(k), boxes], 1))], 0);
        var pooled = Pooler.Pool(input.Maps, regions, FinestLevel(input));
        if (compiled is not null && !Training && !pooled.RequiresGrad && pooled.Device.Type == DeviceType.Cpu)
        {
            var row = compiled.Call(pooled);
            long classes = config.Classes, width = config.HeadWidth;
            return new RegionAnswers(row.Narrow(1, 0, width), row.Narrow(1, width, classes), row.Narrow(1, width + classes, 4 * classes));
        }

        var features = BoxHead.Call(pooled);
        var (logits, deltas) = BoxPredictor.Call(features);
        return new RegionAnswers(features, logits, deltas);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) compiled?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Packs the linear layers, for any number of regions; where that cannot be, they run as they are.</summary>
    internal void Compile()
    {
        if (compiled is not null) return;
        using var scope = new TensorScope();
        try
        {
            // Not disposed: the layers are this module's.
            compiled = new RegionReading(BoxHead, BoxPredictor).Compile(Tensor.Zeros([1, config.Channels, Bins, Bins]), anyBatch: true);
        }
        catch (TorchException)
        {
            // They run as they are.
        }
    }

    /// <summary>torchvision takes the finest map's stride from its size and the largest picture's, rounded to a power of 2.</summary>
    private static int FinestLevel(RegionInput input)
    {
        double share = (float)input.Maps[0].Size(2) / input.Sizes.Max(size => size.Height);
        return -(int)Math.Round(Math.Log2(share), MidpointRounding.ToEven);
    }
}

/// <summary>Features, logits and deltas of a region side by side: <c>(R, C, 7, 7) -> (R, width + 5·classes)</c>.</summary>
internal sealed partial class RegionReading(RegionLayers layers, RegionPredictor predictor) : Module<Tensor, Tensor>
{
    RegionLayers Layers { get; } = layers;

    RegionPredictor Predictor { get; } = predictor;

    protected override Tensor Forward(Tensor regions)
    {
        var features = Layers.Call(regions);
        var (logits, deltas) = Predictor.Call(features);
        return Tensor.Cat([features, logits, deltas], 1);
    }
}
