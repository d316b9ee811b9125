namespace Sconce.Cli.Progress;

/// <summary>Estimates how long work still takes, from the steps done since its stage began.</summary>
internal sealed class TimeLeft
{
    private string stage = "";
    private long total = -1;
    private long first;
    private long last;
    private TimeSpan since;

    /// <summary>What is left, or null while nothing can be said.</summary>
    /// <param name="work">The latest report.</param>
    /// <param name="now">Time since the work began.</param>
    public TimeSpan? Estimate(WorkProgress work, TimeSpan now)
    {
        if (work.Stage != stage || work.Total != total || work.Done < last)
        {
            bool isFirst = total < 0;
            (stage, total) = (work.Stage, work.Total);
            // What the very first report has done was done since the work began; later stages begin when they are first seen.
            (first, since) = isFirst ? (0, TimeSpan.Zero) : (work.Done, now);
        }

        last = work.Done;
        long done = work.Done - first;
        if (work.Total <= 0 || done <= 0 || now <= since) return null;
        return (now - since) * (Math.Max(0, work.Total - work.Done) / (double)done);
    }
}
