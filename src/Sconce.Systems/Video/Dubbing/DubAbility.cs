using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>Paints lips to speech.</summary>
public sealed record LipSync : Capability;

/// <summary>What is said, and by whom.</summary>
[Settings]
public sealed partial record DubSettings : ISettingsRule
{
    /// <summary>The words: a file of sound, or a clip whose sound is taken.</summary>
    public Sound? Speech { get; init; }

    /// <summary>In place of a speech: what is said in the clip and when, as SubRip subtitles.</summary>
    [FilePath]
    public string? Subtitles { get; init; }

    /// <summary>The same in another language, line by line; alone, with its own times.</summary>
    [FilePath]
    public string? Translation { get; init; }

    /// <summary>The voice that speaks it: espeak-ng's name of a language or a voice, or what the command for it knows.</summary>
    public string Voice { get; init; } = "en";

    /// <summary>A command or an address that finds out what is said, in place of subtitles.</summary>
    public string? Recognize { get; init; }

    /// <summary>A command or an address that translates it, in place of a translation.</summary>
    public string? Translate { get; init; }

    /// <summary>A command or an address that speaks, in place of espeak-ng.</summary>
    public string? Synthesize { get; init; }

    /// <summary>
    /// The speaker's face: left, top, right, bottom in pixels, from the brows to under the chin; it has to stay there. Without it the whole
    /// picture is taken for the face.
    /// </summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <summary>
    /// In place of a box: where the speaker's face is in each frame, as a tracker's file (MOT's text or JSON lines). Frames in which it is
    /// not seen stay as they are.
    /// </summary>
    [FilePath]
    public string? Follow { get; init; }

    /// <summary>Who of the objects in that file speaks, by number; needed where there are several.</summary>
    [Within(0)]
    public int? Speaker { get; init; }

    /// <summary>Where the speech is longer than the clip, begin the clip again; else its last frame is held.</summary>
    public bool Loop { get; init; }

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => (Speech, HasWords, Box) switch
    {
        (null, false, _) => ("speech", "is missing: name a sound, or subtitles and their translation"),
        (not null, true, _) => ("speech", "does not go together with subtitles or stages that make one"),
        (_, _, not []) when Follow is not null => ("follow", "does not go together with a box"),
        _ when Speaker is not null && Follow is null => ("speaker", "is a number in the tracker's file, which follow names"),
        (_, _, []) => null,
        (_, _, [var left, var top, var right, var bottom]) when left < right && top < bottom => null,
        _ => ("box", "takes four numbers: left, top, right, bottom, with left before right and top above bottom"),
    };

    private bool HasWords => Subtitles is not null || Translation is not null || Recognize is not null;
}

/// <summary>A clip with other words.</summary>
/// <param name="Clip">Made as its frames are read, while the session is open.</param>
/// <param name="Lengths">How long clip and speech are, and what became of the rest.</param>
/// <param name="Lines">Each line that was spoken, with its times; none where the speech was given.</param>
public sealed record DubAnswer(MadeClip Clip, Rows Lengths, Rows Lines) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Clip), ("lengths", Lengths), ("lines", Lines)];
}

/// <summary>Gives clips another speech.</summary>
public sealed class DubClip : Ability<Clip, DubAnswer, DubSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Dub;

    /// <inheritdoc/>
    public override string Purpose =>
        "clips in; out, for each, a clip in which the speaker's lips say another speech, with that speech as its sound";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("clip.mp4 --speech speech.wav --out dubbed.mp4", "a clip that is a face from edge to edge"),
        ("clip.mp4 --speech speech.wav --box 420,130,720,520 --out dubbed.mp4", "a face in a wider picture"),
        ("clip.mp4 --speech speech.wav --follow faces.jsonl --speaker 3", "a face that moves, as a tracker followed it"),
        ("clip.mp4 --subtitles original.srt --translation english.srt --voice en", "from subtitles, spoken by espeak-ng"),
        ("clip.mp4 --recognize \"python asr.py\" --translate http://localhost:5000/translate --voice en", "each stage somebody else's"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<LipSync>();

    /// <inheritdoc/>
    public override Session<Clip, DubAnswer, DubSettings> Open(OpenRequest request) => new DubSession(request);
}

