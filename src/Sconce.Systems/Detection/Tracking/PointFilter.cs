namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// Where an object's coordinates are and how fast they move, from noisy measurements. Every coordinate is filtered for itself: with the
/// motion of constant
/// velocity and diagonal noise the full matrices of tryolabs/norfair@ac9c00b norfair/filter.py fall apart so.
/// </summary>
public abstract class PointFilter
{
    private readonly double[] positions, velocities;

    /// <summary>Begins at rest where the object was first seen.</summary>
    protected PointFilter(ReadOnlySpan<double> first)
    {
        positions = first.ToArray();
        velocities = new double[first.Length];
    }

    /// <summary>Coordinates, point after point.</summary>
    public Span<double> Positions => positions;

    /// <summary>Their changes a frame.</summary>
    public Span<double> Velocities => velocities;

    /// <summary>Goes on in time.</summary>
    /// <param name="frames">By how much, in frames: 1, or less or more where frames come unevenly.</param>
    public abstract void Predict(double frames = 1);

    /// <summary>Corrects by what was measured.</summary>
    /// <param name="measured">As many numbers as there are coordinates.</param>
    /// <param name="seen">Which of them count.</param>
    public abstract void Update(ReadOnlySpan<double> measured, ReadOnlySpan<bool> seen);

    /// <summary>Corrects by a whole measurement.</summary>
    public void Update(ReadOnlySpan<double> measured)
    {
        Span<bool> all = measured.Length <= 256 ? stackalloc bool[measured.Length] : new bool[measured.Length];
        all.Fill(true);
        Update(measured, all);
    }
}

/// <summary>Makes the filter of each new object.</summary>
public abstract record PointFilterFactory
{
    /// <summary>The filter of an object that is seen for the first time.</summary>
    public abstract PointFilter Create(ReadOnlySpan<double> first);
}
