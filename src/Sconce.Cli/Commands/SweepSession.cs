using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Files;
using Sconce.Reports;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>
/// One call of <c>sconce sweep</c>: its runs side by side, each in a process and a folder of its own, which is named by its settings, so
/// that the same line goes on where it was, and a longer one takes over what is there.
/// </summary>
internal sealed class SweepSession(CommandContext context, RunConfiguration start, string folder)
{
    /// <summary>The page's name in the sweep's folder.</summary>
    public const string Page = "sweep.html";

    private const string BaseName = "config.json", FailureName = "failed.txt", SpoolName = ".configurations", Prefix = "sconce: ";

    public required IReadOnlyList<SweepAxis> Axes { get; init; }

    public required int Trials { get; init; }

    public required int Seeds { get; init; }

    public required int Jobs { get; init; }

    public SweepGoal? Goal { get; init; }

    public bool Retries { get; init; }

    /// <summary>Runs what is not done yet, writes the page, and shows the table.</summary>
    public int Run(bool json)
    {
        var method = context.Methods.Get(start.Method);
        var points = SweepPlan.Of(start, method, Axes, Trials);
        Begin();
        ulong[] seeds = [.. Enumerable.Range(0, Seeds).Select(k => start.Run.Seed + (ulong)k)];
        var wanted = points.SelectMany(point => seeds.Select(seed =>
            (Point: point, Seed: seed, Folder: Path.Combine(folder, point.Folder(seed))))).ToList();
        var open = wanted.Where(run => !IsDone(run.Folder)).ToList();
        context.Terminal.Note(
            $"{folder}: {points.Count} settings, {wanted.Count} "
                + $"runs{(open.Count < wanted.Count ? $", {wanted.Count - open.Count} of them done" : "")}");
        using (var progress = new ProgressDisplay(context.Terminal, folder)) RunAll(open, wanted.Count, method, progress);
        var trials = points.Select(point => Trial(point, seeds)).ToList();
        var sweep = new SweepResult(trials, Goal);
        string page = Path.Combine(folder, Page);
        SweepPage.Write(page, $"{start.Network} over {string.Join(" and ", Axes.Select(axis => axis.Name))}", sweep);
        if (json)
        {
            var runs = trials.SelectMany(trial => trial.Runs).ToList();
            context.Terminal.WriteJson(CompareJson.Of(new RunComparison(runs), runs, page), CliJson.Readable.CompareJson);
        }
        else
        {
            FittingTable.Write(context.Terminal, sweep.Headings, sweep.Rows, kept: sweep.Headings.Count - 1);
            foreach (string remark in sweep.Remarks) context.Terminal.Write(Columns.Line(remark));
            context.Terminal.Write(Columns.Line(page));
        }

        return trials.All(trial => trial.Runs.Count == 0) ? Faults.FailureStatus : 0;
    }

