using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary>One input's answer, or its fault, as an object of JSON: in the array of a whole folder, or as a line of its own.</summary>
internal static class AnswerObject
{
    /// <summary>Writes an answer with the files that were made of it.</summary>
    public static void Write(Utf8JsonWriter writer, string input, IAnswer answer, IReadOnlyList<string> files)
    {
        writer.WriteStartObject();
        writer.WriteString("input", input);
        AnswerJson.Write(writer, answer);
        if (files.Count == 0) writer.WriteNull("output");
        else writer.WriteString("output", files[0]);
        if (files.Count > 1)
        {
            writer.WriteStartArray("outputs");
            foreach (string file in files) writer.WriteStringValue(file);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes what was wrong with an input.</summary>
    public static void WriteFault(Utf8JsonWriter writer, string input, string fault)
    {
        writer.WriteStartObject();
        writer.WriteString("input", input);
        writer.WriteString("error", fault);
        writer.WriteEndObject();
    }

    /// <summary>What is written, as text.</summary>
    /// <param name="write">Writes it.</param>
    /// <param name="indented">Whether a person may read it; else it is one line.</param>
    public static string Text(Action<Utf8JsonWriter> write, bool indented)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions
        { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(stream, options)) write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
