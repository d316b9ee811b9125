using Sconce.Data;

namespace Sconce.Cli.Output;

/// <summary>What is in a folder of pictures, in <c>data --json</c>.</summary>
internal sealed record PictureDataJson(
    string Data, int Pictures, long Bytes, IReadOnlyDictionary<string, int> Classes, IReadOnlyList<PictureSizeJson> Sizes,
        IReadOnlyList<BrokenJson> Broken,
    IReadOnlyList<IReadOnlyList<string>> Duplicates, IReadOnlyList<IReadOnlyList<string>> Alike,
        IReadOnlyList<IReadOnlyList<string>> InTwoClasses,
    IReadOnlyList<IReadOnlyList<string>> InTwoParts, IReadOnlyList<string> Remarks, string? Page)
{
    public static PictureDataJson Of(string data, PictureInspection found, string? page) => new(
        data, found.Pictures.Count, found.Pictures.Sum(picture => picture.Mark.Bytes),
            found.Classes.ToDictionary(one => one.Class, one => one.Count),
        [.. found.Sizes.Select(size => new PictureSizeJson(size.Width, size.Height, size.Count))],
        [.. found.Broken.Select(broken => new BrokenJson(broken.Path, broken.Fault))],
        Paths(found.Duplicates), Paths(found.Alike), Paths(found.InTwoClasses), Paths(found.InTwoParts), found.Remarks, page);

    private static IReadOnlyList<IReadOnlyList<string>> Paths(IReadOnlyList<IReadOnlyList<InspectedPicture>> groups) =>
        [.. groups.Select(group => (IReadOnlyList<string>)[.. group.Select(picture => picture.Mark.Path)])];
}

/// <summary>How many pictures have a size.</summary>
internal sealed record PictureSizeJson(int Width, int Height, int Count);

/// <summary>A file that is no readable picture.</summary>
internal sealed record BrokenJson(string Path, string Fault);
