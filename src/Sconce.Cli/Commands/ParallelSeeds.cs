using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Reports;
using Sconce.Torch;

namespace Sconce.Cli.Commands;

/// <summary>
/// A claim's seeds side by side: this process takes some, processes of their own the others, since libtorch's random numbers are one a
/// process. Each gets its share of the cores. The claim puts them together in their order and decides, as if they had followed one another.
/// </summary>
internal sealed class ParallelSeeds(CatalogueSystem system, ClaimOptions options, int jobs, CommandLineOfSelf self)
{
    private const string Prefix = "sconce: ";
    private readonly Claim claim = system.Claim!;

    /// <summary>How many seeds run at once: as many as asked for, else as there are cores; a quick run's one after another, unless asked
    /// for.</summary>
    internal static int AtOnce(Claim claim, ClaimOptions options, int? asked) =>
        Math.Min(claim.Seeds(options).Count, asked ?? (options.Quick ? 1 : Environment.ProcessorCount));

    /// <summary>Runs every seed.</summary>
    internal ClaimResult Run(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var seeds = claim.Seeds(options);
        int threads = Math.Max(1, Environment.ProcessorCount / jobs);
        var waiting = new ConcurrentQueue<int>(seeds.Skip(1)); // the first is this process's: its pictures are the ones to show
        var done = new ConcurrentDictionary<int, SeedResult>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var others = Enumerable.Range(1, jobs - 1)
            .Select(_ => Task.Run(() => Work(seed => Elsewhere(seed, threads, stop.Token)), CancellationToken.None)).ToArray();
        int before = TorchRuntime.Threads;
        TorchRuntime.Threads = threads;
        try
        {
            Work(seed => claim.RunSeed(seed, options, progress, stop.Token), seeds[0]);
            progress?.Report(new WorkProgress("waiting for the other seeds", done.Count, seeds.Count));
            Task.WaitAll(others, CancellationToken.None);
        }
        catch (AggregateException failed)
        {
            cancellation.ThrowIfCancellationRequested();
            throw failed.Flatten().InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException)
                ?? failed.InnerException!;
        }
        finally
        {
            TorchRuntime.Threads = before;
        }

        return claim.Together([.. seeds.Select(seed => done[seed])], options);

        void Work(Func<int, SeedResult> run, int? first = null)
        {
            try
            {
                if (first is { } own) done[own] = run(own);
                while (waiting.TryDequeue(out int seed)) done[seed] = run(seed);
            }
            catch
            {
                stop.Cancel(); // one that fails ends the others
                throw;
            }
        }
    }

    private SeedResult Elsewhere(int seed, int threads, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("sconce-seed-").FullName;
        try
        {
            string[] arguments = ["claim", system.Card.Name, "--seeds", "1", "--first-seed", seed.ToString(CultureInfo.InvariantCulture),
                "--out", folder, .. options.Data is { } data ? (string[])["--data", data] : [],
                .. options.Quick ? (string[])["--quick"] : []];
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
                string last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()
                    ?? $"ended with status {process.ExitCode}";
                throw new InvalidOperationException($"{system.Card.Name}, seed {seed}: "
                    + $"{(last.StartsWith(Prefix, StringComparison.Ordinal) ? last[Prefix.Length..] : last)}");
            }

            var record = ClaimRecord.Read(Path.Combine(folder, ClaimReport.Result));
            return new SeedResult([.. record.Rows.Select(row => row.ToRow())])
            {
                Checks = [.. record.Checks.Select(row => row.ToRow())],
                Curves = [.. record.Curves.Select(curve => new ClaimCurve(curve.Chart, curve.Name, curve.X, curve.Y))],
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
    internal ProcessStartInfo Start(IEnumerable<string> arguments) =>
        new(Program, [.. Before, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
