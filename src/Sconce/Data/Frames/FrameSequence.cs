using Sconce.Imaging;
using Sconce.Video;

namespace Sconce.Data;

/// <summary>Frames in the order of time.</summary>
/// <param name="Name">The clip's path, or the folder's of the frames.</param>
/// <param name="Files">Each frame's picture.</param>
public sealed record FrameSequence(string Name, IReadOnlyList<string> Files)
{
    /// <summary>The clip that the frames were taken from, for its sound; null where they were pictures already.</summary>
    public string? Clip { get; init; }

    /// <summary>Frames a second; null where that is not known.</summary>
    public double? Rate { get; init; }

    /// <summary>A clip's own size, of which its frames may be reduced; null where frames are as they were given.</summary>
    public (int Width, int Height)? Original { get; init; }
}

/// <summary>
/// A person's clips and folders of frames. Clips are taken apart once, into pictures in a folder of their own, so that any frame can be
/// read at any time; what was taken apart before is found again.
/// </summary>
public static class FrameSequences
{
    /// <summary>Where clips are taken apart, in a run's folder.</summary>
    public const string Folder = "frames";

    private const string Done = "done.txt";
    private static readonly HashSet<string> Clips = new(ClipExtensions.All, StringComparer.OrdinalIgnoreCase);

    /// <summary>Opens every clip below a folder, and every folder of frames.</summary>
    /// <param name="folder">The data.</param>
    /// <param name="cache">Where clips are taken apart.</param>
    /// <param name="shortSide">Pixels of the shorter side of a clip's frames, which are never enlarged.</param>
    /// <param name="rate">Frames a second to which clips are brought; null for their own.</param>
    /// <param name="progress">Told of each clip.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DataException">There are none.</exception>
    /// <exception cref="VideoException">A clip cannot be read.</exception>
    public static IReadOnlyList<FrameSequence> Open(
        string folder, string cache, int shortSide, double? rate = null, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder of clips or of frames");
        string own = Path.GetFullPath(cache);
        string[] files = [.. FileWalk.All(folder).Where(file => !Path.GetFullPath(file).StartsWith(own, StringComparison.Ordinal))];
        string[] clips = [.. files.Where(file => Clips.Contains(Path.GetExtension(file)))];
        var sequences = new List<FrameSequence>();
        for (int k = 0; k < clips.Length; k++)
        {
            progress?.Report(new WorkProgress("taking clips apart", k, clips.Length, Path.GetFileName(clips[k])));
            sequences.Add(OfClip(clips[k], Path.GetRelativePath(folder, clips[k]), cache, shortSide, rate, cancellation));
        }

        var pictures = files.Where(FileWalk.IsPicture).GroupBy(file => Path.GetDirectoryName(file)!);
        sequences.AddRange(pictures.Select(group => new FrameSequence(group.Key, [.. group.Order(NaturalOrder.Instance)])));
        if (sequences.Count > 0) return sequences;
        throw new DataException(folder, "it holds neither clips nor folders of frames");
    }

    private static FrameSequence OfClip(
        string clip, string name, string cache, int shortSide, double? rate, CancellationToken cancellation)
    {
        var info = VideoFrames.Probe(clip, cancellation);
        double steady = rate ?? VideoFrames.SteadyRate(info);
        string place = Path.Combine(cache, string.Concat(name.Select(letter => char.IsLetterOrDigit(letter) ? letter : '_')));
        var file = new FileInfo(clip);
        string mark = FormattableString.Invariant($"{file.Length} {file.LastWriteTimeUtc.Ticks} {shortSide} {steady:R}");
        string done = Path.Combine(place, Done);
        if (!File.Exists(done) || File.ReadAllText(done) != mark)
        {
            if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
            Directory.CreateDirectory(place);
            int number = 0;
            foreach (var frame in VideoFrames.All(clip, steady, cancellation))
            {
                Reduced(frame, shortSide).Save(Path.Combine(place, FormattableString.Invariant($"{number++:000000}.jpg")));
            }

            File.WriteAllText(done, mark);
        }

        string[] frames = [.. Directory.GetFiles(place, "*.jpg").Order(StringComparer.Ordinal)];
        return new FrameSequence(clip, frames) { Clip = clip, Rate = steady, Original = (info.Width, info.Height) };
    }

    private static Image Reduced(Image frame, int shortSide)
    {
        if (Math.Min(frame.Width, frame.Height) <= shortSide) return frame;
        var (width, height) = Image.ShortSideSize(frame.Width, frame.Height, shortSide, null);
        return frame.Resize(width, height, ResizeFilter.Bilinear);
    }

    /// <summary>Names with numbers in the order of the numbers: 2 before 10.</summary>
    private sealed class NaturalOrder : IComparer<string>
    {
        internal static readonly NaturalOrder Instance = new();

        public int Compare(string? x, string? y) => string.CompareOrdinal(Padded(x!), Padded(y!));

        private static string Padded(string name)
        {
            const int digits = 12;
            var padded = new System.Text.StringBuilder();
            for (int k = 0; k < name.Length;)
            {
                int end = k;
                while (end < name.Length && char.IsAsciiDigit(name[end])) end++;
                if (end == k) padded.Append(name[k++]);
                else padded.Append(name[k..end].PadLeft(digits, '0'));
                k = Math.Max(k, end);
            }

            return padded.ToString();
        }
    }
}

/// <summary>A folder for what is made once: a run's own, or one that is gone with this.</summary>
public sealed class KeptFolder : IDisposable
{
    private readonly bool isOwn;

    /// <summary>Opens it.</summary>
    /// <param name="run">The run's folder; null for a run in memory.</param>
    /// <param name="name">Within it.</param>
    public KeptFolder(string? run, string name)
    {
        isOwn = run is null;
        Path = run is null ? Directory.CreateTempSubdirectory("sconce-").FullName : System.IO.Path.Combine(run, name);
    }

    /// <summary>Where it lies; it need not be there yet.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isOwn && Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
