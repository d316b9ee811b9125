namespace Sconce.Systems.Detection.Tracking;

/// <summary>Settings of <see cref="FullKalmanFilter"/>; the defaults are norfair's.</summary>
/// <param name="MeasurementVariance">R, of a detector's coordinate, in squared pixels.</param>
/// <param name="ProcessVariance">Q, that a frame adds to the velocity's; the position's is 1, as norfair leaves it.</param>
/// <param name="VelocityVariance">P, of a new object's velocity; its position's is 1.</param>
public sealed record FullKalmanSettings(double MeasurementVariance = 4, double ProcessVariance = 0.1, double VelocityVariance = 10)
    : PointFilterFactory
{
    /// <inheritdoc/>
    public override PointFilter Create(ReadOnlySpan<double> first) => new FullKalmanFilter(first, this);
}

/// <summary>
/// The textbook's Kalman filter of constant velocity, whose variance grows in every frame; norfair's <c>FilterPyKalmanFilter</c>,
/// rlabbe/filterpy@3b51149.
/// </summary>
public sealed class FullKalmanFilter : PointFilter
{
    private readonly double measurement, process;
    private readonly double[] position, covariance, velocity; // P of each coordinate: symmetric, 2 x 2

    /// <summary>Begins at rest at <paramref name="first"/>.</summary>
    public FullKalmanFilter(ReadOnlySpan<double> first, FullKalmanSettings settings)
        : base(first)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (measurement, process) = (settings.MeasurementVariance, settings.ProcessVariance);
        position = [.. Enumerable.Repeat(1.0, first.Length)];
        covariance = new double[first.Length];
        velocity = [.. Enumerable.Repeat(settings.VelocityVariance, first.Length)];
    }

    /// <inheritdoc/>
    public override void Predict(double frames = 1)
    {
        Span<double> x = Positions, v = Velocities;
        for (int k = 0; k < x.Length; k++)
        {
            x[k] += v[k] * frames;
            position[k] += (2 * frames * covariance[k]) + (frames * frames * velocity[k]) + frames;
            covariance[k] += frames * velocity[k];
            velocity[k] += frames * process;
        }
    }

    /// <inheritdoc/>
    public override void Update(ReadOnlySpan<double> measured, ReadOnlySpan<bool> seen)
    {
        Span<double> x = Positions, v = Velocities;
        for (int k = 0; k < x.Length; k++)
        {
            if (!seen[k]) continue; // its row of H is zero, and so is its gain
            double error = measured[k] - x[k], total = position[k] + measurement, gain = position[k] / total, slope = covariance[k] / total;
            x[k] += gain * error;
            v[k] += slope * error;
            velocity[k] -= slope * covariance[k];
            covariance[k] *= 1 - gain;
            position[k] *= 1 - gain;
        }
    }
}
