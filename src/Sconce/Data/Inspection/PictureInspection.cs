using System.Collections.Concurrent;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>
/// A folder of pictures as a person should know it before hours of training: sizes, classes, broken files, pictures that are there twice.
/// </summary>
public sealed class PictureInspection
{
    private PictureInspection(IReadOnlyList<InspectedPicture> pictures, IReadOnlyList<BrokenPicture> broken, IReadOnlyList<string> remarks)
    {
        (Pictures, Broken, Remarks) = (pictures, broken, remarks);
        Duplicates = Groups(pictures.GroupBy(picture => picture.Mark.Content).Select(same => same.ToList()));
        Alike = NearDuplicates.Of(pictures);
    }

    /// <summary>Those that can be read, in the order of their paths.</summary>
    public IReadOnlyList<InspectedPicture> Pictures { get; }

    /// <summary>Those that cannot.</summary>
    public IReadOnlyList<BrokenPicture> Broken { get; }

    /// <summary>What a person should know of the folder, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Groups of files with the same bytes, the largest first.</summary>
    public IReadOnlyList<IReadOnlyList<InspectedPicture>> Duplicates { get; }

    /// <summary>Groups of other files that look alike, the largest first; of files with the same bytes one stands for all.</summary>
    public IReadOnlyList<IReadOnlyList<InspectedPicture>> Alike { get; }

    /// <summary>How many pictures each class has, by its name; pictures outside of any class under an empty one.</summary>
    public IReadOnlyList<(string Class, int Count)> Classes =>
        [.. Pictures.GroupBy(picture => picture.Class).OrderBy(of => of.Key, StringComparer.Ordinal).Select(of => (of.Key, of.Count()))];

    /// <summary>Groups of the same or alike pictures that are in two classes: one of the labels is wrong.</summary>
    public IReadOnlyList<IReadOnlyList<InspectedPicture>> InTwoClasses => Across(picture => picture.Class);

    /// <summary>Groups that are in the part to learn from and in the one to be asked about: the figures would flatter.</summary>
    public IReadOnlyList<IReadOnlyList<InspectedPicture>> InTwoParts => Across(picture => picture.Part);

    /// <summary>The sizes, the most frequent first.</summary>
    public IReadOnlyList<(int Width, int Height, int Count)> Sizes =>
    [
        .. Pictures.GroupBy(picture => (picture.Mark.Width, picture.Mark.Height)).OrderByDescending(same => same.Count())
            .ThenByDescending(same => same.Key.Width * (long)same.Key.Height)
                .Select(same => (same.Key.Width, same.Key.Height, same.Count())),
    ];

    /// <summary>Looks at every picture of a folder once.</summary>
    /// <param name="folder">Any folder with pictures at any depth; parts and classes are told as for training.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it between two pictures.</param>
    /// <exception cref="DataException">There is no such folder, or no picture in it.</exception>
    public static PictureInspection Of(string folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        var files = PictureFiles.Of([folder]);
        if (files.Count == 0) throw new DataException(folder, $"no pictures ({string.Join(' ', FileWalk.ImageExtensions)}) are in it");
        var places = new PicturePlaces(folder);
        var found = new InspectedPicture?[files.Count];
        var broken = new ConcurrentBag<BrokenPicture>();
        int done = 0;
        Parallel.For(0, files.Count, new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount
        }, Look);
        return new PictureInspection(
            [.. found.OfType<InspectedPicture>()], [.. broken.OrderBy(picture => picture.Path, StringComparer.Ordinal)], files.Remarks);

        void Look(int k)
        {
            try
            {
                var (part, name) = places.Of(files.Files[k]);
                found[k] = new InspectedPicture(PictureMark.Of(files.Files[k]), part, name);
            }
            catch (Exception fault) when (fault is ImageException or IOException)
            {
                broken.Add(new BrokenPicture(files.Files[k], fault.Message));
            }

            progress?.Report(new WorkProgress("looking at pictures", Interlocked.Increment(ref done), files.Count));
        }
    }

    /// <summary>Some pictures of every class, side by side: rows of eight, each class in its turn.</summary>
    /// <param name="most">Pictures in all, at least 1.</param>
    /// <param name="side">Of a cell, in pixels.</param>
    public Image ContactSheet(int most = 64, int side = 96)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var classes = Pictures.GroupBy(picture => picture.Class).OrderBy(of => of.Key, StringComparer.Ordinal).Select(of => of.ToList())
            .ToList();
        int each = Math.Max(1, most / classes.Count);
        var chosen = classes.SelectMany(of => Enumerable.Range(0, Math.Min(each, of.Count))
            .Select(k => of[k * of.Count / Math.Min(each, of.Count)])).Take(most);
        return ImageGrid.Create(chosen.Select(picture => Thumbnail(picture.Mark.Path, side)));
    }

    private static Image Thumbnail(string path, int side)
    {
        var picture = Image.Load(path).To8Bit().ToRgb();
        int longer = Math.Max(picture.Width, picture.Height);
        return longer <= side ? picture : picture.Resize(Math.Max(1, picture.Width * side / longer),
            Math.Max(1, picture.Height * side / longer));
    }

    private IReadOnlyList<IReadOnlyList<InspectedPicture>> Across(Func<InspectedPicture, string> by) =>
        [.. Duplicates.Concat(Alike).Where(group => group.Select(by).Distinct().Count() > 1)];

    private static IReadOnlyList<IReadOnlyList<InspectedPicture>> Groups(IEnumerable<IReadOnlyList<InspectedPicture>> groups) =>
        [.. groups.Where(group => group.Count > 1).OrderByDescending(group => group.Count)
            .ThenBy(group => group[0].Mark.Path, StringComparer.Ordinal)];
}

/// <summary>A picture that was looked at.</summary>
/// <param name="Mark">What is remembered of it.</param>
/// <param name="Part">The part it lies in, such as <c>train</c>; empty where the folder has none.</param>
/// <param name="Class">The folder of its class; empty for none.</param>
public sealed record InspectedPicture(PictureMark Mark, string Part, string Class);

/// <summary>A file that is no readable picture.</summary>
/// <param name="Path">The file.</param>
/// <param name="Fault">What is wrong with it.</param>
public sealed record BrokenPicture(string Path, string Fault);
