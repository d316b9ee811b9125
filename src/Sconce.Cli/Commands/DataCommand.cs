using System.CommandLine;

namespace Sconce.Cli.Commands;

/// <summary>
/// <c>sconce data PATH</c>: what is in some data, before hours are spent on them. Which kind of data it is, the input says.
/// </summary>
internal static class DataCommand
{
    /// <summary>The kinds, asked in this order.</summary>
    private static readonly IReadOnlyList<IDataKind> Kinds = [new PictureData(), new DescribedData()];

    public static Command Create(CommandContext context)
    {
        var path = new Argument<string>("path") { Description = $"The data: {string.Join("; ", Kinds.Select(kind => kind.Purpose))}" };
        var output = new Option<string?>("--out") { Description = "A folder for what is made: a page, a contact sheet", HelpName = "DIR" };
        var json = Shared.Json();
        var command = new TeachingCommand("data",
            "Look at data before training: sizes, classes and their balance, broken files, what is there twice.")
        {
            Examples = [.. Kinds.SelectMany(kind => kind.Examples)],
        };
        command.Add(path);
        foreach (var option in new Option[] { output, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            string asked = parsed.GetRequiredValue(path);
            if (!File.Exists(asked) && !Directory.Exists(asked)) throw new UsageException($"there is no file or folder '{asked}'");
            var kind = Kinds.FirstOrDefault(known => known.Takes(asked))
                ?? throw new UsageException(
                    $"'{asked}' is no data that can be looked at: {string.Join("; ", Kinds.Select(known => known.Purpose))}");
            return kind.Look(context, asked, parsed.GetValue(output), parsed.GetValue(json));
        });
        return command;
    }
}

/// <summary>A kind of data that <c>sconce data</c> looks at.</summary>
internal interface IDataKind
{
    /// <summary>What it takes, in a few words.</summary>
    string Purpose { get; }

    /// <summary>Lines to type, each with what it does.</summary>
    IReadOnlyList<(string Line, string Meaning)> Examples { get; }

    /// <summary>Whether a path is of this kind.</summary>
    bool Takes(string path);

    /// <summary>Looks, and tells.</summary>
    /// <param name="context">Where to write.</param>
    /// <param name="path">The data.</param>
    /// <param name="output">A folder for what is made; null for none.</param>
    /// <param name="json">Whether one JSON document is wanted.</param>
    /// <returns>The exit status.</returns>
    int Look(CommandContext context, string path, string? output, bool json);
}
