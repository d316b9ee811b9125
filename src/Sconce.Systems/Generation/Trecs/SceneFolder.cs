using System.Text.Json;
using Sconce.Data;
using Sconce.Files;
using Sconce.Imaging;
using Sconce.Maths;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// A folder of described scenes: <c>narratives.jsonl</c> (Localized Narratives), <c>maps/ID.png</c> (grey, the number of each pixel's
/// label), <c>pictures/ID.jpg</c> or <c>.png</c>, and <c>labels.txt</c> (a line a label: its name, and stuff where it fills the ground).
/// </summary>
internal static class SceneFolder
{
    private const int SmallestThing = 4; // pixels
    private const string Stuff = "stuff";

    /// <summary>Reads it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="side">To which maps and pictures are brought.</param>
    /// <exception cref="DataException">A file is missing or damaged, or a map has a label without a name.</exception>
    public static TrecsWorld Read(string folder, int side)
    {
        string[][] lines = [.. TextFiles.ReadLines(Path.Combine(folder, "labels.txt")).Select(line => line.Trim())
            .Where(line => line.Length > 0).Select(line => line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries))];
        bool[] stuff = [.. lines.Select(line => line.Contains(Stuff, StringComparer.OrdinalIgnoreCase))];
        var scenes = new List<DescribedScene>();
        var pictures = new List<Image>();
        foreach (var narrative in NarrativeFile.Read(Path.Combine(folder, NarrativeFile.Name)))
        {
            string map = Path.Combine(folder, "maps", narrative.ImageId + ".png");
            string picture = ((string[])[".jpg", ".png", ".jpeg"])
                .Select(ending => Path.Combine(folder, "pictures", narrative.ImageId + ending)).FirstOrDefault(File.Exists)
                ?? throw new DataException(folder, $"there is no pictures/{narrative.ImageId}.jpg or .png, which a narrative describes");
            scenes.Add(new DescribedScene(SceneOf(map, stuff, side), narrative));
            pictures.Add(Image.Load(picture).To8Bit().ToRgb().Resize(side, side));
        }

        return new TrecsWorld([.. lines.Select(line => line[0])], stuff, side, scenes, pictures);
    }

    private static Scene SceneOf(string path, bool[] stuff, int side)
    {
        if (!File.Exists(path)) throw new DataException(path, "there is no such map, whose picture a narrative describes");
        var map = Image.Load(path, new ImageOptions { Mode = ColorMode.Gray }).To8Bit().Resize(side, side, ResizeFilter.Nearest);
        int[] labels = [.. map.Bytes.ToArray().Select(value => (int)value)];
        int largest = labels.Max();
        if (largest >= stuff.Length) throw new DataException(path, $"it has the label {largest}, and labels.txt names {stuff.Length}");
        var things = new List<SceneObject>();
        foreach (int label in labels.Distinct().Where(label => !stuff[label]))
        {
            bool[] cells = [.. labels.Select(other => other == label)];
            foreach (var region in ConnectedRegions.Of(cells, side).Where(region => region.Cells.Count >= SmallestThing))
            {
                var pixels = new bool[labels.Length];
                foreach (int cell in region.Cells) pixels[cell] = true;
                things.Add(new SceneObject(label, pixels));
            }
        }

        return new Scene(side, side, labels, things);
    }
}

/// <summary>A file of Localized Narratives, a line each.</summary>
internal static class NarrativeFile
{
    /// <summary>Its name in folders and runs.</summary>
    public const string Name = "narratives.jsonl";

    /// <summary>Writes narratives as they are published, each trace as one stroke.</summary>
    public static void Save(string path, IReadOnlyList<Narrative> narratives)
    {
        using var stream = new MemoryStream();
        foreach (var narrative in narratives)
        {
            using (var writer = new Utf8JsonWriter(stream)) Write(writer, narrative);
            stream.WriteByte((byte)'\n');
        }

        AtomicFile.Write(path, stream.ToArray());
    }

    /// <summary>Reads it; a narrative has one word an utterance at least.</summary>
    /// <exception cref="DataException">It is missing, empty, or a line is no narrative.</exception>
    public static IReadOnlyList<Narrative> Read(string path)
    {
        var narratives = new List<Narrative>();
        foreach (var (k, line) in TextFiles.ReadLines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                narratives.Add(ByWords(Narrative.Read(line)));
            }
            catch (DataException fault)
            {
                throw new DataException($"{path}, line {k + 1}", fault.Message, fault);
            }
        }

        return narratives.Count > 0 ? narratives : throw new DataException(path, "there is no narrative in it");
    }

    private static void Write(Utf8JsonWriter writer, Narrative narrative)
    {
        writer.WriteStartObject();
        writer.WriteString("image_id", narrative.ImageId);
        writer.WriteString("annotator_id", narrative.AnnotatorId);
        writer.WriteString("caption", narrative.Caption);
        writer.WriteStartArray("timed_caption");
        foreach (var word in narrative.Utterances)
        {
            writer.WriteStartObject();
            writer.WriteString("utterance", word.Text);
            writer.WriteNumber("start_time", word.Start);
            writer.WriteNumber("end_time", word.End);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("traces");
        writer.WriteStartArray();
        foreach (var place in narrative.Trace)
        {
            writer.WriteStartObject();
            writer.WriteNumber("x", place.Point.X);
            writer.WriteNumber("y", place.Point.Y);
            writer.WriteNumber("t", place.Time);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Phrases become words, and their time is spread evenly over them; a moment stays one.</summary>
    private static Narrative ByWords(Narrative narrative)
    {
        if (narrative.Utterances.Count == 0) throw new DataException(narrative.ImageId, "no word of it has a time");
        if (!narrative.Trace.Any(place => IsOn(place.Point)))
            throw new DataException(narrative.ImageId, "its trace lies outside the picture: x and y are shares of its width and height");
        return narrative with
        {
            Utterances = [.. narrative.Utterances.SelectMany(utterance =>
            {
                string[] words = utterance.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                double step = (utterance.End - utterance.Start) / Math.Max(1, words.Length);
                return words.Select((word, k) => new Utterance(
                    word, utterance.Start + (k * step), k == words.Length - 1 ? utterance.End : utterance.Start + ((k + 1) * step)));
            })],
        };
    }

    private static bool IsOn(TracePoint point) => point.X is >= 0 and <= 1 && point.Y is >= 0 and <= 1;
}
