using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Reports;
using Sconce.Torch;

namespace Sconce.Cli.Commands;

/// <summary>
/// A claim's seeds side by side: this process takes some, processes of their own the others, since libtorch's random numbers are one a process. Each
/// gets its share of the cores. The rows are put together in the order of the seeds, and the claim's rule decides on them as if they had followed one another.
/// </summary>
internal sealed class ParallelSeeds(NewsletterSystem system, ClaimOptions options, int jobs, CommandLineOfSelf self)
{
    private const string Prefix = "sconce: ";
    private readonly Claim claim = system.Claim!;

    /// <summary>How many seeds at once are worth it: one where the claim's rule cannot be applied to rows, or the run is quick.</summary>
    internal static int Worthwhile(Claim claim, ClaimOptions options, int? asked)
    {
        int seeds = options.Seeds ?? claim.DefaultSeeds;
        return options.Quick || claim is not IJudgedByRows ? 1 : Math.Min(seeds, asked ?? Environment.ProcessorCount);
    }

    /// <summary>Runs every seed.</summary>
    internal ClaimResult Run(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int count = options.Seeds ?? claim.DefaultSeeds, threads = Math.Max(1, Environment.ProcessorCount / jobs);
        var waiting = new ConcurrentQueue<int>(Enumerable.Range(options.FirstSeed, count));
        var done = new ConcurrentDictionary<int, ClaimResult>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var others = Enumerable.Range(1, jobs - 1).Select(_ => Task.Run(() => Work(seed => Elsewhere(seed, threads, stop.Token)), CancellationToken.None)).ToArray();
        int before = TorchRuntime.Threads;
        TorchRuntime.Threads = threads;
        try
        {
            Work(seed => claim.Run(options with { Seeds = 1, FirstSeed = seed }, progress, stop.Token));
            progress?.Report(new WorkProgress("waiting for the other seeds", done.Count, count));
            Task.WaitAll(others, CancellationToken.None);
        }
        catch (AggregateException failed)
        {
            cancellation.ThrowIfCancellationRequested();
            throw failed.Flatten().InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException) ?? failed.InnerException!;
        }
        finally
        {
            TorchRuntime.Threads = before;
        }

        return Together([.. done.OrderBy(entry => entry.Key).Select(entry => entry.Value)]);

        void Work(Func<int, ClaimResult> run)
        {
            try
            {
                while (waiting.TryDequeue(out int seed)) done[seed] = run(seed);
            }
            catch
            {
                stop.Cancel(); // one that fails ends the others
                throw;
            }
        }
    }

    private ClaimResult Elsewhere(int seed, int threads, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("sconce-seed-").FullName;
        try
        {
            string[] arguments = ["claim", system.Card.Name, "--seeds", "1", "--first-seed", seed.ToString(CultureInfo.InvariantCulture), "--out", folder, .. options.Data is { } data ? (string[])["--data", data] : []];
            var start = self.Start(arguments);
            start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
            using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started");
            using var killed = cancellation.Register(() => process.Kill(entireProcessTree: true));
            var said = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            _ = said.Result;
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
            {
                string last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"ended with status {process.ExitCode}";
                throw new InvalidOperationException($"{system.Card.Name}, seed {seed}: {(last.StartsWith(Prefix, StringComparison.Ordinal) ? last[Prefix.Length..] : last)}");
            }

            var record = ClaimRecord.Read(Path.Combine(folder, ClaimReport.Result));
            return new ClaimResult(record.Verdict ?? Verdict.Undecided, record.Reason, [.. record.Rows.Select(row => new ClaimRow(row.Arm, row.Metric, row.Values) { IsMethod = row.IsMethod })])
            {
                Curves = [.. record.Curves.Select(curve => new ClaimCurve(curve.Chart, curve.Name, curve.X, curve.Y))],
                Configuration = [.. record.Configuration.Select(setting => (setting.Name, setting.Value))],
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private ClaimResult Together(IReadOnlyList<ClaimResult> seeds)
    {
        List<ClaimRow> rows =
        [
            .. seeds[0].Rows.Select(row => row with
            {
                Values = [.. seeds.SelectMany(seed => seed.Rows.First(other => (other.Arm, other.Metric) == (row.Arm, row.Metric)).Values)],
            }),
        ];
        var (verdict, reason) = ((IJudgedByRows)claim).Judge(rows);
        var full = seeds.FirstOrDefault(seed => seed.Pictures.Count > 0) ?? seeds[0];
        return full with { Verdict = verdict, Reason = reason, Rows = rows, Curves = [.. seeds.SelectMany(seed => seed.Curves)] };
    }
}

/// <summary>How this very command is started again.</summary>
internal sealed record CommandLineOfSelf(string Program, IReadOnlyList<string> Before)
{
    /// <summary>Of this process: a program of its own, or a library that <c>dotnet</c> runs.</summary>
    internal static CommandLineOfSelf OfProcess()
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("this process does not say where its program lies");
        bool hosted = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new(program, hosted ? [Environment.GetCommandLineArgs()[0]] : []);
    }

    /// <summary>With other arguments; its output is read.</summary>
    internal ProcessStartInfo Start(IEnumerable<string> arguments) => new(Program, [.. Before, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
