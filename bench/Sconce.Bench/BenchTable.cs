using System.Globalization;

namespace Sconce.Bench;

/// <summary>The table that is printed: each row's two sides in turn, the medians, and their ratio beside what is asked of it.</summary>
internal sealed class BenchTable(string folder)
{
    private const string Python = "/usr/bin/python3";
    private const int Rounds = 3;

    /// <summary>A folder for what both sides read; gone at the end.</summary>
    internal string Folder { get; } = folder;

    /// <summary>Threads that both sides use.</summary>
    internal static string Threads => Environment.GetEnvironmentVariable("SCONCE_BENCH_THREADS") ?? Environment.ProcessorCount.ToString();

    /// <summary>A path in <see cref="Folder"/>.</summary>
    internal string File(string name) => Path.Combine(Folder, name);

    internal void Begin()
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, {Threads} threads, {DateTime.UtcNow:yyyy-MM-dd}. Median of {Rounds} runs "
            + $"in turn; ratio = the peer's time / Sconce's (over 1: Sconce is faster).");
        Console.WriteLine();
        Console.WriteLine("| task | Sconce | peer | ratio | asked | memory, Sconce | memory, peer | outputs differ by |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    }

    /// <summary>A task of Sconce's in a worker process: the group's name, then the task.</summary>
    internal static Measured Own(params string[] task) => OwnBy(Environment.ProcessPath!, task);

    /// <summary>The same by another build of this program.</summary>
    internal static Measured OwnBy(string program, string[] task) => Measured.Of(program, ["worker", .. task]);

    /// <summary>A script of <c>bench/peer</c> in Debian's Python.</summary>
    internal static Measured Peer(string script, params string[] task) => Measured.Of(Python, [PeerFile(script), .. task]);

    /// <summary>A file of <c>bench/peer</c>.</summary>
    internal static string PeerFile(string name) => Path.Combine(PeerFolder(), name);

    /// <summary>Adds a row.</summary>
    /// <param name="title">What is done, and against what where that is not PyTorch.</param>
    /// <param name="own">Sconce's side.</param>
    /// <param name="peer">The other side, run in turn with it.</param>
    /// <param name="asked">The ratio that is to be reached; null where none is.</param>
    /// <param name="agreement">What <see cref="Measured.Losses"/>, or <see cref="Measured.Difference"/>, may differ by.</param>
    /// <param name="rounds">How often each side runs.</param>
    /// <returns>The ratio.</returns>
    internal double Row(string title, Func<Measured> own, Func<Measured> peer, double? asked = null, double agreement = 1e-3,
        int rounds = Rounds)
    {
        var ours = new List<Measured>();
        var theirs = new List<Measured>();
        for (int round = 0; round < rounds; round++)
        {
            ours.Add(own());
            theirs.Add(peer());
        }

        double difference = Difference(title, ours, theirs);
        if (!(difference <= agreement))
            throw new InvalidOperationException($"{title}: the outputs differ by {difference}: the times would compare nothing");
        double ratio = Median(ours.Zip(theirs), pair => pair.Second.Seconds / pair.First.Seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {title} | {Time(Median(ours, run => run.Seconds))} | "
            + $"{Time(Median(theirs, run => run.Seconds))} | {ratio:0.00} | {asked:0.0#} | {Memory(ours)} | {Memory(theirs)} | "
            + $"{difference:0.0E+0} |"));
        return ratio;
    }

    /// <summary>Adds a row of what has no peer: rows a second, a size, a share.</summary>
    /// <param name="title">What is measured.</param>
    /// <param name="value">The figure with its unit.</param>
    /// <param name="asked">What is to be reached, in words.</param>
    /// <param name="memory">The process's peak, where it counts.</param>
    internal void Figure(string title, string value, string asked = "", Measured? memory = null) =>
        Console.WriteLine($"| {title} | {value} | | | {asked} | {(memory is null ? "" : Memory([memory]))} | | |");

    private static double Difference(string title, List<Measured> ours, List<Measured> theirs)
    {
        if (ours[0].Losses.Length == 0 && theirs[0].Losses.Length == 0) return ours.Concat(theirs).Max(run => run.Difference);
        if (ours[0].Losses.Length != theirs[0].Losses.Length)
        {
            throw new InvalidOperationException(
                $"{title}: {ours[0].Losses.Length} numbers to compare here, {theirs[0].Losses.Length} there");
        }

        return ours[0].Losses.Zip(theirs[0].Losses, (a, b) => Math.Abs(a - b)).Max();
    }

    private static string Memory(List<Measured> runs) =>
        Median(runs, run => run.PeakKilobytes) is > 0 and var kilobytes ? $"{kilobytes / 1024:0} MiB" : "";

    private static double Median<T>(IEnumerable<T> items, Func<T, double> value)
    {
        var sorted = items.Select(value).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    internal static string Time(double seconds) => seconds switch
    {
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.00} µs"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"),
    };

    private static string PeerFolder()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            string peer = Path.Combine(above.FullName, "bench", "peer");
            if (Directory.Exists(peer)) return peer;
        }

        throw new DirectoryNotFoundException("bench/peer was not found above the program: run it inside the checkout");
    }
}
