using System.Globalization;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Data;
using Sconce.Reports;

namespace Sconce.Cli.Commands;

/// <summary>A folder of pictures.</summary>
internal sealed class PictureData : IDataKind
{
    private const int MostClasses = 40, MostSizes = 5, MostGroups = 5, MostBroken = 10, MostNamed = 4;

    /// <inheritdoc/>
    public string Purpose => "a folder of pictures";

    /// <inheritdoc/>
    public IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("sconce data photos/", "a folder with a subfolder a class, or any other with pictures"),
        ("sconce data photos/ --out looked", "and a contact sheet with a page, in looked/"),
    ];

    /// <inheritdoc/>
    public bool Takes(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public int Look(CommandContext context, string path, string? output, bool json)
    {
        PictureInspection found;
        using (var progress = new ProgressDisplay(context.Terminal, path)) found = PictureInspection.Of(path, progress,
            context.Cancellation);
        string? page = output is null ? null : DataPage.Write(output, path, found);
        if (json) context.Terminal.WriteJson(PictureDataJson.Of(path, found, page), CliJson.Readable.PictureDataJson);
        else Show(context.Terminal, path, found, page);
        return 0;
    }

    private static void Show(Terminal terminal, string path, PictureInspection found, string? page)
    {
        long[] sides = [.. found.Pictures.Select(picture => (long)Math.Min(picture.Mark.Width, picture.Mark.Height)).Order()];
        terminal.Write(Columns.Facts(
        [
            ("pictures", found.Pictures.Count.ToString("N0", CultureInfo.InvariantCulture)),
            ("bytes", Figures.Bytes(found.Pictures.Sum(picture => picture.Mark.Bytes))),
            ("shorter side", sides.Length == 0 ? "" : $"{sides[0]} to {sides[^1]} pixels, the middle one {sides[sides.Length / 2]}"),
            ("sizes", string.Join(", ", found.Sizes.Take(MostSizes).Select(size => $"{size.Width} x {size.Height} ({size.Count})"))
                + (found.Sizes.Count > MostSizes ? $" and {found.Sizes.Count - MostSizes} more" : "")),
            ("broken", found.Broken.Count == 0 ? "none" : $"{found.Broken.Count}"),
            ("there twice", Groups(found.Duplicates)),
            ("look alike", Groups(found.Alike)),
            ("balance", DataPage.Balance(found.Classes)),
        ]));
        Classes(terminal, found);
        foreach (var broken in found.Broken.Take(MostBroken))
        {
            string named = broken.Fault.StartsWith(broken.Path, StringComparison.Ordinal) ? broken.Fault : $"{broken.Path}: {broken.Fault}";
            terminal.Write(Columns.Line($"broken: {named}"));
        }

        Tell(terminal, "the same bytes", found.Duplicates);
        Tell(terminal, "alike", found.Alike);
        foreach (string warning in DataPage.Warnings(found).Concat(found.Remarks)) terminal.Write(Columns.Line(warning));
        if (page is not null) terminal.Write(Columns.Line(page));
    }

    private static void Classes(Terminal terminal, PictureInspection found)
    {
        if (found.Classes is [{ Class: "" }]) return;
        terminal.Write(Columns.Line());
        string[] parts = [.. found.Pictures.Select(picture => picture.Part).Distinct().Order(StringComparer.Ordinal)];
        var table = Columns.Of(["class", .. parts.Select(part => ">" + (part.Length > 0 ? part : "pictures"))]);
        foreach (var (name, _) in found.Classes.Take(MostClasses))
        {
            table.Add([name.Length > 0 ? name : "(none)", .. parts.Select(part =>
                found.Pictures.Count(picture => picture.Class == name && picture.Part == part)
                    .ToString("N0", CultureInfo.InvariantCulture))]);
        }

        terminal.Write(table);
        if (found.Classes.Count > MostClasses) terminal.Write(
            Columns.Line($"and {found.Classes.Count - MostClasses} more classes (--json, --out)"));
        terminal.Write(Columns.Line());
    }

    private static void Tell(Terminal terminal, string how, IReadOnlyList<IReadOnlyList<InspectedPicture>> groups)
    {
        foreach (var group in groups.Take(MostGroups))
        {
            string more = group.Count > MostNamed ? $" and {group.Count - MostNamed} more" : "";
            terminal.Write(Columns.Line($"{how}: {string.Join("  ", group.Take(MostNamed).Select(picture => picture.Mark.Path))}{more}"));
        }

        if (groups.Count > MostGroups) terminal.Write(Columns.Line($"and {groups.Count - MostGroups} more groups (--json, --out)"));
    }

    private static string Groups(IReadOnlyList<IReadOnlyList<InspectedPicture>> groups) =>
        groups.Count == 0 ? "none"
            : $"{groups.Sum(group => group.Count)} pictures in {groups.Count} {(groups.Count == 1 ? "group" : "groups")}";
}