/// <summary>
/// Lips to speech. The clip's frames are all kept: those after the last word stay as they are, and where the speech is longer, the last
/// frame is held until it ends, or the clip begins again. Several threads may ask it.
/// </summary>
public sealed class DubSession : Session<Clip, DubAnswer, DubSettings>
{
    private readonly LipPainter network;
    private readonly Device device;
    private readonly KeptFolder made = new(run: null, "speech");

    /// <summary>Loads it.</summary>
    public DubSession(OpenRequest request)
    {
        network = request.Network<LipPainter>();
        device = request.Device;
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<DubAnswer> Answer(
        IReadOnlyList<Clip> inputs, DubSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Dubbed(input, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free()
    {
        network.Dispose();
        made.Dispose();
    }

    private DubAnswer Dubbed(Clip clip, DubSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var features = new SpeechFeatures();
        var (samples, sound, lines) = Speech(clip, settings, features.SampleRate, progress, cancellation);
        double seconds = (double)samples.Length / features.SampleRate;
        if (samples.Length < features.Hop * SpeechFeatures.Steps)
        {
            throw new SettingsException("speech", called => $"{called} {sound} is shorter than a fifth of a second");
        }

        object?[] row =
        [
            clip.Info.Seconds, seconds,
            clip.Info.Seconds is not { } lasts ? ""
                : lasts > seconds + 0.1 ? "the last frames stay as they are"
                : seconds <= lasts + 0.1 ? ""
                : settings.Loop ? "the clip begins again until the speech ends" : "the last frame is held until the speech ends",
        ];
        return new DubAnswer(
            new MadeClip(Frames(clip, settings, features, samples, progress, cancellation), clip.Rate, sound),
            new Rows(["clip (seconds)", "speech (seconds)", "so"], [row]),
            lines);
    }

    /// <summary>The speech as samples and as a file, and the lines that were spoken for it.</summary>
    private (float[] Samples, string Sound, Rows Lines) Speech(
        Clip clip, DubSettings settings, int rate, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string[] columns = ["from (seconds)", "spoken from", "for (seconds)", "words"];
        if (settings.Speech is { } speech) return (speech.Samples(rate, cancellation), speech.Path, new Rows(columns, []));
        var spoken = new VoiceLine(settings, rate).Speak(clip.Path, progress, cancellation);
        string file = Path.Combine(made.Path, $"{Guid.NewGuid():N}.wav");
        Directory.CreateDirectory(made.Path);
        WavFile.Save(file, spoken.Samples, rate);
        var rows = spoken.Lines.Select(one => (IReadOnlyList<object?>)[one.Line.Start, one.Start, one.Seconds, one.Line.Text]);
        return (spoken.Samples, file, new Rows(columns, [.. rows]));
    }

    private IEnumerable<Image> Frames(
        Clip clip, DubSettings settings, SpeechFeatures features, float[] samples, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        long spoken = (long)Math.Ceiling(clip.Rate * samples.Length / features.SampleRate), count = 0;
        using var painter = new MouthPainter(network, device, features, samples, clip.Rate);
        var track = settings.Follow is { } file ? SpeakerTrack.Read(file, settings.Speaker, clip.Rate) : null;
        Image? last = null;
        foreach (var frame in clip.Frames("dubbing", progress, cancellation))
        {
            last = frame;
            yield return count < spoken ? Painted(frame, count) : frame;
            count++;
        }

        long length = count;
        while (settings.Loop && last is not null && count < spoken)
        {
            foreach (var (number, frame) in clip.Frames("dubbing", progress, cancellation).Index())
            {
                if (count >= spoken) break;
                yield return Painted(frame, number);
                count++;
            }
        }

        for (; last is not null && count < spoken; count++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Painted(last, length - 1);
            progress?.Report(new WorkProgress("dubbing", count, spoken));
        }

        Image Painted(Image frame, long number) =>
            (track is null ? MouthPainter.Window(frame, settings.Box) : track.At(number, frame.Width, frame.Height)) is { } face
                ? painter.Paint(frame, face, count)
                : frame;
    }
}
