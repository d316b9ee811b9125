using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sconce.Abilities;
using Sconce.Files;
using Sconce.Imaging;
using Sconce.Server.Http;

namespace Sconce.Server.Monitoring;

/// <summary>
/// Whether what comes in, and how sure the answers are, has moved away from a reference. The reference is kept in a file, with the run
/// where it is one; where there is none yet, the first answers become it.
/// </summary>
/// <param name="file">Where the reference is kept.</param>
/// <param name="logger">Told where it cannot be.</param>
internal sealed class DriftWatch(string file, ILogger logger)
{
    /// <summary>Answers of a reference, and of the window that is held against it.</summary>
    public const int Window = 500;

    /// <summary>What is watched.</summary>
    public static IReadOnlyList<string> Watched { get; } = ["confidence", "brightness", "contrast"];

    private const int SampledPixels = 4096;
    private readonly Lock gate = new();
    private readonly Queue<double?[]> window = new();
    private readonly Histogram[] recent = [.. Watched.Select(_ => new Histogram())];
    private Histogram[]? reference = Read(file, logger);

    /// <summary>An answer was given.</summary>
    public void Saw(IInput input, IAnswer answer)
    {
        var (brightness, contrast) = input is Picture picture ? Light(picture.Image) : (null, null);
        double?[] seen = [Confidence(answer), brightness, contrast];
        lock (gate)
        {
            window.Enqueue(seen);
            Count(seen, 1);
            if (window.Count > Window) Count(window.Dequeue(), -1);
            if (reference is not null || window.Count < Window) return;
            reference = [.. recent.Select(histogram => new Histogram(histogram.Counts))];
        }

        Save();
    }

    /// <summary>The stability index of one of the <see cref="Watched"/>; null until there is enough to tell.</summary>
    public double? Index(int watched)
    {
        lock (gate)
        {
            return reference is { } known && recent[watched].Total >= Window / 5 && known[watched].Total > 0
                ? recent[watched].StabilityAgainst(known[watched]) : null;
        }
    }

    /// <summary>The confidence of an answer's likeliest class, or of its surest object; null for other answers.</summary>
    internal static double? Confidence(IAnswer answer) => answer.Parts.Select(part => part.Part switch
    {
        Labels { Items.Count: > 0 } labels => labels.Best.Confidence,
        Boxes { Items.Count: > 0 } boxes => boxes.Items.Max(box => box.Confidence),
        _ => (double?)null,
    }).FirstOrDefault(known => known is not null);

    /// <summary>Mean and spread of a picture's first channel, in [0, 1], over pixels at equal distances.</summary>
    private static (double? Mean, double? Spread) Light(Image image)
    {
        if (image.BitDepth != 8) return (null, null);
        var pixels = image.Pixels;
        int step = Math.Max(1, pixels.Length / image.Channels / SampledPixels) * image.Channels;
        double sum = 0, squares = 0;
        int count = 0;
        for (int k = 0; k < pixels.Length; k += step, count++)
        {
            sum += pixels[k];
            squares += pixels[k] * pixels[k];
        }

        double mean = sum / count;
        return (mean / 255, Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean))) / 128);
    }

    private void Count(double?[] seen, int times)
    {
        for (int k = 0; k < seen.Length; k++)
        {
            if (seen[k] is { } value) recent[k].Add(value, times);
        }
    }

    private static Histogram[]? Read(string file, ILogger logger)
    {
        if (!File.Exists(file)) return null;
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadAllText(file));
            return [.. Watched.Select(name =>
                new Histogram([.. document.RootElement.GetProperty(name).EnumerateArray().Select(count => count.GetInt64())]))];
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException or IOException)
        {
            ServerLog.NotKept(logger, file, $"it is no reference of drift, and is made anew ({fault.Message})");
            return null;
        }
    }

    private void Save()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            for (int k = 0; k < Watched.Count; k++)
            {
                writer.WriteStartArray(Watched[k]);
                foreach (long count in reference![k].Counts) writer.WriteNumberValue(count);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, stream.ToArray());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            ServerLog.NotKept(logger, file, fault.Message);
        }
    }
}
