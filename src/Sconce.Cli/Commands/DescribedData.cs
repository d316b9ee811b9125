using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Progress;
using Sconce.Cli.Verbs;

namespace Sconce.Cli.Commands;

/// <summary>A file that a system describes; the verb by itself has the settings.</summary>
internal sealed class DescribedData : IDataKind
{
    /// <inheritdoc/>
    public string Purpose => $"a table that 'sconce {Verb.Describe.Name}' takes";

    /// <inheritdoc/>
    public IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("sconce data wit.tsv.gz", "languages, captions, and what is missing in a table of pictures on pages")];

    /// <inheritdoc/>
    public bool Takes(string path) => File.Exists(path);

    /// <inheritdoc/>
    public int Look(CommandContext context, string path, string? output, bool json)
    {
        var target = context.Abilities.DefaultOf(Verb.Describe);
        var ability = target.Abilities.First(known => known.Verb == Verb.Describe);
        var sink = new AnswerSink(context.Terminal, new AnswerPlaces(output, several: false), json, csv: null);
        int status;
        using (var progress = new ProgressDisplay(context.Terminal, path))
        {
            using var session = target.Open(ability);
            status = new AbilityAsking(context, sink, skipsBroken: false).Run(
                session, [ability.InputOf(path)], ability.Settings.Initial, progress);
        }

        sink.Finish(context.Cancellation);
        return status;
    }
}
