using System.Globalization;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>Finds out with which configuration a line of <c>sconce train</c> begins a run, or goes on with it.</summary>
/// <param name="context">Networks and methods.</param>
/// <param name="takesDecisions">Whether decisions were typed.</param>
internal sealed class AskedConfiguration(CommandContext context, bool takesDecisions)
{
    private const string Decisions = TrainingSession.Decisions;

    /// <summary>The configuration: the run's own where it was begun, else the file's, else the defaults; over it what was typed, which must
    /// not change a run.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="network">As it was typed; null where it was not.</param>
    /// <param name="method">As it was typed; null where it was not.</param>
    /// <param name="given">The file's; null for none.</param>
    /// <param name="apply">Puts what was typed over a configuration.</param>
    /// <exception cref="UsageException">What was typed would change a run.</exception>
    public RunConfiguration Of(
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
            if (takesDecisions) MayTake(folder, saved, asked);
            return asked;
        }

        string what = string.Join(", ",
            differences.Select(difference => $"{difference.Key} {difference.First} (asked: {difference.Second})"));
        throw new UsageException($"the run in {folder.Folder} was begun with {what}: leave that out to go on with it, or choose "
            + $"another --out");
    }

    /// <summary>Whether more epochs, or more steps, are asked for than a run was begun with.</summary>
    public static bool IsLonger(RunConfiguration saved, RunConfiguration asked) =>
        (saved.Run.Steps, asked.Run.Steps) is ({ } before, { } now) ? now > before : saved.Run.Steps is null && asked.Run.Steps is null
        && asked.Run.Epochs > saved.Run.Epochs;

    /// <summary>The method that was typed, else the one that trains a network where none is named.</summary>
    public TrainingMethod MethodOf(string? network, TrainingMethod? method) =>
        method ?? (network is not null && context.Models.Find(network) is { } found
            ? context.Methods.DefaultFor(found) : ClassifierMethod.Plain);

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
}
