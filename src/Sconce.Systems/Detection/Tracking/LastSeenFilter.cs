namespace Sconce.Systems.Detection.Tracking;

/// <summary>Makes <see cref="LastSeenFilter"/>s.</summary>
public sealed record LastSeenSettings : PointFilterFactory
{
    /// <inheritdoc/>
    public override PointFilter Create(ReadOnlySpan<double> first) => new LastSeenFilter(first);
}

/// <summary>No filter: an object is where it was last seen, and rests; norfair's <c>NoFilter</c>, to compare with.</summary>
public sealed class LastSeenFilter(ReadOnlySpan<double> first) : PointFilter(first)
{
    /// <inheritdoc/>
    public override void Predict(double frames = 1)
    {
    }

    /// <inheritdoc/>
    public override void Update(ReadOnlySpan<double> measured, ReadOnlySpan<bool> seen)
    {
        var x = Positions;
        for (int k = 0; k < x.Length; k++)
        {
            if (seen[k]) x[k] = measured[k];
        }
    }
}
