using System.Diagnostics;

namespace Sconce.Bench;

/// <summary>
/// What times are read from: the wall's clock, or with <c>SCONCE_BENCH_CLOCK=processor</c> how long this process has computed, which on a
/// machine that others use too, and with one thread, is what ratios can be told from.
/// </summary>
internal static class BenchClock
{
    internal static readonly bool OfProcessor = Environment.GetEnvironmentVariable("SCONCE_BENCH_CLOCK") == "processor";

    /// <summary>Seconds since some moment.</summary>
    internal static double Now =>
        OfProcessor ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}
