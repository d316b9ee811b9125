using System.Globalization;
using System.Text.Json;
using Sconce.Files;

namespace Sconce.Video;

/// <summary>How boxes are written.</summary>
public enum TrackFormat
{
    /// <summary>The MOT benchmark's text: <c>frame,id,left,top,width,height,confidence,class,visibility</c>, a line a box.</summary>
    Mot,

    /// <summary>JSON, a line a box: <c>{"frame":1,"id":3,"box":[left,top,width,height],"confidence":0.9,"label":2}</c>.</summary>
    JsonLines,
}

/// <summary>Boxes of a video in files: detections, tracks, truth. Read whole, each line checked; written line by line.</summary>
public static class TrackFile
{
    private const int MostFrames = 100_000_000;

    /// <summary>Reads a file of either format, whichever its first character says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="frames">How many frames the video has, where known: a box of a later one is an error.</param>
    /// <returns>The boxes in the order of frames, those of a frame in the file's.</returns>
    /// <exception cref="VideoException">It is missing, or a line is damaged: with the line's number.</exception>
    public static IReadOnlyList<TrackBox> Read(string path, int? frames = null)
    {
        var boxes = new List<TrackBox>();
        int number = 0;
        try
        {
            if (StartsWithArray(path)) return ReadDocument(path, frames);
            foreach (string line in File.ReadLines(path))
            {
                number++;
                string text = line.TrimStart('\uFEFF').Trim();
                if (text.Length == 0 || text[0] == '#') continue;
                var box = text[0] == '{' ? ReadJson(text) : ReadMot(text);
                Verify(box, frames);
                boxes.Add(box);
            }
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            throw new VideoException($"{path}, line {number}", fault.Message, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new VideoException(path, Directory.Exists(path) ? "this is a folder, not a file of boxes" : fault.Message, fault);
        }

        return [.. boxes.OrderBy(box => box.Frame)];
    }

    /// <summary>Writes boxes whole, or leaves what was there.</summary>
    public static void Save(string path, IEnumerable<TrackBox> boxes, TrackFormat format = TrackFormat.Mot) =>
        AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (var box in boxes) Write(writer, box, format);
    });

    /// <summary>Writes one line, for streams whose end is not in sight.</summary>
    public static void Write(TextWriter writer, in TrackBox box, TrackFormat format)
    {
        ArgumentNullException.ThrowIfNull(writer);
        string numbers = string.Create(CultureInfo.InvariantCulture, $"{box.Left:R},{box.Top:R},{box.Width:R},{box.Height:R}");
        string confidence = box.Confidence.ToString("R", CultureInfo.InvariantCulture);
        if (format == TrackFormat.Mot)
        {
            writer.WriteLine($"{box.Frame},{box.Id},{numbers},{confidence},{box.Label ?? -1},-1");
            return;
        }

        string? name = box.Name is { } named ? $",\"label\":\"{JsonEncodedText.Encode(named)}\"" : null;
        string id = box.Id >= 0 ? $",\"id\":{box.Id}" : "", label = name ?? (box.Label is { } given ? $",\"label\":{given}" : "");
        writer.WriteLine($"{{\"frame\":{box.Frame}{id},\"box\":[{numbers}],\"confidence\":{confidence}{label}}}");
    }

    private static bool StartsWithArray(string path)
    {
        using var reader = new StreamReader(path);
        int letter;
        do letter = reader.Read();
        while (letter >= 0 && (char.IsWhiteSpace((char)letter) || letter == '\uFEFF'));
        return letter == '[';
    }

    /// <summary>
    /// One JSON array: of boxes, each as a line of JSON lines has it; or of a detector's answers, an entry a frame with its
    /// <c>predictions</c>, whose boxes are edges: left, top, right, bottom.
    /// </summary>
    private static IReadOnlyList<TrackBox> ReadDocument(string path, int? frames)
    {
        using var document = JsonDocument.Parse(RegularFile.ReadAllText(path));
        var boxes = new List<TrackBox>();
        int entry = 0, verified = 0;
        foreach (var element in document.RootElement.EnumerateArray())
        {
            entry++;
            try
            {
                if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("predictions", out var found))
                    boxes.AddRange(Predictions(found, entry));
                else
                    boxes.Add(ReadJson(element));
                for (; verified < boxes.Count; verified++) Verify(boxes[verified], frames);
            }
            catch (FormatException fault)
            {
                throw new VideoException($"{path}, entry {entry}", fault.Message, fault);
            }
        }

        return [.. boxes.OrderBy(box => box.Frame)];
    }

    private static IEnumerable<TrackBox> Predictions(JsonElement found, int frame)
    {
        if (found.ValueKind != JsonValueKind.Array) throw new FormatException("\"predictions\" is no array");
        foreach (var one in found.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Object) throw new FormatException("a prediction is an object with \"box\"");
            double[] edges = Corners(one);
            yield return new TrackBox(frame, -1, edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1])
            {
                Confidence = Field(one, "confidence") ?? 1,
                Name = one.TryGetProperty("label", out var label) && label.ValueKind == JsonValueKind.String ? label.GetString() : null,
            };
        }
    }

    private static double[] Corners(JsonElement root) =>
        root.TryGetProperty("box", out var corner) && corner.ValueKind == JsonValueKind.Array && corner.GetArrayLength() == 4
            ? [.. corner.EnumerateArray().Select(value => Number(value, "box"))]
            : throw new FormatException("\"box\" with four numbers is missing");

    private static TrackBox ReadMot(string line)
    {
        string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length is < 6 or > 10)
        {
            throw new FormatException(
                $"{fields.Length} fields between commas; frame, id, left, top, width, height are wanted, and confidence, class and " +
                    $"visibility may follow");
        }
        return new TrackBox(Whole(fields[0], "frame"), Whole(fields[1], "id"), Real(fields[2], "left"), Real(fields[3], "top"),
            Real(fields[4], "width"), Real(fields[5], "height"))
        {
            Confidence = fields.Length > 6 ? Real(fields[6], "confidence") : 1,
            // Detections and results have -1, -1, -1 here (a place in the world); truth has a class and a visibility.
            Label = fields.Length > 7 && Real(fields[7], "class") is >= 0 and var label ? Whole(label, "class") : null,
        };
    }

    private static TrackBox ReadJson(string line)
    {
        using var document = JsonDocument.Parse(line);
        return ReadJson(document.RootElement);
    }

    private static TrackBox ReadJson(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("a line is one object: {\"frame\":1,\"box\":[left,top,width,height]}");
        }
        double[] box = Corners(root);
        bool isNamed = root.TryGetProperty("label", out var given) && given.ValueKind == JsonValueKind.String;
        return new TrackBox(Whole(Field(root, "frame") ?? throw new FormatException("\"frame\" is missing"), "frame"),
            Whole(Field(root, "id") ?? -1, "id"), box[0], box[1], box[2], box[3])
        {
            Confidence = Field(root, "confidence") ?? Field(root, "score") ?? 1,
            Label = isNamed ? null : Field(root, "label") is { } label ? Whole(label, "label") : null,
            Name = isNamed ? given.GetString() : null,
        };
    }

    private static double? Field(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Number(value, name) : null;

    private static double Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
        ? number
        : throw new FormatException($"\"{name}\" has {value.GetRawText()}, which is no number");

    private static double Real(string text, string name) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
        ? number
        : throw new FormatException($"the {name} is '{text}', which is no number");

    private static int Whole(string text, string name) => Whole(Real(text, name), name);

    private static int Whole(double number, string name) => number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
        ? (int)number
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the {name} is {number}, which is no whole number"));

    private static void Verify(in TrackBox box, int? frames)
    {
        if (box.Frame is < 1 or > MostFrames) throw new FormatException($"frame {box.Frame}: frames count from 1");
        if (box.Frame > frames) throw new FormatException($"frame {box.Frame}: the video has {frames}");
        if (!double.IsFinite(box.Left) || !double.IsFinite(box.Top) || !(box.Width >= 0) || !(box.Height >= 0)
            || !double.IsFinite(box.Right + box.Bottom) || !double.IsFinite(box.Confidence))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"a box at {box.Left}, {box.Top} of {box.Width} x {box.Height} is none"));
        }
    }
}