    /// <summary>A sweep's folder is of one configuration: other settings than those gone over would mix unlike runs.</summary>
    private void Begin()
    {
        if (File.Exists(folder)) throw new UsageException($"--out {folder}: this is a file; a sweep needs a folder");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, SpoolName, BaseName), json = RunConfigurationFile.ToJson(start, context.Methods);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(json));
            return;
        }

        var before = RunConfigurationFile.Read(path, context.Methods);
        string[] differing = before.Network != start.Network ? ["network"] : before.Method != start.Method ? ["method"]
            : [.. context.Methods.Get(start.Method).Settings.Differences(before.Settings, start.Settings).Select(one => one.Name)
                .Where(one => one is not ("threads" or "workers"))];
        if (differing.Length > 0)
            throw new UsageException(
                $"the sweep in {folder} was begun with another {string.Join(", ", differing.Select(Setting.KebabOf))}: leave that as it "
                    + "was, or choose another --out");
    }

    private void RunAll(IReadOnlyList<(SweepPoint Point, ulong Seed, string Folder)> open, int all, TrainingMethod method,
        ProgressDisplay progress)
    {
        var waiting = new ConcurrentQueue<(SweepPoint Point, ulong Seed, string Folder)>(open);
        int done = all - open.Count, jobs = Math.Max(1, Math.Min(Jobs, open.Count));
        int threads = Math.Max(1, Environment.ProcessorCount / jobs);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        Task[] workers = [.. Enumerable.Range(0, open.Count == 0 ? 0 : jobs).Select(_ => Task.Run(Work, CancellationToken.None))];
        try
        {
            Task.WaitAll(workers, CancellationToken.None);
        }
        catch (AggregateException failed)
        {
            if (context.Cancellation.IsCancellationRequested)
            {
                context.Terminal.Note(
                    $"stopped: {done} of {all} runs are done, and those begun have kept their state; the same line goes on");
                context.Cancellation.ThrowIfCancellationRequested();
            }

            throw failed.Flatten().InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException)
                ?? failed.InnerException!;
        }

        void Work()
        {
            while (!stop.IsCancellationRequested && waiting.TryDequeue(out var run))
            {
                progress.Report(new WorkProgress($"{run.Point}, seed {run.Seed}", Volatile.Read(ref done), all));
                One(run, method, threads, stop.Token);
                int now = Interlocked.Increment(ref done);
                progress.Report(new WorkProgress($"{run.Point}, seed {run.Seed}", now, all));
                progress.Say($"{now} of {all}: {run.Point}, seed {run.Seed}: {Outcome(run.Folder)}");
            }

            stop.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>One run: what is wrong with it is kept beside it, and does not end the others.</summary>
    private void One((SweepPoint Point, ulong Seed, string Folder) run, TrainingMethod method, int threads, CancellationToken cancellation)
    {
        var values = run.Point.Values.Append((Name: "seed", Value: run.Seed.ToString(CultureInfo.InvariantCulture)));
        var settings = method.Settings.Read(start.Settings, values.Select(value => KeyValuePair.Create(value.Name, value.Value)));
        string configuration = Path.Combine(folder, SpoolName, Path.GetFileName(run.Folder) + ".json");
        AtomicFile.Write(configuration, Encoding.UTF8.GetBytes(
            RunConfigurationFile.ToJson(start with { Settings = settings }, context.Methods)), CancellationToken.None);
        var process = context.Self.Start(["train", "--config", configuration, "--out", run.Folder, "--json"]);
        process.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        using var started = Process.Start(process) ?? throw new InvalidOperationException($"{process.FileName} could not be started");
        // An interrupt reaches the whole group of a terminal; where it does not, the run is ended at its last checkpoint.
        using var killed = cancellation.Register(() => started.Kill(entireProcessTree: true));
        var said = started.StandardOutput.ReadToEndAsync(CancellationToken.None);
        string errors = started.StandardError.ReadToEnd();
        started.WaitForExit();
        _ = said.Result;
        cancellation.ThrowIfCancellationRequested();
        string failure = Path.Combine(run.Folder, FailureName);
        if (started.ExitCode == 0)
        {
            File.Delete(failure);
            return;
        }

        string last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .LastOrDefault(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            ?? $"{Prefix}ended with status {started.ExitCode}";
        if (started.ExitCode == Faults.UsageStatus) throw new UsageException(last[Prefix.Length..]);
        Directory.CreateDirectory(run.Folder);
        File.WriteAllText(failure, last[Prefix.Length..]);
    }

    private bool IsDone(string run)
    {
        string failure = Path.Combine(run, FailureName);
        if (File.Exists(failure)) return !Retries;
        return TrainedNetworks.IsRun(run) && RunOverview.Read(run, context.Methods).Progress is { Finished: true };
    }

    private string Outcome(string run)
    {
        string failure = Path.Combine(run, FailureName);
        if (File.Exists(failure)) return File.ReadAllText(failure);
        var overview = RunOverview.Read(run, context.Methods);
        string watched = overview.Configuration.Run.Watched ?? "accuracy";
        return overview.Progress?.Best is { } best && best.Figures.TryGetValue(watched, out double value)
            ? $"{watched} {ClaimFigures.Number(value)}" : "done";
    }

    private SweepTrial Trial(SweepPoint point, IReadOnlyList<ulong> seeds)
    {
        string[] folders = [.. seeds.Select(seed => Path.Combine(folder, point.Folder(seed)))];
        var failed = folders.Select(run => Path.Combine(run, FailureName)).Where(File.Exists).ToList();
        return new SweepTrial(
            point, [.. folders.Where(run => !File.Exists(Path.Combine(run, FailureName)))
                .Select(run => ComparedRun.Read(run, context.Methods))],
            [.. failed.Select(file => $"{point}: {File.ReadAllText(file)}")]);
    }
}
