using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Detection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>What the proposal network says of one level.</summary>
/// <param name="Objectness">Logits <c>(N, A, h, w)</c>.</param>
/// <param name="Deltas"><c>(N, 4·A, h, w)</c></param>
internal sealed record ProposalMaps(Tensor Objectness, Tensor Deltas) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Objectness, Deltas];
}

/// <summary>A 3x3 convolution and two 1x1, shared by all levels; torchvision 0.14.1 <c>detection/rpn.py RPNHead</c>.</summary>
internal sealed partial class ProposalHead : Module<Tensor, ProposalMaps>
{
    private const double InitialStd = 0.01;

    internal ProposalHead(int channels, int anchors)
    {
        Conv = new Sequential { new Sequential(new Conv2d(channels, channels, 3, 1, 1), new Relu()) };
        ClsLogits = new Conv2d(channels, anchors, 1);
        BboxPred = new Conv2d(channels, 4 * anchors, 1);
        foreach (var convolution in NamedModules().Select(named => named.Module).OfType<Conv2d>())
        {
            Init.Normal(convolution.Weight, InitialStd);
            Init.Constant(convolution.Bias!, 0);
        }
    }

    Sequential Conv { get; }

    Conv2d ClsLogits { get; }

    Conv2d BboxPred { get; }

    protected override ProposalMaps Forward(Tensor map)
    {
        var hidden = Conv.Call(map);
        return new ProposalMaps(ClsLogits.Call(hidden), BboxPred.Call(hidden));
    }
}

/// <summary>The region proposal network. 1506.01497; torchvision 0.14.1 <c>detection/rpn.py</c>.</summary>
internal sealed partial class RegionProposals(int channels, AnchorGrid anchors) : Module<IReadOnlyList<Tensor>, IReadOnlyList<ProposalMaps>>
{
    /// <summary>What is kept while training; otherwise half as many anchors are looked at and half as many kept.</summary>
    internal ProposalFilter Filter { get; init; } = new() { Before = 1000, After = 1000 };

    ProposalHead Head { get; } = new(channels, anchors.PerCell(0));

    /// <summary>Every anchor of the levels, one below the other.</summary>
    /// <param name="maps">Of the head.</param>
    /// <param name="padded">Height and width of the batch.</param>
    internal Tensor Anchors(IReadOnlyList<ProposalMaps> maps, (long Height, long Width) padded)
    {
        using var scope = new TensorScope();
        var grids = maps.Select(map => (map.Objectness.Size(2), map.Objectness.Size(3))).ToArray();
        return scope.Keep(anchors.Levels(padded, grids).To(maps[0].Objectness.Device));
    }

    /// <summary>Each picture's proposals, surest first: <c>(P, 4)</c>.</summary>
    /// <param name="maps">Of the head.</param>
    /// <param name="all">Every anchor.</param>
    /// <param name="sizes">Of the pictures, without padding.</param>
    internal Tensor[] Select(IReadOnlyList<ProposalMaps> maps, Tensor all, IReadOnlyList<(long Height, long Width)> sizes)
    {
        using var scope = new TensorScope();
        var filter = Training ? Filter with { Before = 2 * Filter.Before, After = 2 * Filter.After } : Filter;
        return scope.Keep(sizes.Select((size, picture) => filter.Select(Levels(maps, all, picture), BoxCoder.Proposals, size)).ToArray());
    }

    protected override IReadOnlyList<ProposalMaps> Forward(IReadOnlyList<Tensor> maps) => [.. maps.Select(map => Head.Call(map))];

    private static List<ProposalLevel> Levels(IReadOnlyList<ProposalMaps> maps, Tensor all, int picture)
    {
        var levels = new List<ProposalLevel>();
        long first = 0;
        foreach (var map in maps)
        {
            var objectness = AnchorRows.Of(map.Objectness, 1, picture).Squeeze(1);
            long end = first + objectness.Size(0);
            levels.Add(new ProposalLevel(objectness, AnchorRows.Of(map.Deltas, 4, picture), all[TensorIndex.Slice(first, end)]));
            first = end;
        }

        return levels;
    }
}
