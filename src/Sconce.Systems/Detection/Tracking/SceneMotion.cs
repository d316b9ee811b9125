namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// How a picture's content moved from one frame to the next because the camera did: x' = a x - b y + tx, y' = b x + a y + ty (turned,
/// zoomed, shifted).
/// </summary>
/// <param name="A">Zoom times the cosine of the turn.</param>
/// <param name="B">Zoom times its sine.</param>
/// <param name="ShiftX">In pixels.</param>
/// <param name="ShiftY">In pixels.</param>
public readonly record struct SceneMotion(double A, double B, double ShiftX, double ShiftY)
{
    private const int FewPoints = 8, Rounds = 10;
    private const double Outlier = 3;

    /// <summary>Nothing moved.</summary>
    public static SceneMotion None { get; } = new(1, 0, 0, 0);

    /// <summary>The motion that most pairs agree on. With fewer than 8 pairs, or pairs in one place, a plain shift: the median.</summary>
    /// <param name="before">x, y of points of the scene, in turn; x0, y0, x1, y1 ….</param>
    /// <param name="after">Where each is now.</param>
    /// <exception cref="ArgumentException">Unlike or odd numbers of coordinates.</exception>
    public static SceneMotion Estimate(ReadOnlySpan<double> before, ReadOnlySpan<double> after)
    {
        if (before.Length != after.Length || before.Length % 2 != 0)
        {
            throw new ArgumentException(
                $"scene motion: {before.Length} coordinates before and {after.Length} after; pairs of x and y are wanted");
        }
        int count = before.Length / 2;
        if (count == 0) return None;
        var shift = MedianShift(before, after);
        if (count < FewPoints) return shift;

        // Least squares of a similarity on the pairs that agree, which are looked for again each time; begun from the median's.
        var motion = shift;
        double scale = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            var errors = Errors(motion, before, after);
            double spread = Math.Max(Median(errors), 0.25);
            if (round > 1 && spread >= scale) break;
            scale = spread;
            var agreed = new bool[count];
            for (int k = 0; k < count; k++) agreed[k] = errors[k] <= Outlier * spread;
            if (Fit(before, after, agreed) is not { } fitted) return shift;
            motion = fitted;
        }

        return motion;
    }

    /// <summary>Moves points, x and y in turn.</summary>
    public void ApplyTo(Span<double> points)
    {
        TurnAll(points);
        for (int k = 0; k < points.Length; k += 2)
        {
            points[k] += ShiftX;
            points[k + 1] += ShiftY;
        }
    }

    /// <summary>Turns and zooms vectors, x and y in turn, without the shift.</summary>
    public void TurnAll(Span<double> vectors)
    {
        if (vectors.Length % 2 != 0)
        {
            throw new ArgumentException($"scene motion is of points of two coordinates, not of {vectors.Length} numbers");
        }
        for (int k = 0; k < vectors.Length; k += 2)
        {
            (vectors[k], vectors[k + 1]) = ((A * vectors[k]) - (B * vectors[k + 1]), (B * vectors[k]) + (A * vectors[k + 1]));
        }
    }

    private static SceneMotion MedianShift(ReadOnlySpan<double> before, ReadOnlySpan<double> after)
    {
        double[] across = new double[before.Length / 2], down = new double[across.Length];
        for (int k = 0; k < across.Length; k++)
        {
            (across[k], down[k]) = (after[2 * k] - before[2 * k], after[(2 * k) + 1] - before[(2 * k) + 1]);
        }
        return None with { ShiftX = Median(across), ShiftY = Median(down) };
    }

    private static double[] Errors(in SceneMotion motion, ReadOnlySpan<double> before, ReadOnlySpan<double> after)
    {
        double[] moved = before.ToArray(), errors = new double[before.Length / 2];
        motion.ApplyTo(moved);
        for (int k = 0; k < errors.Length; k++)
        {
            errors[k] = double.Hypot(moved[2 * k] - after[2 * k], moved[(2 * k) + 1] - after[(2 * k) + 1]);
        }
        return errors;
    }

    /// <summary>The similarity of least squares (Umeyama, 1991, in the plane); none where the points lie in one place.</summary>
    private static SceneMotion? Fit(ReadOnlySpan<double> before, ReadOnlySpan<double> after, bool[] agreed)
    {
        double x = 0, y = 0, u = 0, v = 0;
        int count = 0;
        for (int k = 0; k < agreed.Length; k++)
        {
            if (!agreed[k]) continue;
            (x, y, u, v) = (x + before[2 * k], y + before[(2 * k) + 1], u + after[2 * k], v + after[(2 * k) + 1]);
            count++;
        }

        if (count < FewPoints / 2) return null;
        (x, y, u, v) = (x / count, y / count, u / count, v / count);
        double along = 0, across = 0, size = 0;
        for (int k = 0; k < agreed.Length; k++)
        {
            if (!agreed[k]) continue;
            double px = before[2 * k] - x, py = before[(2 * k) + 1] - y, qx = after[2 * k] - u, qy = after[(2 * k) + 1] - v;
            along += (px * qx) + (py * qy);
            across += (px * qy) - (py * qx);
            size += (px * px) + (py * py);
        }

        if (size < 1 * count) return null; // within a pixel of each other: no turn or zoom can be told
        double a = along / size, b = across / size;
        return new SceneMotion(a, b, u - (a * x) + (b * y), v - (b * x) - (a * y));
    }

    private static double Median(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
