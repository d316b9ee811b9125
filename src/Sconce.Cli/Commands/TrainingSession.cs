using System.Globalization;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Reports;
using Sconce.Torch;
using Sconce.Training;
using Spectre.Console;

namespace Sconce.Cli.Commands;

/// <summary>One call of <c>sconce train</c>: finds out what is asked, then begins a run, or goes on with it.</summary>
internal sealed class TrainingSession(CommandContext context, string? output, string? config, bool json, Device? device = null)
{
    /// <summary>The setting of decided pictures (<see cref="SamplingSettings.Decisions"/>).</summary>
    public const string Decisions = "decisions";

    private const string DefaultFolder = "runs";

    /// <summary>Whether decisions were typed: a run that goes on learns from those, too, that came after it began.</summary>
    public bool TakesDecisions { get; init; }

    /// <summary>Trains.</summary>
    /// <param name="network">As it was typed; null where it was not.</param>
    /// <param name="method">As it was typed; null where it was not.</param>
    /// <param name="apply">Puts what was typed over a configuration.</param>
    /// <param name="check">Whether only the sanity checks are wanted.</param>
    public int Run(string? network, TrainingMethod? method, Func<RunConfiguration, RunConfiguration> apply, bool check)
    {
        var cancellation = context.Cancellation;
        var given = config is null ? null
            : RunConfigurationFile.Read(config, context.Methods, itsNetwork => MethodOf(network ?? itsNetwork, method));
        string path = output ?? DefaultOutput(network ?? (given is { Network.Length: > 0 } ? given.Network : null)
            ?? throw new UsageException("which network? 'sconce train resnet18 --data photos/' for example ('sconce list --models' names "
                + "them; --config or --out of a run does too)"), method);
        if (File.Exists(path)) throw new UsageException($"--out {path}: this is a file; a run needs a folder");
        bool isNew = !Directory.Exists(path);
        RunFolder? folder = null;
        try
        {
            folder = RunFolder.Open(path);
            var asked = Asked(folder, network, method, given, apply);
            using var run = Open(asked, path, cancellation);
            if (check) return Check(run, Path.Combine(path, "check.png"), cancellation);
            if (!File.Exists(folder.Configuration) || BecomesLonger(folder, run.Configuration) || TakesDecisions)
                folder.WriteConfiguration(RunConfigurationFile.ToJson(run.Configuration, context.Methods));
            Train(run, folder, path, cancellation);
            return 0;
        }
        finally
        {
            folder?.Dispose();
            // Nothing was begun: nothing is left.
            if (isNew && folder is not null && !File.Exists(folder.Configuration)) Forget(path, keepsPicture: check);
        }
    }

    private static string DefaultOutput(string network, TrainingMethod? method) =>
        Path.Combine(DefaultFolder, method is null || method == ClassifierMethod.Plain ? network : $"{network}-{method.Name}");

    private TrainingRun Open(RunConfiguration asked, string path, CancellationToken cancellation)
    {
        using var progress = new ProgressDisplay(context.Terminal, path);
        return context.Methods.Get(asked.Method).Open(new TrainingSetup(asked, context.Models, context.Methods)
        {
            Folder = path,
            Fault = fault => context.Terminal.Note($"{fault}"),
            Remark = remark => context.Terminal.Note(remark),
            Progress = progress,
            Cancellation = cancellation,
            Device = device,
            TakesDecisions = TakesDecisions,
        });
    }

    /// <summary>The method that was typed, else the one that trains a network where none is named.</summary>
    private TrainingMethod MethodOf(string? network, TrainingMethod? method) =>
        method ?? (network is not null && context.Models.Find(network) is { } found
            ? context.Methods.DefaultFor(found) : ClassifierMethod.Plain);

    private static void Forget(string path, bool keepsPicture)
    {
        File.Delete(Path.Combine(path, ".lock"));
        if (!keepsPicture && !Directory.EnumerateFileSystemEntries(path).Any()) Directory.Delete(path);
    }

    /// <summary>The configuration: the run's own where it was begun, else the file's, else the defaults; over it what was typed, which must
    /// not change a run.</summary>
    private RunConfiguration Asked(
        RunFolder folder, string? network, TrainingMethod? method, RunConfiguration? given, Func<RunConfiguration, RunConfiguration> apply)
    {
        if (!File.Exists(folder.Configuration))
        {
            if (folder.HasCheckpoint)
                throw new UsageException($"{folder.Folder} holds a checkpoint but no config.json: choose another --out");
            return apply(Named(given ?? MethodOf(network, method).Start(network ?? ""), network, method));
        }

        var saved = RunConfigurationFile.Read(folder.Configuration, context.Methods);
        var resumed = given is null ? saved : Merge(saved, given);
        var asked = apply(Named(resumed, SameNetwork(saved, network, method), method));
        var differences = Differences(saved, asked).ToList();
        if (differences.Count == 0)
        {
            if (TakesDecisions) MayTake(folder, saved, asked);
            return asked;
        }

        string what = string.Join(", ",
            differences.Select(difference => $"{difference.Key} {difference.First} (asked: {difference.Second})"));
        throw new UsageException($"the run in {folder.Folder} was begun with {what}: leave that out to go on with it, or choose "
            + $"another --out");
    }

