using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>What a hand may drag: an axis, whose handle is its row of the tour, or a group of points. doi 10.23915/distill.00025.</summary>
public static class TourHandles
{
    private const double Still = 1e-12;

    /// <summary>
    /// The nearest tour in which an axis points where its handle was dropped: the row is moved and keeps its direction, and the others are
    /// made orthogonal to it one after the other (Gram and Schmidt). <c>(n, n) -> (n, n)</c>
    /// </summary>
    /// <param name="tour">Orthogonal.</param>
    /// <param name="axis">Which, from 0.</param>
    /// <param name="drag">How far on the screen, <c>(2)</c>.</param>
    public static Tensor DragAxis(Tensor tour, int axis, Tensor drag)
    {
        using var scope = new TensorScope();
        int count = (int)tour.Size(0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)axis, (uint)count, nameof(axis));
        Tensor[] rows = tour.Unbind(0);
        rows[axis] += Functional.Pad(drag.To(tour.DType), [0, count - 2]);
        var done = new List<int>();
        foreach (int row in Enumerable.Range(0, count).OrderBy(row => row == axis ? -1 : row))
        {
            foreach (int other in done) rows[row] -= (rows[row] * rows[other]).Sum() * rows[other];
            rows[row] /= rows[row].Norm();
            done.Add(row);
        }

        return scope.Keep(Tensor.Stack(rows));
    }

    /// <summary>
    /// The rotation that turns a group's centre towards where it was dragged, in the plane of both; the tour goes on as GT R. Nothing turns
    /// for a group at the origin, or one dragged straight away from it. <c>-> (n, n)</c>
    /// </summary>
    /// <param name="centre">Of the group in the turned space, <c>(n)</c>.</param>
    /// <param name="drag">How far on the screen, <c>(2)</c>.</param>
    public static Tensor DragPoints(Tensor centre, Tensor drag)
    {
        using var scope = new TensorScope();
        int count = (int)centre.Size(0);
        var wanted = centre + Functional.Pad(drag.To(centre.DType), [0, count - 2]);
        var identity = Tensor.Eye(count, centre.DType);
        if (Length(centre) < Still || Length(wanted) < Still) return scope.Keep(identity);
        Tensor from = centre / centre.Norm(), to = wanted / wanted.Norm();
        var cosine = (from * to).Sum();
        var across = to - (cosine * from);
        if (Length(across) < Still) return scope.Keep(identity);
        var sine = across.Norm();
        across /= sine;
        var rotation = identity + ((cosine - 1) * (from.Outer(from) + across.Outer(across)))
            + (sine * (from.Outer(across) - across.Outer(from)));
        return scope.Keep(rotation);
    }

    private static double Length(Tensor vector) => vector.Norm().Item<double>();
}
