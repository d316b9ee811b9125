using System.Numerics.Tensors;

namespace Sconce.Systems.Control.Loon;

/// <summary>
/// What measurements say of a forecast's errors elsewhere: a Gaussian process over place, pressure and time with the kernel 3.6² exp(-r);
/// env/wind_gp.py. Measurements older than six hours are forgotten.
/// </summary>
public sealed class WindProcess
{
    /// <summary>The kernel's variance, m²/s².</summary>
    public const double Variance = 3.6 * 3.6;

    private const double Noise = 0.05, Horizon = 6 * 3600;
    private static readonly double[] Scales = [357_000, 357_000, 326, 34_560];
    private readonly List<(double[] Place, double East, double North)> measured = [];

    /// <summary>Measurements kept.</summary>
    public int Count => measured.Count;

    /// <summary>Adds a measurement.</summary>
    /// <param name="x">Metres.</param>
    /// <param name="y">Metres.</param>
    /// <param name="pressure">Pa.</param>
    /// <param name="seconds">Since the launch; not before the last one's.</param>
    /// <param name="error">Measured less forecast, m/s.</param>
    public void Observe(double x, double y, double pressure, double seconds, WindVector error)
    {
        measured.Add(([x / Scales[0], y / Scales[1], pressure / Scales[2], seconds / Scales[3]], error.East, error.North));
        measured.RemoveAll(old => seconds - (old.Place[3] * Scales[3]) >= Horizon);
    }

    /// <summary>
    /// The expected errors in a column above and below a place, and how uncertain they are: posterior over prior variance, in [0, 1].
    /// </summary>
    /// <param name="x">Metres.</param>
    /// <param name="y">Metres.</param>
    /// <param name="pressures">Pa.</param>
    /// <param name="seconds">Since the launch.</param>
    /// <param name="errors">One a pressure.</param>
    /// <param name="uncertainties">One a pressure.</param>
    public void Predict(double x, double y, ReadOnlySpan<double> pressures, double seconds, Span<WindVector> errors,
        Span<double> uncertainties)
    {
        var places = new double[pressures.Length * 4];
        for (int k = 0; k < pressures.Length; k++)
        {
            ((double[])[x / Scales[0], y / Scales[1], pressures[k] / Scales[2], seconds / Scales[3]]).CopyTo(places, 4 * k);
        }
        Solve([.. measured.SelectMany(entry => entry.Place)], [.. measured.SelectMany(entry => (double[])[entry.East, entry.North])],
            places, errors, uncertainties);
    }

    /// <summary>The same of places in units of the length scales, four numbers each.</summary>
    internal static void Solve(
        double[] locations, double[] targets, double[] queries, Span<WindVector> errors, Span<double> uncertainties,
            double variance = Variance, double noise = Noise)
    {
        int count = locations.Length / 4, asked = queries.Length / 4;
        if (count == 0)
        {
            errors.Clear();
            uncertainties.Clear(); // so the official one has it before the first measurement
            return;
        }

        // K + noise = L Lᵀ, row by row.
        double[] matrix = Kernel(locations, count, locations, count, variance);
        for (int row = 0; row < count; row++)
        {
            var own = matrix.AsSpan(row * count, count);
            own[row] += noise;
            for (int column = 0; column <= row; column++)
            {
                var other = matrix.AsSpan(column * count, count);
                double rest = own[column] - TensorPrimitives.Dot(own[..column], other[..column]);
                own[column] = column == row ? Math.Sqrt(rest) : rest / other[column];
            }
        }

        // L V = K(locations, queries) and L w = targets, all queries side by side; then mean = Vᵀ w, variance = k(0) - |V|².
        double[] solved = Kernel(locations, count, queries, asked, variance), first = new double[count], second = new double[count],
            east = new double[asked], north = new double[asked];
        var explained = new double[asked];
        for (int row = 0; row < count; row++)
        {
            var line = solved.AsSpan(row * asked, asked);
            var factors = matrix.AsSpan(row * count, row);
            for (int column = 0; column < row; column++)
            {
                TensorPrimitives.MultiplyAdd(solved.AsSpan(column * asked, asked), -factors[column], line, line);
            }
            double scale = 1 / matrix[(row * count) + row];
            TensorPrimitives.Multiply(line, scale, line);
            first[row] = (targets[2 * row] - TensorPrimitives.Dot(factors, first.AsSpan(0, row))) * scale;
            second[row] = (targets[(2 * row) + 1] - TensorPrimitives.Dot(factors, second.AsSpan(0, row))) * scale;
            TensorPrimitives.MultiplyAdd(line, first[row], east, east);
            TensorPrimitives.MultiplyAdd(line, second[row], north, north);
            TensorPrimitives.MultiplyAdd(line, line, explained, explained);
        }

        for (int k = 0; k < asked; k++)
        {
            errors[k] = new WindVector(east[k], north[k]);
            uncertainties[k] = Math.Max(0, variance - explained[k]) / variance;
        }
    }

    private static double[] Kernel(double[] a, int rows, double[] b, int columns, double variance)
    {
        var kernel = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            double x = a[4 * row], y = a[(4 * row) + 1], p = a[(4 * row) + 2], t = a[(4 * row) + 3];
            for (int column = 0; column < columns; column++)
            {
                double dx = x - b[4 * column], dy = y - b[(4 * column) + 1], dp = p - b[(4 * column) + 2], dt = t - b[(4 * column) + 3];
                kernel[(row * columns) + column] = -Math.Sqrt((dx * dx) + (dy * dy) + (dp * dp) + (dt * dt));
            }
        }

        TensorPrimitives.Exp<double>(kernel, kernel);
        TensorPrimitives.Multiply(kernel, variance, kernel);
        return kernel;
    }
}
