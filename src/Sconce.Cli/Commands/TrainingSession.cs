using System.Globalization;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Reports;
using Sconce.Torch;
using Sconce.Training;

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
        var configurations = new AskedConfiguration(context, TakesDecisions);
        var given = config is null ? null
            : RunConfigurationFile.Read(config, context.Methods, itsNetwork => configurations.MethodOf(network ?? itsNetwork, method));
        string path = output ?? DefaultOutput(network ?? (given is { Network.Length: > 0 } ? given.Network : null)
            ?? throw new UsageException("which network? 'sconce train resnet18 --data photos/' for example ('sconce list --models' names "
                + "them; --config or --out of a run does too)"), method);
        if (File.Exists(path)) throw new UsageException($"--out {path}: this is a file; a run needs a folder");
        bool isNew = !Directory.Exists(path);
        RunFolder? folder = null;
        try
        {
            folder = RunFolder.Open(path);
            var asked = configurations.Of(folder, network, method, given, apply);
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

    private static void Forget(string path, bool keepsPicture)
    {
        File.Delete(Path.Combine(path, ".lock"));
        if (!keepsPicture && !Directory.EnumerateFileSystemEntries(path).Any()) Directory.Delete(path);
    }

    /// <summary>Whether a run is asked for more than it was begun with, and says so.</summary>
    private bool BecomesLonger(RunFolder folder, RunConfiguration asked)
    {
        var saved = RunConfigurationFile.Read(folder.Configuration, context.Methods);
        if (!AskedConfiguration.IsLonger(saved, asked)) return false;
        string what = asked.Run.Steps is { } steps
            ? $"{saved.Run.Steps} steps become {steps}" : $"{saved.Run.Epochs} epochs become {asked.Run.Epochs}";
        context.Terminal.Note($"{what}: from here on the rate is that of a run of the new length");
        return true;
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
        var report = new TrainingReport(context, device);
        report.Write(run, path, cancellation);
        if (json)
        {
            context.Terminal.WriteJson(TrainingJson.Of(path, result), CliJson.Readable.TrainingJson);
            return;
        }

        report.Show(result, path, run.Configuration.Run.Watched ?? "accuracy");
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
}