    /// <summary>In what two configurations differ that would change a run; more epochs or steps than before do not.</summary>
    private IEnumerable<(string Key, string First, string Second)> Differences(RunConfiguration saved, RunConfiguration asked)
    {
        if (saved.Network != asked.Network) yield return ("network", saved.Network, asked.Network);
        if (saved.Method != asked.Method)
        {
            yield return ("method", saved.Method, asked.Method);
            yield break;
        }

        if (asked.Classes is { } classes && !classes.SequenceEqual(saved.Classes ?? []))
            yield return ("classes", string.Join(",", saved.Classes ?? []), string.Join(",", classes));
        foreach (var (name, first, second) in context.Methods.Get(saved.Method).Settings.Differences(saved.Settings, asked.Settings))
        {
            if (name is "threads" or "workers" or "saveEvery") continue;
            if (name is "epochs" or "steps" && IsLonger(saved, asked)) continue;
            if (name == Decisions && first.Length == 0) continue;   // added, and none of the others lost
            yield return (name, first.Length > 0 ? first : "none", second.Length > 0 ? second : "none");
        }
    }

    /// <summary>Refuses pictures for a run that would not learn from them, or whose epoch is under way: its order is drawn.</summary>
    private void MayTake(RunFolder folder, RunConfiguration saved, RunConfiguration asked)
    {
        if (!folder.HasCheckpoint || RunOverview.Read(folder.Folder, context.Methods).Progress is not { } progress) return;
        if (progress.Finished && !IsLonger(saved, asked))
        {
            throw new SettingsException(Decisions, called => $"{called}: the run in {folder.Folder} is over. Ask for more than its "
                + $"{saved.Run.Steps?.ToString(CultureInfo.InvariantCulture) ?? saved.Run.Epochs.ToString(CultureInfo.InvariantCulture)} "
                + $"{(saved.Run.Steps is null ? "epochs (--epochs)" : "steps (--steps)")} for it to learn from them");
        }

        if (progress.Batch == 0) return;
        throw new SettingsException(Decisions, called => $"{called}: the run in {folder.Folder} stands in the midst of epoch "
            + $"{progress.Epoch + 1}. Let it go on to its end first, or begin a new one from it (--pretrained {folder.Folder} --out …)");
    }

    private static bool IsLonger(RunConfiguration saved, RunConfiguration asked) =>
        (saved.Run.Steps, asked.Run.Steps) is ({ } before, { } now) ? now > before : saved.Run.Steps is null && asked.Run.Steps is null
        && asked.Run.Epochs > saved.Run.Epochs;

    /// <summary>Whether a run is asked for more than it was begun with, and says so.</summary>
    private bool BecomesLonger(RunFolder folder, RunConfiguration asked)
    {
        var saved = RunConfigurationFile.Read(folder.Configuration, context.Methods);
        if (!IsLonger(saved, asked)) return false;
        string what = asked.Run.Steps is { } steps
            ? $"{saved.Run.Steps} steps become {steps}" : $"{saved.Run.Epochs} epochs become {asked.Run.Epochs}";
        context.Terminal.Note($"{what}: from here on the rate is that of a run of the new length");
        return true;
    }

    /// <summary>A configuration for what was typed. Another method has settings of its own.</summary>
    private static RunConfiguration Named(RunConfiguration configuration, string? network, TrainingMethod? method)
    {
        var named = configuration with { Network = network ?? configuration.Network };
        if (method is null || method.Name == named.Method) return named;
        return (named with { Method = method.Name, Settings = method.Settings.Start.With(named.Run, named.Optimization) }).WithImageSize(
            named.ImageSize);
    }

    /// <summary>A method may have taken another network in place of the one typed, such as its slimmable twin: typed again, it is the
    /// same.</summary>
    private string? SameNetwork(RunConfiguration saved, string? network, TrainingMethod? method)
    {
        if (network is null) return null;
        var found = context.Models.Get(network);
        return (method ?? context.Methods.Get(saved.Method)).StandIn(found).Name == saved.Network ? saved.Network : network;
    }

    /// <summary>A file's settings, and the run's where the file leaves them open.</summary>
    private RunConfiguration Merge(RunConfiguration saved, RunConfiguration given)
    {
        var whole = given with
        {
            Classes = given.Classes ?? saved.Classes,
            Network = given.Network.Length > 0
            ? given.Network : saved.Network
        };
        if (given.Method == saved.Method)
            whole = whole with { Settings = context.Methods.Get(saved.Method).Settings.Completed(given.Settings, saved.Settings) };
        return whole.Data.Length > 0 ? whole.With(whole.Run with { Data = Path.GetFullPath(whole.Data) }) : whole;
    }

