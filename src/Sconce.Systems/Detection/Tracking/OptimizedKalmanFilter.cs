namespace Sconce.Systems.Detection.Tracking;

/// <summary>Settings of <see cref="OptimizedKalmanFilter"/>; the defaults are norfair's.</summary>
/// <param name="MeasurementVariance">R, of a detector's coordinate, in squared pixels. More: smoother tracks that lag.</param>
/// <param name="ProcessVariance">q, that a frame adds to the velocity's. More: follows turns sooner.</param>
/// <param name="PositionVariance">Of a new object.</param>
/// <param name="Covariance">Between position and velocity of a new object.</param>
/// <param name="VelocityVariance">Of a new object.</param>
public sealed record OptimizedKalmanSettings(
    double MeasurementVariance = 4, double ProcessVariance = 0.1, double PositionVariance = 10, double Covariance = 0,
        double VelocityVariance = 1) : PointFilterFactory
{
    /// <inheritdoc/>
    public override PointFilter Create(ReadOnlySpan<double> first) => new OptimizedKalmanFilter(first, this);
}

/// <summary>
/// A Kalman filter of three variances a coordinate, grown only when something is measured; tryolabs/norfair@ac9c00b norfair/filter.py
/// <c>OptimizedKalmanFilter</c>. An object that is not seen keeps its variances. Steps other than one frame scale the terms by their power
/// of time.
/// </summary>
public sealed class OptimizedKalmanFilter : PointFilter
{
    private readonly double measurement, process;
    private readonly double[] position, covariance, velocity;
    private double step = 1;

    /// <summary>Begins at rest at <paramref name="first"/>.</summary>
    public OptimizedKalmanFilter(ReadOnlySpan<double> first, OptimizedKalmanSettings settings)
        : base(first)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (measurement, process) = (settings.MeasurementVariance, settings.ProcessVariance);
        position = [.. Enumerable.Repeat(settings.PositionVariance, first.Length)];
        covariance = [.. Enumerable.Repeat(settings.Covariance, first.Length)];
        velocity = [.. Enumerable.Repeat(settings.VelocityVariance, first.Length)];
    }

    /// <summary>The variance of each position.</summary>
    public ReadOnlySpan<double> PositionVariances => position;

    /// <summary>The covariance of each position with its velocity.</summary>
    public ReadOnlySpan<double> Covariances => covariance;

    /// <summary>The variance of each velocity.</summary>
    public ReadOnlySpan<double> VelocityVariances => velocity;

    /// <inheritdoc/>
    public override void Predict(double frames = 1)
    {
        step = frames;
        Span<double> x = Positions, v = Velocities;
        for (int k = 0; k < x.Length; k++) x[k] += v[k] * frames;
    }

    /// <inheritdoc/>
    public override void Update(ReadOnlySpan<double> measured, ReadOnlySpan<bool> seen)
    {
        Span<double> x = Positions, v = Velocities;
        for (int k = 0; k < x.Length; k++)
        {
            double shared = covariance[k] + (step * velocity[k]);
            double total = position[k] + (step * covariance[k]) + (step * shared) + (step * process) + measurement;
            double kept = measurement / total, gain = shared / total, after = seen[k] ? measurement : total;
            if (seen[k])
            {
                double error = measured[k] - x[k];
                x[k] += (1 - kept) * error;
                v[k] += gain * error;
            }

            position[k] = (1 - kept) * after;
            covariance[k] = gain * after;
            velocity[k] += (step * process) - (seen[k] ? gain * gain * total : 0);
        }
    }
}
