using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>
/// Whether filters come in turned and mirrored families: all eight forms of each, and how alike they are. doi 10.23915/distill.00024.004.
/// </summary>
public static class FilterOrbits
{
    /// <summary>
    /// Quarter turns counter-clockwise, then the left-right mirror of each. <c>(filters, C, k, k) -> (filters, 8, C, k, k)</c>
    /// </summary>
    public static Tensor Of(Tensor filters)
    {
        using var scope = new TensorScope();
        Tensor[] turned = [.. Enumerable.Range(0, 4).Select(quarter => filters.Rot90(quarter, [-2, -1]))];
        return scope.Keep(Tensor.Stack([.. turned, .. turned.Select(form => form.Flip([-1]))], 1));
    }

    /// <summary>Cosines between every form of every filter: <c>(filters, 8, …) -> (filters, 8, 8, filters)</c>.</summary>
    /// <param name="orbits">See <see cref="Of"/>.</param>
    public static Tensor Cosines(Tensor orbits)
    {
        using var scope = new TensorScope();
        var flat = orbits.Flatten(2, -1);
        flat /= flat.Norm(2, [-1], keepdim: true).ClampMin(1e-12);
        return scope.Keep(Tensor.Einsum("asd,btd->astb", [flat, flat]));
    }
}
