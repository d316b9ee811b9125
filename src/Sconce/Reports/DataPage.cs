using System.Globalization;
using System.Text;
using Sconce.Data;
using Sconce.Files;
using Sconce.Imaging;

namespace Sconce.Reports;

/// <summary>Writes what is in a folder of pictures: a page and a contact sheet.</summary>
public static class DataPage
{
    private const int MostGroups = 40, MostShown = 6, Side = 96;
    private const double Unbalanced = 10;

    /// <summary>Writes <c>report.html</c> and <c>contact.png</c>.</summary>
    /// <param name="output">The folder for them; made where it is missing.</param>
    /// <param name="data">What was looked at, as it was typed.</param>
    /// <param name="found">What was found.</param>
    /// <returns>The page's path.</returns>
    public static string Write(string output, string data, PictureInspection found)
    {
        ArgumentNullException.ThrowIfNull(found);
        Directory.CreateDirectory(output);
        byte[] sheet = found.ContactSheet().Encode(ImageFormat.Png);
        AtomicFile.Write(Path.Combine(output, "contact.png"), sheet);
        var page = new PageParts(data, []);
        page.Add($"<h1>{PageParts.Text(data)}</h1>");
        page.Quiet($"{found.Pictures.Count} pictures; {Balance(found.Classes)}");
        foreach (string warning in Warnings(found)) page.Quiet(PageParts.Capital(warning));
        page.Table(["class", ">pictures"], found.Classes.Select(one =>
            (IReadOnlyList<string>)[one.Class.Length > 0 ? one.Class : "(none)", Count(one.Count)]));
        page.Heading("Sizes");
        page.Table(["size", ">pictures"], found.Sizes.Take(MostGroups)
            .Select(size => (IReadOnlyList<string>)[$"{size.Width} x {size.Height}", Count(size.Count)]));
        page.Pictures("Some of each class", [new PagePicture("contact.png", sheet)]);
        if (found.Broken.Count > 0)
        {
            page.Heading("Broken");
            page.Table(["file", "fault"], found.Broken.Select(broken => (IReadOnlyList<string>)[broken.Path, broken.Fault]));
        }

        Groups(page, "The same bytes", found.Duplicates);
        Groups(page, "Alike", found.Alike);
        string path = Path.Combine(output, RunReport.Page);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(page.Finish()));
        return path;
    }

    /// <summary>How even the classes are, in words; empty for one class.</summary>
    public static string Balance(IReadOnlyList<(string Class, int Count)> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count < 2) return "";
        var (most, fewest) = (classes.MaxBy(one => one.Count), classes.MinBy(one => one.Count));
        double ratio = (double)most.Count / fewest.Count;
        return string.Create(CultureInfo.InvariantCulture,
            $"{classes.Count} classes of {fewest.Count} ({fewest.Class}) to {most.Count} ({most.Class}), {ratio:0.#} to 1");
    }

    /// <summary>What would spoil a training or its figures, a sentence each.</summary>
    public static IReadOnlyList<string> Warnings(PictureInspection found)
    {
        ArgumentNullException.ThrowIfNull(found);
        List<string> warnings = [];
        if (found.InTwoClasses is { Count: > 0 } twice) warnings.Add(
            $"{twice.Count} {Words(twice.Count)} in two classes: one of the labels is wrong, such as of {Names(twice[0])}");
        if (found.InTwoParts is { Count: > 0 } leaked) warnings.Add(
            $"{leaked.Count} {Words(leaked.Count)} in two parts, so that figures will flatter, such as {Names(leaked[0])}");
        if (found.Classes.Count > 1 && found.Classes.Max(one => one.Count) > Unbalanced * found.Classes.Min(one => one.Count))
            warnings.Add("the classes are uneven: balanced class weights, or drawing classes as often as each other, may help the rare "
                + "ones");
        return warnings;

        static string Words(int count) => count == 1 ? "picture is" : "pictures are";
        static string Names(IReadOnlyList<InspectedPicture> group) =>
            string.Join(" and ", group.Take(2).Select(picture => picture.Mark.Path));
    }

    private static void Groups(PageParts page, string title, IReadOnlyList<IReadOnlyList<InspectedPicture>> groups)
    {
        foreach (var (group, k) in groups.Take(MostGroups).Select((group, k) => (group, k)))
        {
            page.Pictures($"{title}, group {k + 1} of {groups.Count}", [.. group.Take(MostShown).Select(picture => new PagePicture(
                picture.Mark.Path, Image.Load(picture.Mark.Path).To8Bit().ToRgb().ResizeShortSide(Side).Encode(ImageFormat.Png)))]);
        }
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
