using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>Features of pictures at several sizes.</summary>
/// <param name="Rows">Of each size, <c>(N, C·H·W)</c>.</param>
/// <param name="Widths">W of each size, by which distances are divided.</param>
public sealed record FeatureRows(IReadOnlyList<Tensor> Rows, IReadOnlyList<long> Widths) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Rows;
}

/// <summary>What pictures are compared by: <c>(N, 3, H, W) in [0, 1] -> sizes x (N, C·H'·W')</c>.</summary>
public abstract class FeatureComparison : Module<Tensor, FeatureRows>
{
    /// <summary>The distance of each picture from its target, <c>(N)</c>: over sizes, squared differences over squared widths.</summary>
    public Tensor Distance(Tensor pictures, Tensor targets)
    {
        using var scope = new TensorScope();
        FeatureRows first = Call(pictures), second = Call(targets);
        var terms = first.Widths.Select((width, k) => (first.Rows[k] - second.Rows[k]).Square().Sum([1]) / ((double)width * width));
        return scope.Keep(terms.Aggregate((sum, term) => sum + term));
    }
}

/// <summary>Pictures compared pixel by pixel, where no network's weights are at hand; half as large and a quarter as large too.</summary>
public sealed partial class PixelFeatures : FeatureComparison
{
    private const int Sizes = 3;

    /// <inheritdoc/>
    protected override FeatureRows Forward(Tensor input)
    {
        List<Tensor> maps = [input];
        while (maps.Count < Sizes && Math.Min(maps[^1].Size(2), maps[^1].Size(3)) > 1) maps.Add(maps[^1].AvgPool2d([2, 2], [2, 2]));
        return new FeatureRows([.. maps.Select(map => map.Flatten(1))], [.. maps.Select(map => map.Size(3))]);
    }
}
