using Sconce.Imaging;
using Sconce.Video;

namespace Sconce.Abilities;

/// <summary>A clip: a file whose frames are read one after the other, so that its length costs no memory.</summary>
public sealed class Clip : IInput<Clip>, ISettingValue<Clip>
{
    private readonly Lazy<VideoInfo> info;

    private Clip(string path) => (Path, info) = (path, new Lazy<VideoInfo>(() => VideoFrames.Probe(path)));

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Clip;

    /// <inheritdoc/>
    public static SettingValue<Clip> Value { get; } = new InputValue<Clip>(clip => clip.Path);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <summary>What the file says of its pictures.</summary>
    /// <exception cref="VideoException">It is no clip, or cannot be read.</exception>
    public VideoInfo Info => info.Value;

    /// <summary>Frames a second at which it is read: its own, made even.</summary>
    /// <exception cref="VideoException">It is no clip, or cannot be read.</exception>
    public double Rate => VideoFrames.SteadyRate(Info);

    /// <summary>About how many frames it has at <see cref="Rate"/>; null where its file does not say.</summary>
    public long? Count => Info.Seconds is { } seconds ? (long)Math.Round(seconds * Rate) : Info.Frames;

    /// <inheritdoc/>
    public static Clip Of(string given) => new(given);

    /// <summary>Its frames, one after the other as they are decoded: 8-bit RGB.</summary>
    /// <param name="doing">What is done with them, for progress, which is told when a frame is done with.</param>
    /// <param name="progress">Told of every frame.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="VideoException">It is no clip, or cannot be read to its end.</exception>
    public IEnumerable<Image> Frames(string doing, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        long count = 0;
        foreach (var frame in VideoFrames.All(Path, Rate, cancellation))
        {
            yield return frame;
            count++;
            progress?.Report(new WorkProgress(doing, count, Math.Max(count, Count ?? count)));
        }
    }

    /// <inheritdoc/>
    public void Prepare() => _ = info.Value;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
