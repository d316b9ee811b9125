using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>
/// Faster R-CNN with a feature pyramid under torchvision's keys: pictures <c>(3, H, W)</c> in [0, 1] to each one's detections in its own
/// pixels. 1506.01497, 1612.03144; torchvision 0.14.1 <c>detection/faster_rcnn.py</c>.
/// </summary>
public sealed partial class FasterRcnn : Module<IReadOnlyList<Tensor>, IReadOnlyList<ClasswiseDetections>>, ICompilable
{
    private const int Levels = 4;
    private Compilation.CompiledSizes? trunk;

    /// <summary>Initial weights as torchvision has them, but for the trunk, which it takes from ImageNet.</summary>
    /// <param name="config"><c>fasterrcnn_resnet50_fpn</c> for two classes where left out.</param>
    public FasterRcnn(FasterRcnnConfig? config = null)
    {
        Config = config ?? new FasterRcnnConfig();
        if (Config.Classes < 2)
        {
            throw new ArgumentException(
                $"Faster R-CNN: {Config.Classes} classes: the background and at least one more are wanted", nameof(config));
        }

        Backbone = new PyramidTrunk(Config);
        Rpn = new RegionProposals(Config.Channels, Config.Anchors);
        RoiHeads = new RegionHeads(Config);
    }

    /// <summary>What it was built from.</summary>
    public FasterRcnnConfig Config { get; }

    /// <summary>Sizes of pictures whose trunk is compiled.</summary>
    internal int CompiledSizes => trunk?.Compiled ?? 0;

    internal PyramidTrunk Backbone { get; }

    internal RegionProposals Rpn { get; }

    internal RegionHeads RoiHeads { get; }

    /// <inheritdoc/>
    public void Compile()
    {
        Eval();
        trunk ??= new Compilation.CompiledSizes(this, Dense);
        RoiHeads.Compile();
    }

    /// <summary>
    /// Logits of the surest regions without the background, as many a picture as the one with the fewest has; on the tape.
    /// <c>(N, 3, H, W) in [0, 1] -> (N, regions, classes - 1)</c>
    /// </summary>
    internal Tensor Scores(Tensor pictures)
    {
        using var scope = new TensorScope();
        var (_, proposals, answers) = Regions(pictures.Unbind(0), Dense);
        long[] counts = [.. proposals.Select(boxes => boxes.Size(0))];
        var parts = answers.Logits[.., 1..].SplitWithSizes(counts);
        return scope.Keep(Tensor.Stack([.. parts.Select(part => part[..(int)counts.Min()])]));
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<ClasswiseDetections> Forward(IReadOnlyList<Tensor> pictures)
    {
        var (scaled, proposals, answers) = Regions(pictures, Training || trunk is null ? Dense : trunk.Call);
        var found = new List<ClasswiseDetections>();
        long first = 0;
        for (int picture = 0; picture < proposals.Length; picture++)
        {
            var rows = TensorIndex.Slice(first, first += proposals[picture].Size(0));
            found.Add(Detect(answers.Logits[rows], answers.Deltas[rows], proposals[picture], scaled, picture));
        }

        return found;
    }

    private (ScaledPictures Scaled, Tensor[] Proposals, RegionAnswers Answers) Regions(
        IReadOnlyList<Tensor> pictures, Func<Tensor, Tensor[]> dense)
    {
        var scaled = PictureScaling.Prepare(pictures, Config);
        var found = dense(scaled.Images);
        var levels = found[..Levels];
        ProposalMaps[] maps = [.. found[Levels..].Chunk(2).Select(pair => new ProposalMaps(pair[0], pair[1]))];
        var proposals = Rpn.Select(maps, Rpn.Anchors(maps, scaled.Padded), scaled.Sizes);
        return (scaled, proposals, RoiHeads.Call(new RegionInput(levels, proposals, scaled.Sizes)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) trunk?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The pyramid's four finest maps, then each level's objectness and deltas.</summary>
    private Tensor[] Dense(Tensor images)
    {
        var levels = Backbone.Call(images);
        return [.. levels.Take(Levels), .. Rpn.Call(levels).SelectMany(map => map.Tensors)];
    }

    private ClasswiseDetections Detect(Tensor logits, Tensor deltas, Tensor proposals, ScaledPictures pictures, int picture)
    {
        var boxes = Config.Coder.Decode(deltas, proposals).Unflatten(1, [-1, 4]);
        var found = Config.Selection.Select(logits.Softmax(-1)[.., 1..], boxes[.., 1..], pictures.Sizes[picture]); // without the background
        return found with { Boxes = pictures.ToOriginal(found.Boxes, picture) };
    }
}
