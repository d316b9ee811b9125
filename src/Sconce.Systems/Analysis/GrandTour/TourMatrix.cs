using Sconce.Torch;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>
/// The rotations of a grand tour by the torus method: a product of rotations in the planes of all pairs of axes, each turning at a speed of
/// its own. Asimov 1985; doi 10.23915/distill.00025. Data are rows: a point is shown at x GT, of which the first two numbers are the
/// screen.
/// </summary>
public static class TourMatrix
{
    /// <summary>How many angles a tour of so many dimensions has.</summary>
    public static int Angles(int dimensions) => dimensions * (dimensions - 1) / 2;

    /// <summary>The product of the rotations. <c>(n (n - 1) / 2) -> (n, n)</c>, orthogonal; gradients flow to the angles.</summary>
    /// <param name="angles">In radians, pairs i &lt; j in lexicographic order.</param>
    /// <param name="dimensions">n, 2 at least.</param>
    /// <exception cref="ArgumentException">There are not as many angles as pairs.</exception>
    public static Tensor Of(Tensor angles, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 2);
        if (angles.Elements != Angles(dimensions))
        {
            throw new ArgumentException($"a tour of {dimensions} dimensions has {Angles(dimensions)} angles, not {angles.Elements}");
        }

        using var scope = new TensorScope();
        Tensor[] cosines = angles.Cos().Unbind(0), sines = angles.Sin().Unbind(0);
        Tensor[] columns = Tensor.Eye(dimensions, angles.DType).Unbind(1);
        int pair = 0;
        for (int i = 0; i < dimensions; i++)
        {
            for (int j = i + 1; j < dimensions; j++, pair++)
            {
                // R has cos at (i, i) and (j, j), sin at (i, j), -sin at (j, i).
                (columns[i], columns[j]) = (
                    (columns[i] * cosines[pair]) - (columns[j] * sines[pair]),
                    (columns[i] * sines[pair]) + (columns[j] * cosines[pair]));
            }
        }

        return scope.Keep(Tensor.Stack(columns, 1));
    }

    /// <summary>The tour at a time: each angle is its speed times the time, within one turn. <c>-> (n, n)</c> float64</summary>
    /// <param name="speeds">Radians a second, irrational to each other so that every view comes.</param>
    /// <param name="seconds">Since the begin.</param>
    /// <param name="dimensions">n.</param>
    public static Tensor At(ReadOnlySpan<double> speeds, double seconds, int dimensions)
    {
        using var scope = new TensorScope();
        var angles = new double[speeds.Length];
        for (int k = 0; k < angles.Length; k++) angles[k] = speeds[k] * seconds % (2 * Math.PI);
        return scope.Keep(Of(Tensor.From(angles), dimensions));
    }

    /// <summary>What the screen shows. <c>(points, n) -> (points, 2)</c></summary>
    /// <param name="points">Rows.</param>
    /// <param name="tour">See <see cref="Of"/>.</param>
    public static Tensor Project(Tensor points, Tensor tour)
    {
        using var scope = new TensorScope();
        return scope.Keep(points.Matmul(tour[.., 0..2]));
    }
}
