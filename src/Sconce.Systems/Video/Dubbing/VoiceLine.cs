using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sconce.Video;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>A translated speech that keeps the original's times.</summary>
/// <param name="Samples">In [-1, 1].</param>
/// <param name="Lines">Of each line when it was said, when it is said now, how long it is now, and its words.</param>
internal sealed record SpokenLines(float[] Samples, IReadOnlyList<(Line Line, double Start, double Seconds)> Lines);

/// <summary>
/// From a clip to its speech in another language: words with times, their translation, a voice. Each stage is a file, the program
/// espeak-ng, or somebody else's command or address. 2011.03530 §2.
/// </summary>
/// <param name="settings">Which.</param>
/// <param name="rate">Samples a second.</param>
internal sealed class VoiceLine(DubSettings settings, int rate)
{
    private const string Espeak = "espeak-ng";
    private const double UsualWords = 175, MostWords = 400, Slack = 0.05;

    /// <summary>The speech.</summary>
    /// <param name="clip">The clip's file.</param>
    /// <param name="progress">Told of every line.</param>
    /// <param name="cancellation">Ends it.</param>
    internal SpokenLines Speak(string clip, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var lines = Translated(Recognized(clip, cancellation), cancellation);
        var spoken = new List<(Line, double, double)>();
        var samples = new List<float>();
        for (int k = 0; k < lines.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            double until = k + 1 < lines.Count ? lines[k + 1].Start : double.PositiveInfinity;
            // A line that took longer than its time is waited for.
            double start = Math.Max(lines[k].Start, (double)samples.Count / rate);
            float[] voice = Voice(lines[k], Math.Max(0.1, Math.Min(until, Math.Max(lines[k].End, start + 0.1)) - start), cancellation);
            samples.AddRange(Enumerable.Repeat(0f, Math.Max(0, (int)(start * rate) - samples.Count)));
            samples.AddRange(voice);
            spoken.Add((lines[k], start, (double)voice.Length / rate));
            progress?.Report(new WorkProgress("speaking", k + 1, lines.Count, lines[k].Text));
        }

        return new SpokenLines([.. samples], spoken);
    }

    private IReadOnlyList<Line> Recognized(string clip, CancellationToken cancellation)
    {
        if (settings.Recognize is { } place)
        {
            var stage = new DubStage("recognize", place);
            return Lines(stage, stage.Ask(writer => writer.WriteString("clip", Path.GetFullPath(clip)), cancellation));
        }

        return Subtitles.Read(settings.Subtitles ?? settings.Translation!);
    }

    private IReadOnlyList<Line> Translated(IReadOnlyList<Line> lines, CancellationToken cancellation)
    {
        if (settings.Translation is { } file)
        {
            return settings.Subtitles is null && settings.Recognize is null ? lines : Subtitles.Timed(lines, Subtitles.Read(file), file);
        }

        if (settings.Translate is not { } place) return lines;
        var stage = new DubStage("translate", place);
        return Lines(stage, stage.Ask(
            writer =>
            {
                writer.WriteString("language", settings.Voice);
                writer.WriteStartArray("segments");
                foreach (var line in lines)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("start", line.Start);
                    writer.WriteNumber("end", line.End);
                    writer.WriteString("text", line.Text);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            },
            cancellation));
    }

    private static IReadOnlyList<Line> Lines(DubStage stage, JsonElement answer)
    {
        var lines = new List<Line>();
        foreach (var segment in stage.Member(answer, "segments", JsonValueKind.Array).EnumerateArray())
        {
            double start = stage.Member(segment, "start", JsonValueKind.Number).GetDouble();
            double end = stage.Member(segment, "end", JsonValueKind.Number).GetDouble();
            if (!(start >= 0 && end > start)) throw stage.Fault($"answers a segment from {start} to {end} seconds");
            lines.Add(new Line(start, end, stage.Member(segment, "text", JsonValueKind.String).GetString()!));
        }

        return lines.Count > 0 ? [.. lines.OrderBy(line => line.Start)] : throw stage.Fault("answers no segments");
    }

    private float[] Voice(Line line, double seconds, CancellationToken cancellation)
    {
        string file = Path.Combine(Path.GetTempPath(), $"sconce-voice-{Guid.NewGuid():N}.wav");
        try
        {
            if (settings.Synthesize is { } place) return Synthesized(new DubStage("synthesize", place), line, seconds, file, cancellation);
            float[] voice = Espeaked(line.Text, UsualWords, file, cancellation);
            double factor = (double)voice.Length / rate / seconds;
            return factor <= 1 + Slack ? voice : Espeaked(line.Text, Math.Min(MostWords, UsualWords * factor), file, cancellation);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private float[] Synthesized(DubStage stage, Line line, double seconds, string file, CancellationToken cancellation)
    {
        var answer = stage.Ask(
            writer =>
            {
                writer.WriteString("text", line.Text);
                writer.WriteString("voice", settings.Voice);
                writer.WriteNumber("seconds", seconds);
                writer.WriteString("out", file);
            },
            cancellation);
        if (answer.TryGetProperty("wav", out var coded) && coded.ValueKind == JsonValueKind.String)
        {
            File.WriteAllBytes(file, coded.TryGetBytesFromBase64(out byte[]? bytes) ? bytes
                : throw stage.Fault("answers a 'wav' that is no base64"));
            return SoundSamples.Read(file, rate, cancellation);
        }

        string sound = stage.Member(answer, "sound", JsonValueKind.String).GetString()!;
        return File.Exists(sound) ? SoundSamples.Read(sound, rate, cancellation)
            : throw stage.Fault($"names the sound '{sound}', which is not there");
    }

    private float[] Espeaked(string text, double words, string file, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(
            Espeak, ["-v", settings.Voice, "-s", words.ToString("0", CultureInfo.InvariantCulture), "-w", file, "--", text])
        { RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start) ?? throw Missing();
            string fault = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode == 0 && File.Exists(file)) return SoundSamples.Read(file, rate, cancellation);
            throw new SettingsException("voice", called => $"{called} {settings.Voice}: {Espeak} says {fault}");
        }
        catch (Win32Exception)
        {
            throw Missing();
        }
    }

    private static SettingsException Missing() =>
        new("synthesize", called =>
            $"{called} names no voice, and the program {Espeak} is not installed: install it, or name a command or an address");
}
