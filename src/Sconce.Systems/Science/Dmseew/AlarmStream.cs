using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// Watches stations as their readings come, and tells when the class of what they show changes: an alarm, a greater one, an all-clear. A
/// station may drop out, come late, or have a clock of its own.
/// </summary>
/// <param name="model">Both levels.</param>
/// <param name="rate">Samples a second, as it learnt.</param>
/// <param name="samples">Of a window, as it learnt.</param>
/// <param name="settings">How often and by how many.</param>
/// <param name="remark">Told of clocks that are off.</param>
internal sealed class AlarmStream(EarlyWarning model, double rate, int samples, WarnSettings settings, Action<string>? remark)
{
    private readonly OrderedDictionary<string, StationTrack> tracks = [];
    private double clock = double.NaN, begin, next;
    private int state, lower; // and looks in a row that showed less

    private double Length => samples / rate;

    /// <summary>The lines of a stream, each as soon as it can be told.</summary>
    /// <param name="readings">In the order in which they come.</param>
    /// <param name="recording">Its name, which each line says; null for a live stream.</param>
    public IEnumerable<string> Lines(IEnumerable<SensorReading> readings, string? recording)
    {
        foreach (var reading in readings)
        {
            Take(reading);
            while (clock >= next)
            {
                if (Line(next, recording) is { } line) yield return line;
                next += settings.Every;
            }
        }

        if (!double.IsNaN(clock) && Line(Math.Max(clock, begin + Length - (1 / rate)), recording) is { } last) yield return last;
    }

    private void Take(SensorReading reading)
    {
        if (double.IsNaN(clock)) (clock, begin, next) = (reading.Time, reading.Time, reading.Time + Length - (1 / rate));
        if (!tracks.TryGetValue(reading.Station, out var track))
        {
            tracks.Add(reading.Station, track = new StationTrack(reading.Kind));
            if (Math.Abs(reading.Time - clock) > Length)
            {
                track.Offset = clock - reading.Time;
                remark?.Invoke($"the clock of '{reading.Station}' is {-track.Offset:0} s off; it is set by its first reading");
            }
        }

        double time = reading.Time + track.Offset;
        track.Add(time, reading.Components);
        // One station's leap must not carry all others away.
        double[] latest = [.. tracks.Values.Select(one => one.Last)];
        clock = Math.Max(clock, latest.Length < 3 ? latest.Max() : Math.Min(latest.Max(), EventRecording.Middle(latest) + Length));
        track.Forget(clock - (2 * Length));
    }

    /// <summary>What is to be told at a time; null where nothing changed.</summary>
    private string? Line(double time, string? recording)
    {
        double start = time - Length + (1 / rate);
        SensorWindow?[] windows =
        [
            .. tracks.Values.Select(track =>
                track.Window(start, rate, samples) is { } window ? new SensorWindow(track.Kind, window) : null),
        ];
        var (votes, bag) = model.Vote(windows);
        int live = votes.Count(vote => vote >= 0), found = live >= settings.Least ? model.Classify(bag) : 0;
        lower = found < state ? lower + 1 : 0;
        if (found == state || (found < state && lower < settings.Patience)) return null;
        bool isCleared = found < state;
        (state, lower) = (found, 0);
        return Json(time, found, isCleared, votes, windows, recording);
    }

    private static string Json(
        double time, int found, bool isCleared, int[] votes, SensorWindow?[] windows, string? recording)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("time", Math.Round(time, 3));
            writer.WriteString("class", EventRecording.Classes[found]);
            writer.WriteString("alarm", found == 0 ? "cleared" : isCleared ? "lowered" : "raised");
            writer.WriteStartObject("votes");
            foreach (var kind in Enum.GetValues<SensorKind>())
            {
                writer.WriteStartObject(kind.ToString().ToLowerInvariant());
                for (int c = 0; c < EventRecording.Classes.Count; c++)
                {
                    int count = Enumerable.Range(0, votes.Length).Count(k => votes[k] == c && windows[k]!.Kind == kind);
                    writer.WriteNumber(EventRecording.Classes[c], count);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteNumber("stations", votes.Count(vote => vote >= 0));
            writer.WriteNumber("silent", votes.Count(vote => vote < 0));
            if (recording is not null) writer.WriteString("recording", recording);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
