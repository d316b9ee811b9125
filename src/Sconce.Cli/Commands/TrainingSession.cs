using System.Globalization;
using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Reports;
using Sconce.Training;
using Spectre.Console;

namespace Sconce.Cli.Commands;

/// <summary>One call of <c>sconce train</c>: finds out what is asked, then begins a run, or goes on with it.</summary>
internal sealed class TrainingSession(CommandContext context, string? output, string? config, bool json)
{
    private const string DefaultFolder = "runs";

    /// <summary>Trains.</summary>
    /// <param name="network">As it was typed; null where it was not.</param>
    /// <param name="apply">Puts what was typed over a configuration.</param>
    /// <param name="check">Whether only the sanity checks are wanted.</param>
    public int Run(string? network, Func<TrainingConfiguration, TrainingConfiguration> apply, bool check)
    {
        var cancellation = context.Cancellation;
        var given = config is null ? null : TrainingConfigurationFile.Read(config);
        string path = output ?? Path.Combine(DefaultFolder, network ?? given?.Network ?? throw new UsageException("which network? 'sconce train resnet18 --data photos/' for example ('sconce list --models' names them; --config or --out of a run does too)"));
        if (File.Exists(path)) throw new UsageException($"--out {path}: this is a file; a run needs a folder");
        bool isNew = !Directory.Exists(path);
        RunFolder? folder = null;
        try
        {
            folder = RunFolder.Open(path);
            var asked = Asked(folder, network, given, apply);
            using var run = new ClassifierRun(asked, context.Models, fault => context.Terminal.Note($"{fault}"));
            if (check) return Check(run, Path.Combine(path, "check.png"), cancellation);
            if (!File.Exists(folder.Configuration)) folder.WriteConfiguration(TrainingConfigurationFile.ToJson(run.Configuration));
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

    private static void Forget(string path, bool keepsPicture)
    {
        File.Delete(Path.Combine(path, ".lock"));
        if (!keepsPicture && !Directory.EnumerateFileSystemEntries(path).Any()) Directory.Delete(path);
    }

    /// <summary>The configuration: the run's own where it was begun, else the file's, else the defaults; over it what was typed, which must not change a run.</summary>
    private static TrainingConfiguration Asked(RunFolder folder, string? network, TrainingConfiguration? given, Func<TrainingConfiguration, TrainingConfiguration> apply)
    {
        if (!File.Exists(folder.Configuration))
        {
            if (folder.HasCheckpoint) throw new UsageException($"{folder.Folder} holds a checkpoint but no config.json: choose another --out");
            var start = apply(given ?? new TrainingConfiguration());
            return start with { Network = network ?? start.Network };
        }

        var saved = TrainingConfigurationFile.Read(folder.Configuration);
        var asked = apply(given is null ? saved : Merge(saved, given));
        asked = asked with { Network = network ?? asked.Network };
        var differences = TrainingConfigurationFile.Differences(saved, asked);
        if (differences.Count == 0) return asked;
        string what = string.Join(", ", differences.Select(difference => $"{difference.Key} {difference.First} (asked: {difference.Second})"));
        throw new UsageException($"the run in {folder.Folder} was begun with {what}: leave that out to go on with it, or choose another --out");
    }

    /// <summary>A file's settings, and the run's where the file leaves them open.</summary>
    private static TrainingConfiguration Merge(TrainingConfiguration saved, TrainingConfiguration given) => given with
    {
        Classes = given.Classes ?? saved.Classes,
        LearningRate = given.LearningRate ?? saved.LearningRate,
        WeightDecay = given.WeightDecay ?? saved.WeightDecay,
        WarmUpEpochs = given.WarmUpEpochs ?? saved.WarmUpEpochs,
        ImageSize = given.ImageSize ?? saved.ImageSize,
        Threads = given.Threads ?? saved.Threads,
        Workers = given.Workers ?? saved.Workers,
        Data = given.Data.Length > 0 ? Path.GetFullPath(given.Data) : saved.Data,
    };

    private int Check(ClassifierRun run, string picture, CancellationToken cancellation)
    {
        IReadOnlyList<SanityFinding> findings;
        using (var progress = new ProgressDisplay(context.Terminal, "checking")) findings = SanityCheck.Run(run, picture, cancellation);
        var table = Columns.Of("", "", "");
        table.ShowHeaders = false;
        foreach (var finding in findings) table.Add(finding.Passed ? "ok" : "look", finding.Name, finding.Detail);
        context.Terminal.Write(table);
        return findings.All(finding => finding.Passed) ? 0 : Faults.FailureStatus;
    }

    private void Train(ClassifierRun run, RunFolder folder, string path, CancellationToken cancellation)
    {
        var trainer = run.CreateTrainer(folder);
        context.Terminal.Note($"{path}: {run.Variant.Name}, {run.Data.Train.Count:N0} pictures to learn from and {run.Data.Test.Count:N0} to be asked about, {run.Data.Classes.Count} classes{(folder.HasCheckpoint ? "; going on" : "")}");
        TrainingResult result;
        using (var progress = new ProgressDisplay(context.Terminal, path)) result = trainer.Run(progress, cancellation);
        if (json)
        {
            context.Terminal.WriteJson(TrainingJson.Of(path, result), CliJson.Readable.TrainingJson);
            return;
        }

        Show(result, path, run.Configuration.Watched);
    }

    private void Show(TrainingResult result, string path, string watched)
    {
        string[] figures = [.. result.Progress.History.SelectMany(evaluation => evaluation.Figures.Keys).Distinct()];
        var table = Columns.Of([">epoch", ">training loss", .. figures.Select(name => ">" + name)]);
        foreach (var evaluation in result.Progress.History.TakeLast(10))
        {
            table.Add([evaluation.Epoch.ToString(CultureInfo.InvariantCulture), ClaimFigures.Number(evaluation.TrainLoss), .. figures.Select(name => ClaimFigures.Number(evaluation.Figures.GetValueOrDefault(name, double.NaN)))]);
        }

        context.Terminal.Write(table);
        if (result.Best is not { } best) return;
        string early = result.StoppedEarly ? "; nothing became better, so it ended early" : "";
        context.Terminal.Write(Columns.Line(string.Create(CultureInfo.InvariantCulture, $"best {watched} {ClaimFigures.Number(best.Figures[watched])} after epoch {best.Epoch}: {Path.Combine(path, "best.ckpt")} ({ClaimFigures.Words(TimeSpan.FromSeconds(result.Progress.Seconds))} of steps{early})")));
    }
}
