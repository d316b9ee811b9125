using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sconce.Abilities;

/// <summary>An answer as members of a JSON object.</summary>
public static class AnswerJson
{
    /// <summary>Writes an answer's members into an open object; each part of a record is an object under its name.</summary>
    public static void Write(Utf8JsonWriter writer, IAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var (name, part) in answer.Parts)
        {
            if (name.Length > 0) writer.WriteStartObject(name);
            Write(writer, part);
            if (name.Length > 0) writer.WriteEndObject();
        }
    }

    /// <summary>Rows as lines of JSON, an object a row.</summary>
    public static string Lines(Rows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var text = new StringBuilder();
        foreach (var row in rows.Items)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, options))
            {
                writer.WriteStartObject();
                for (int k = 0; k < row.Count; k++) Cell(writer, rows.Columns[k], row[k]);
                writer.WriteEndObject();
            }

            text.Append(Encoding.UTF8.GetString(stream.ToArray())).Append('\n');
        }

        return text.ToString();
    }

    private static void Write(Utf8JsonWriter writer, Answer answer)
    {
        switch (answer)
        {
            case Labels labels:
                Array(writer, "predictions", labels.Items, label =>
                {
                    writer.WriteString("label", label.Name);
                    Number(writer, "confidence", label.Confidence);
                });
                if (labels.IsUnsure is { } unsure) writer.WriteBoolean("unsure", unsure);
                break;
            case Boxes boxes:
                Array(writer, "predictions", boxes.Items, box => Write(writer, box));
                break;
            case Tracks tracks:
                Array(writer, "tracks", tracks.Items, item =>
                {
                    writer.WriteNumber("frame", item.Frame);
                    Number(writer, "seconds", item.Seconds);
                    writer.WriteNumber("id", item.Id);
                    Write(writer, item.Box);
                });
                break;
            case ToldLines told:
                writer.WriteStartArray("lines");
                foreach (string line in told.Items) writer.WriteStringValue(line);
                writer.WriteEndArray();
                break;
            case MadeText text:
                writer.WriteString("text", text.Text);
                break;
            case Points points:
                writer.WriteStartArray("values");
                foreach (float[] row in points.Rows)
                {
                    writer.WriteStartArray();
                    foreach (float value in row) Number(writer, value);
                    writer.WriteEndArray();
                }

                writer.WriteEndArray();
                break;
            case Rows rows:
                Array(writer, "rows", rows.Items, row =>
                {
                    for (int k = 0; k < row.Count; k++) Cell(writer, rows.Columns[k], row[k]);
                });
                break;
            case MadeTable made:
                Write(writer, new Rows(AnswerRows.Of(made)!.Columns, AnswerRows.Of(made)!.Items));
                break;
            case Mask mask:
                writer.WriteNumber("width", mask.Width);
                writer.WriteNumber("height", mask.Height);
                Array(writer, "classes", AnswerRows.Of(mask)!.Items, row =>
                {
                    writer.WriteString("name", (string)row[0]!);
                    Number(writer, "share", (double)row[1]!);
                });
                break;
            case MadeClip clip:
                Number(writer, "frameRate", clip.FrameRate);
                break;
            case MadeFile file:
                writer.WriteNumber("bytes", file.Bytes.Length);
                break;
            case MadePicture made:
                writer.WriteNumber("width", made.Picture.Width);
                writer.WriteNumber("height", made.Picture.Height);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, Box box)
    {
        writer.WriteString("label", box.Name);
        Number(writer, "confidence", box.Confidence);
        writer.WriteStartArray("box");
        foreach (double edge in (ReadOnlySpan<double>)[box.Left, box.Top, box.Right, box.Bottom]) Number(writer, edge);
        writer.WriteEndArray();
    }

    private static void Array<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> members)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            members(item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Cell(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(name);
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case double number: Number(writer, number); break;
            case float number: Number(writer, number); break;
            case long number: writer.WriteNumberValue(number); break;
            case int number: writer.WriteNumberValue(number); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            default: writer.WriteStringValue(value.ToString()); break;
        }
    }

    private static void Number(Utf8JsonWriter writer, string name, double value)
    {
        writer.WritePropertyName(name);
        Number(writer, value);
    }

    /// <summary>JSON has no NaN and no infinity: they are null.</summary>
    private static void Number(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}
