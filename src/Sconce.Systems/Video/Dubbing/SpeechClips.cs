using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>A clip of somebody who speaks, as it is learned from.</summary>
/// <param name="Frames">The frames' files, 25 a second.</param>
/// <param name="Speech">The features of its sound, band by band: <c>80 x steps</c>.</param>
/// <param name="Steps">How many there are.</param>
internal sealed record SpokenClip(IReadOnlyList<string> Frames, float[] Speech, int Steps)
{
    /// <summary>Frames a second that the networks learn.</summary>
    internal const double Rate = 25;

    private static readonly SpeechFeatures Features = new();

    /// <summary>Frames from which on <see cref="SyncExpert.Frames"/> frames with their speech can be cut.</summary>
    internal int Starts => Math.Min(
        Frames.Count - SyncExpert.Frames + 1,
        (int)((Steps - SpeechFeatures.Steps) * Rate / Features.StepRate) - SyncExpert.Frames + 1);

    /// <summary>The speech of a frame, <c>(80, 16)</c>.</summary>
    internal float[] Heard(int frame)
    {
        int first = Math.Clamp(Features.FirstStep(frame, Rate), 0, Steps - SpeechFeatures.Steps), bands = Features.Bands;
        var part = new float[bands * SpeechFeatures.Steps];
        for (int band = 0; band < bands; band++)
        {
            Speech.AsSpan((band * Steps) + first, SpeechFeatures.Steps).CopyTo(part.AsSpan(band * SpeechFeatures.Steps));
        }

        return part;
    }

    /// <summary>
    /// A sequence with its sound: that of the clip, or the one file of sound in the folder of frames; null where it is too short.
    /// </summary>
    /// <exception cref="DataException">A folder of frames has no sound beside them.</exception>
    /// <exception cref="VideoException">The sound cannot be read.</exception>
    internal static SpokenClip? Of(FrameSequence sequence, CancellationToken cancellation)
    {
        string sound = sequence.Clip ?? Directory.EnumerateFiles(sequence.Name).FirstOrDefault(file =>
            Path.GetExtension(file) is ".wav" or ".flac")
            ?? throw new DataException(sequence.Name,
                "these frames have no sound: a clip, or a .wav beside the frames of 25 a second, is wanted");
        float[] samples = SoundSamples.Read(sound, Features.SampleRate, cancellation);
        if (samples.Length < Features.Window) return null;
        using var scope = new TensorScope();
        var features = Features.Of(Tensor.From(samples));
        var clip = new SpokenClip(sequence.Files, features.Reshape([-1]).ToArray<float>(), (int)features.Size(1));
        return clip.Starts > 1 ? clip : null;
    }
}

/// <summary>
/// Clips of people who speak, in a part to learn from and one to be asked about: whole clips, or the end of a single one.
/// </summary>
/// <param name="Learned">Each with a frame from which on there is enough of it.</param>
/// <param name="HeldOut">Likewise.</param>
/// <param name="Remarks">What a person should know of the data.</param>
internal sealed record SpokenClips(
    IReadOnlyList<(SpokenClip Clip, int Start)> Learned, IReadOnlyList<(SpokenClip Clip, int Start)> HeldOut, IReadOnlyList<string> Remarks)
{
    /// <summary>Takes a folder of clips apart.</summary>
    /// <param name="folder">The data.</param>
    /// <param name="cache">Where frames are kept.</param>
    /// <param name="shortSide">Of frames, in pixels.</param>
    /// <param name="validation">The share that is held out.</param>
    /// <param name="progress">Told of each clip.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DataException">None is long enough.</exception>
    internal static SpokenClips Open(
        string folder, string cache, int shortSide, double validation, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        List<string> remarks = [];
        List<SpokenClip> clips = [];
        foreach (var sequence in FrameSequences.Open(folder, cache, shortSide, SpokenClip.Rate, progress, cancellation))
        {
            if (SpokenClip.Of(sequence, cancellation) is { } clip) clips.Add(clip);
            else remarks.Add($"{sequence.Name}: half a second of frames with sound is wanted, so it is left out");
        }

        if (clips.Count == 0) throw new DataException(folder, string.Join(". ", (string[])["nothing can be learned from it", .. remarks]));
        if (clips.Count == 1)
        {
            int kept = Math.Max(1, (int)Math.Round(clips[0].Starts * validation));
            return new SpokenClips(All(clips[0])[..^kept], All(clips[0])[^kept..], remarks);
        }

        int held = Math.Clamp((int)Math.Round(clips.Count * validation), 1, clips.Count - 1);
        return new SpokenClips([.. clips[..^held].SelectMany(All)], [.. clips[^held..].SelectMany(All)], remarks);

        static (SpokenClip, int)[] All(SpokenClip clip) => [.. Enumerable.Range(0, clip.Starts).Select(start => (clip, start))];
    }
}

/// <summary>The face of frames as the networks see it.</summary>
/// <param name="Box">Left, top, right, bottom in pixels of the clip; empty for the whole frame.</param>
internal sealed record FaceCut(IReadOnlyList<int> Box)
{
    private const int Side = LipPainter.Side, Plane = Side * Side;

    /// <summary>Some frames in a row, blue, green, red in [0, 1], colour by colour: <c>(3, T, 96, 96)</c>.</summary>
    internal float[] Frames(SpokenClip clip, int start)
    {
        const int times = SyncExpert.Frames;
        var all = new float[3 * times * Plane];
        var one = new float[3 * Plane];
        for (int time = 0; time < times; time++)
        {
            var frame = Image.Load(clip.Frames[start + time]).To8Bit().ToRgb(Rgb.White);
            var box = Box is [var left, var top, var right, var bottom]
                ? new PixelBox(left, top, Math.Min(right, frame.Width), Math.Min(bottom, frame.Height))
                : new PixelBox(0, 0, frame.Width, frame.Height);
            frame.ResizeRegion(box, Side, Side).Normalize([0, 0, 0], [1, 1, 1], one);
            for (int channel = 0; channel < 3; channel++)
            {
                one.AsSpan((2 - channel) * Plane, Plane).CopyTo(all.AsSpan(((channel * times) + time) * Plane));
            }
        }

        return all;
    }
}
