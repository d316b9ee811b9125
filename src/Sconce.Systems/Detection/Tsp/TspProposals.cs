using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>What the proposal network says of one level.</summary>
/// <param name="Objectness">Logits <c>(N, A, h, w)</c>.</param>
/// <param name="Deltas"><c>(N, 4·A, h, w)</c></param>
internal sealed record AnchorLevel(Tensor Objectness, Tensor Deltas) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Objectness, Deltas];
}

/// <summary>
/// Two towers shared by all levels, one for objectness and one for boxes, with batch norms of each level's own; <c>maps (N, C, h, w) ->
/// </c>
/// answers for every anchor. Edward-Sun/TSP-Detection@1b8a503 rcnn/myrpn.py <c>MyStandardRPNHead</c>.
/// </summary>
internal sealed partial class TspProposalHead : Module<IReadOnlyList<Tensor>, IReadOnlyList<AnchorLevel>>
{
    private const double InitialStd = 0.01;

    internal TspProposalHead(int channels, int anchors, int convolutions, int levels)
    {
        ObjConv = Convolutions();
        AnchorConv = Convolutions();
        ObjBnList = Norms();
        AnchorBnList = Norms();
        ObjectnessLogits = new Conv2d(channels, anchors, 1);
        AnchorDeltas = new Conv2d(channels, 4 * anchors, 1);
        foreach (var last in new[] { ObjectnessLogits, AnchorDeltas })
        {
            Init.Normal(last.Weight, InitialStd);
            Init.Constant(last.Bias!, 0);
        }

        ModuleList<ConvolutionBlock> Convolutions() =>
            new(Enumerable.Range(0, convolutions).Select(_ => new ConvolutionBlock(channels, norm: false)));

        ModuleList<ModuleList<BatchNorm2d>> Norms() => new(Enumerable.Range(0, levels).Select(_ =>
            new ModuleList<BatchNorm2d>(Enumerable.Range(0, convolutions).Select(_ => new BatchNorm2d(channels)))));
    }

    ModuleList<ConvolutionBlock> ObjConv { get; }

    ModuleList<ConvolutionBlock> AnchorConv { get; }

    ModuleList<ModuleList<BatchNorm2d>> ObjBnList { get; }

    ModuleList<ModuleList<BatchNorm2d>> AnchorBnList { get; }

    Conv2d ObjectnessLogits { get; }

    Conv2d AnchorDeltas { get; }

    protected override IReadOnlyList<AnchorLevel> Forward(IReadOnlyList<Tensor> maps)
    {
        if (maps.Count != ObjBnList.Count)
        {
            throw new TorchException($"TSP's proposals: {maps.Count} maps for norms of {ObjBnList.Count} levels");
        }

        return
        [
            .. maps.Select((map, level) => new AnchorLevel(
                ObjectnessLogits.Call(Tower(map, ObjConv, ObjBnList[level])),
                AnchorDeltas.Call(Tower(map, AnchorConv, AnchorBnList[level])))),
        ];
    }

    private static Tensor Tower(Tensor map, ModuleList<ConvolutionBlock> convolutions, ModuleList<BatchNorm2d> norms)
    {
        for (int k = 0; k < convolutions.Count; k++) map = norms[k].Call(convolutions[k].Call(map)).ReluInPlace();
        return map;
    }
}

/// <summary>The proposal network: head, anchors and the choice of proposals. 1506.01497.</summary>
internal sealed partial class TspProposals(TspRcnnConfig config) : Module<IReadOnlyList<Tensor>, IReadOnlyList<AnchorLevel>>
{
    private const int FinestStride = 8;

    /// <summary>At P3 to P7: nine in each cell, all ratios of one size together.</summary>
    internal AnchorGrid Anchors { get; } = new(config.AnchorSizes, config.AnchorRatios, AnchorOrder.SizesFirst);

    TspProposalHead RpnHead { get; } = new(
        config.Backbone.Channels,
        config.AnchorSizes[0].Count * config.AnchorRatios.Count,
        config.ProposalConvolutions,
        config.AnchorSizes.Count);

    /// <summary>One level's anchors, <c>(h·w·A, 4)</c>.</summary>
    internal Tensor AnchorsOf(int level, Tensor map)
    {
        long stride = FinestStride << level;
        return Anchors.Level(level, (map.Size(2), map.Size(3)), (stride, stride));
    }

    /// <summary>Each picture's proposals, surest first: <c>(P, 4)</c>.</summary>
    /// <param name="answers">Of the head.</param>
    /// <param name="sizes">Of the pictures, without padding.</param>
    internal Tensor[] Select(IReadOnlyList<AnchorLevel> answers, IReadOnlyList<(long Height, long Width)> sizes)
    {
        using var scope = new TensorScope();
        var filter = new ProposalFilter { Before = Training ? 2000 : 1000, After = config.Proposals, LeastSide = 0 };
        var anchors = answers.Select((level, k) => AnchorsOf(k, level.Objectness).To(level.Objectness.Device)).ToArray();
        return scope.Keep(sizes.Select((size, picture) => filter.Select(
            [.. answers.Select((level, k) => Rows(level, picture, anchors[k]))], BoxCoder.Proposals, size)).ToArray());

        static ProposalLevel Rows(AnchorLevel level, int picture, Tensor anchors) =>
            new(AnchorRows.Of(level.Objectness, 1, picture).Squeeze(1), AnchorRows.Of(level.Deltas, 4, picture), anchors);
    }

    protected override IReadOnlyList<AnchorLevel> Forward(IReadOnlyList<Tensor> maps) => RpnHead.Call(maps);
}
