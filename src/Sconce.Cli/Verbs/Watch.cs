using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary>One watch of folders, from its first word to its last.</summary>
/// <param name="context">Where it is told, and what stops it.</param>
/// <param name="seer">What is asked.</param>
/// <param name="folders">As they were named.</param>
/// <param name="made">Folders that answers go to; what is in them is not asked about.</param>
/// <param name="table">What rows are appended to; null for none. Belongs to the watch from then on.</param>
/// <param name="patience">How long a picture that cannot be read is waited for.</param>
internal sealed class Watch(CommandContext context, Ability seer, IReadOnlyList<string> folders, IReadOnlyList<string> made,
    AppendedTable? table, TimeSpan patience) : IDisposable
{
    /// <summary>Where answers go as they come.</summary>
    public AnswerStream Stream(bool json) => new(context.Terminal, json, table);

    /// <summary>Asks until Ctrl-C, and says what came of it.</summary>
    /// <returns>How many pictures could not be asked about.</returns>
    public int Run(Session session, object settings, AnswerSink sink)
    {
        string[] places = [.. made.Select(WatchOptions.Whole)];
        var watched = new WatchedFolders(folders, IsTaken, TimeProvider.System, line => context.Terminal.Note($"sconce: {line}"));
        var asking = new WatchAsking(watched, seer, sink, patience);
        string named = string.Join(", ", folders);
        int before = table?.Inputs.Count ?? 0;
        context.Terminal.Note($"sconce: watching {named} for pictures{(before == 0 ? "" : $", without the {before} of the table")}; "
            + "Ctrl-C ends");
        asking.Run(session, settings, table?.Inputs, context.Cancellation);
        context.Terminal.Note($"sconce: watched {named} until it was stopped: {asking.Answered} answered, {asking.Broken} given up");
        return asking.Broken;

        bool IsTaken(string path) => seer.Input.Fits(path)
            && !places.Any(place => Path.GetFullPath(path).StartsWith(place, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => table?.Dispose();
}
