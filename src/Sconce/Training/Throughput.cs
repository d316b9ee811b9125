namespace Sconce.Training;

/// <summary>Examples a second of late: an average that forgets half of what lies ten seconds back.</summary>
internal sealed class Throughput
{
    private const double HalfLife = 10;
    private double examples;
    private double seconds;

    /// <summary>0 before the first step.</summary>
    public double PerSecond => seconds > 0 ? examples / seconds : 0;

    public void Add(int count, double duration)
    {
        double kept = Math.Pow(0.5, duration / HalfLife);
        examples = (examples * kept) + count;
        seconds = (seconds * kept) + duration;
    }
}
