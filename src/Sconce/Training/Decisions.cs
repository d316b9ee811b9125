using Sconce.Data;

namespace Sconce.Training;

/// <summary>What a person's decisions add to the pictures that a run learns from; what it is asked about they leave as it is.</summary>
/// <param name="Pictures">The decided pictures.</param>
public sealed record Decisions(DecidedPictures Pictures)
{
    /// <summary>Whether a run that goes on learns from those, too, that came after it began. A new run learns from all.</summary>
    public bool TakesNew { get; init; }

    /// <summary>The parts of the run that a new one starts from, with the same data: what it held out stays held out; null for
    /// none.</summary>
    public KeptParts? Before { get; init; }

    /// <summary>Those of a run; null where it has none.</summary>
    /// <param name="configuration">Its configuration.</param>
    /// <exception cref="DataException">Nothing is decided in the folder.</exception>
    public static Decisions? Of(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return (configuration.Settings as IPictureSettings)?.Decisions is { } folder
            ? new Decisions(DecidedPictures.Open(Path.GetFullPath(folder))) : null;
    }

    /// <summary>Those of a run that is about to be opened.</summary>
    /// <param name="setup">What it is built from.</param>
    /// <exception cref="DataException">Nothing is decided in the folder.</exception>
    public static Decisions? Of(TrainingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        if (Of(setup.Configuration) is not { } decisions) return null;
        string? before = setup.Configuration.Run.Pretrained is { } weights ? Path.GetDirectoryName(Path.GetFullPath(weights)) : null;
        bool isRun = before is not null && File.Exists(Path.Combine(before, RunFolder.ConfigurationName));
        var kept = isRun ? KeptParts.Read(before) : null;
        return decisions with
        {
            TakesNew = setup.TakesDecisions,
            Before = kept is not null && kept.IsOf(setup.Configuration.Data) ? kept : null,
        };
    }

    /// <summary>Which of the decided pictures may be learned from, and what a person should know of that.</summary>
    /// <param name="places">Places of those in question.</param>
    /// <param name="heldOut">The files that the run is asked about.</param>
    internal (IReadOnlyList<int> Places, IReadOnlyList<string> Remarks) Learned(IEnumerable<int> places, IEnumerable<string> heldOut)
    {
        int[] asked = [.. places];
        if (asked.Length == 0) return ([], TakesNew ? [$"{Pictures.Root}: nothing in it is new to the run"] : []);
        var twins = Pictures.Twins(heldOut);
        int[] taken = [.. asked.Where(place => !twins.Contains(place))];
        string decided = taken.Length == 0 ? "none of its pictures is learned from"
            : $"{taken.Length} decided {(taken.Length == 1 ? "picture is" : "pictures are")} learned from ({Pictures.Counted(taken)})";
        string left = (asked.Length - taken.Length) switch
        {
            0 => "",
            1 => "; 1 is held out already, and stays so",
            var count => $"; {count} are held out already, and stay so",
        };
        return (taken, [$"{Pictures.Root}: {decided}{left}"]);
    }
}
