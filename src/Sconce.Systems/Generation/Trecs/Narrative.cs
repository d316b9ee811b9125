using System.Text.Json;
using Sconce.Data;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>A word or a few, and when they were spoken.</summary>
/// <param name="Text">As transcribed.</param>
/// <param name="Start">In seconds.</param>
/// <param name="End">In seconds.</param>
public sealed record Utterance(string Text, double Start, double End);

/// <summary>A place of the mouse at a time.</summary>
/// <param name="Point">As a share of the picture.</param>
/// <param name="Time">In seconds.</param>
public readonly record struct TimedPoint(TracePoint Point, double Time);

/// <summary>
/// A picture described aloud while the mouse points at what is meant: a line of Localized Narratives (1912.03098,
/// google.github.io/localized-narratives).
/// </summary>
/// <param name="ImageId">Of the picture.</param>
/// <param name="AnnotatorId">Of whoever speaks.</param>
/// <param name="Caption">The whole text.</param>
/// <param name="Utterances">Its parts with their times.</param>
/// <param name="Trace">All strokes of the mouse, in order.</param>
public sealed record Narrative(
    string ImageId, string AnnotatorId, string Caption, IReadOnlyList<Utterance> Utterances, IReadOnlyList<TimedPoint> Trace)
{
    /// <summary>
    /// Where the mouse was during an utterance. One that ends as it begins (many entries of transcripts do) is a moment, and has the places
    /// of <see cref="Moment"/> seconds around it.
    /// </summary>
    public IReadOnlyList<TracePoint> TraceOf(Utterance utterance)
    {
        ArgumentNullException.ThrowIfNull(utterance);
        double around = utterance.End > utterance.Start ? 0 : Moment / 2;
        return
        [
            .. Trace.Where(place => place.Time >= utterance.Start - around && place.Time <= utterance.End + around)
                .Select(place => place.Point),
        ];
    }

    /// <summary>Seconds that a moment takes: about those of a short word.</summary>
    private const double Moment = 0.3;

    /// <summary>Reads one line of a <c>.jsonl</c> file.</summary>
    /// <exception cref="DataException">It is no narrative.</exception>
    public static Narrative Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new(
                root.GetProperty("image_id").ToString(),
                root.GetProperty("annotator_id").ToString(),
                root.GetProperty("caption").GetString()!,
                [.. root.GetProperty("timed_caption").EnumerateArray().Select(part => new Utterance(
                    part.GetProperty("utterance").GetString()!,
                    part.GetProperty("start_time").GetDouble(),
                    part.GetProperty("end_time").GetDouble()))],
                [.. root.GetProperty("traces").EnumerateArray().SelectMany(stroke => stroke.EnumerateArray())
                    .Select(place => new TimedPoint(
                    new(place.GetProperty("x").GetDouble(), place.GetProperty("y").GetDouble()), place.GetProperty("t").GetDouble()))]);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DataException("Localized Narratives", $"a line is not as published: {fault.Message}", fault);
        }
    }
}
