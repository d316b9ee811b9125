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
    /// <param name="method">As it was typed; null where it was not.</param>
    /// <param name="apply">Puts what was typed over a configuration.</param>
    /// <param name="check">Whether only the sanity checks are wanted.</param>
    public int Run(string? network, TrainingMethod? method, Func<TrainingConfiguration, TrainingConfiguration> apply, bool check)
    {
        var cancellation = context.Cancellation;
        var given = config is null ? null : TrainingConfigurationFile.Read(config, (itsNetwork, itsMethod) => Start(network ?? itsNetwork, method ?? (itsMethod is null ? null : context.Methods.Get(itsMethod))));
        string path = output ?? DefaultOutput(network ?? given?.Network ?? throw new UsageException("which network? 'sconce train resnet18 --data photos/' for example ('sconce list --models' names them; --config or --out of a run does too)"), method);
        if (File.Exists(path)) throw new UsageException($"--out {path}: this is a file; a run needs a folder");
        bool isNew = !Directory.Exists(path);
        RunFolder? folder = null;
        try
        {
            folder = RunFolder.Open(path);
            var asked = Asked(folder, network, method, given, apply);
            using var run = Open(asked, path, cancellation);
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

    private static string DefaultOutput(string network, TrainingMethod? method) =>
        Path.Combine(DefaultFolder, method is null || method == ClassifierMethod.Plain ? network : $"{network}-{method.Name}");

    private TrainingRun Open(TrainingConfiguration asked, string path, CancellationToken cancellation)
    {
        using var progress = new ProgressDisplay(context.Terminal, path);
        return context.Methods.Get(asked.Method).Open(new TrainingSetup(asked, context.Models, context.Methods)
        {
            Folder = path,
            Fault = fault => context.Terminal.Note($"{fault}"),
            Progress = progress,
            Cancellation = cancellation,
        });
    }

    /// <summary>What a run begins with where nothing is asked.</summary>
    private TrainingConfiguration Start(string? network, TrainingMethod? method)
    {
        if (method is null && network is not null && context.Models.Find(network) is { } found) method = context.Methods.DefaultFor(found.Variant);
        return (method ?? ClassifierMethod.Plain).Start;
    }

    private static void Forget(string path, bool keepsPicture)
    {
        File.Delete(Path.Combine(path, ".lock"));
        if (!keepsPicture && !Directory.EnumerateFileSystemEntries(path).Any()) Directory.Delete(path);
    }

    /// <summary>The configuration: the run's own where it was begun, else the file's, else the defaults; over it what was typed, which must not change a run.</summary>
    private TrainingConfiguration Asked(RunFolder folder, string? network, TrainingMethod? method, TrainingConfiguration? given, Func<TrainingConfiguration, TrainingConfiguration> apply)
    {
        if (!File.Exists(folder.Configuration))
        {
            if (folder.HasCheckpoint) throw new UsageException($"{folder.Folder} holds a checkpoint but no config.json: choose another --out");
            var start = Named(given ?? Start(network, method), network, method);
            return apply(start);
        }

        var saved = TrainingConfigurationFile.Read(folder.Configuration);
        var resumed = given is null ? saved : Merge(saved, given);
        var asked = apply(Named(resumed, SameNetwork(saved, network, method), method));
        var differences = TrainingConfigurationFile.Differences(saved, asked);
        if (differences.Count == 0) return asked;
        string what = string.Join(", ", differences.Select(difference => $"{difference.Key} {difference.First} (asked: {difference.Second})"));
        throw new UsageException($"the run in {folder.Folder} was begun with {what}: leave that out to go on with it, or choose another --out");
    }

    /// <summary>A configuration for what was typed. Another method has options of its own.</summary>
    private static TrainingConfiguration Named(TrainingConfiguration configuration, string? network, TrainingMethod? method)
    {
        var named = configuration with { Network = network ?? configuration.Network };
        return method is null || method.Name == named.Method ? named : named with { Method = method.Name, MethodOptions = MethodOptions.None };
    }

    /// <summary>A method may have taken another network in place of the one typed, such as its slimmable twin: typed again, it is the same.</summary>
    private string? SameNetwork(TrainingConfiguration saved, string? network, TrainingMethod? method)
    {
        if (network is null) return null;
        var found = context.Models.Get(network).Variant;
        return (method ?? context.Methods.Get(saved.Method)).StandIn(found).Name == saved.Network ? saved.Network : network;
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
        MethodOptions = given.Method == saved.Method ? saved.MethodOptions.With(given.MethodOptions.Values.Where(value => value.Value is not null)) : given.MethodOptions,
        Data = given.Data.Length > 0 ? Path.GetFullPath(given.Data) : saved.Data,
    };

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
        TrainingResult result;
        using (var progress = new ProgressDisplay(context.Terminal, path)) result = run.Train(folder, progress, cancellation);
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