    private int Check(TrainingRun run, string picture, CancellationToken cancellation)
    {
        IReadOnlyList<SanityFinding> findings;
        using (var progress = new ProgressDisplay(context.Terminal, "checking")) findings = run.Check(picture, cancellation);
        var table = Columns.Of("", "", "");
        table.ShowHeaders = false;
        foreach (var finding in findings) table.Add(finding.Passed ? "ok" : "look", finding.Name, finding.Detail);
        context.Terminal.Write(table);
        return findings.All(finding => finding.Passed) ? 0 : Faults.FailureStatus;
    }

    private void Train(TrainingRun run, RunFolder folder, string path, CancellationToken cancellation)
    {
        context.Terminal.Note($"{path}: {run.Summary}{(folder.HasCheckpoint ? "; going on" : "")}");
        context.Terminal.Note($"sconce: {run.Configuration.Network} on {Devices.Described(device ?? TorchRuntime.BestDevice)}");
        var result = Trained(run, folder, path, cancellation);
        Report(run, path, cancellation);
        if (json)
        {
            context.Terminal.WriteJson(TrainingJson.Of(path, result), CliJson.Readable.TrainingJson);
            return;
        }

        Show(result, path, run.Configuration.Run.Watched ?? "accuracy");
    }

    /// <summary>Epochs are told as they end; where it is stopped, what is kept and how to go on.</summary>
    private TrainingResult Trained(TrainingRun run, RunFolder folder, string path, CancellationToken cancellation)
    {
        string watched = run.Configuration.Run.Watched ?? "accuracy";
        try
        {
            using var progress = new ProgressDisplay(context.Terminal, path);
            folder.Evaluated = evaluation => progress.Say(EpochLine.Of(evaluation, watched, context.Terminal.Width));
            return run.Train(folder, progress, cancellation);
        }
        catch (OperationCanceledException) when (folder.HasCheckpoint)
        {
            var overview = RunOverview.Read(path, context.Methods);
            RunReport.Write(path, overview, null);
            string place = overview.Progress is { } stands
                ? string.Create(CultureInfo.InvariantCulture, $" after step {stands.Step}, in epoch {stands.Epoch + 1}") : "";
            context.Terminal.Note($"stopped{place}. {folder.Last} holds everything:");
            context.Terminal.Note($"  sconce train --out {path}   goes on with the very next step");
            if (overview.Progress?.Best is not null) context.Terminal.Note($"  sconce predict {path} FILE   asks the best weights so far");
            throw;
        }
    }

    /// <summary>The page of the run, with a last look at its best weights where that says more than the epochs did.</summary>
    private void Report(TrainingRun run, string path, CancellationToken cancellation)
    {
        var overview = RunOverview.Read(path, context.Methods);
        EvaluationReport? evaluation = null;
        if (overview.Method.HasDetail && overview.Progress?.Best is not null)
        {
            using var progress = new ProgressDisplay(context.Terminal, $"{path}: report");
            var (network, method) = TrainedNetworks.Find(context, path, null, null);
            evaluation = method.Evaluate(network with { Device = device }, null, run.Configuration.Run.Batch, progress, cancellation);
        }

        context.Terminal.Note(RunReport.Write(path, overview, evaluation));
    }

    private void Show(TrainingResult result, string path, string watched)
    {
        string[] figures = [.. result.Progress.History.SelectMany(evaluation => evaluation.Figures.Keys).Distinct()
            .OrderBy(name => name == watched ? 0 : 1)];
        FittingTable.Write(
            context.Terminal, [">epoch", ">training loss", .. figures.Select(name => ">" + name)],
            [.. result.Progress.History.TakeLast(10).Select(evaluation => (IReadOnlyList<string>)
            [
                evaluation.Epoch.ToString(CultureInfo.InvariantCulture), ClaimFigures.Number(evaluation.TrainLoss),
                .. figures.Select(name => ClaimFigures.Number(evaluation.Figures.GetValueOrDefault(name, double.NaN))),
            ])], kept: 3);
        if (result.Best is not { } best) return;
        string early = result.StoppedEarly ? "; nothing became better, so it ended early" : "";
        context.Terminal.Write(Columns.Line(
            string.Create(CultureInfo.InvariantCulture, $"best {watched} {ClaimFigures.Number(best.Figures[watched])} after epoch "
                + $"{best.Epoch}: {Path.Combine(path, "best.ckpt")} ({ClaimFigures.Words(TimeSpan.FromSeconds(result.Progress.Seconds))} "
                + $"of steps{early})")));
    }
}
