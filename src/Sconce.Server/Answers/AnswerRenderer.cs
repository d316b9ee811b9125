using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Answers;

/// <summary>An answer in the form that a client takes: JSON, rows, or a file of the kind.</summary>
/// <param name="input">What was asked about.</param>
/// <param name="name">What the client calls it.</param>
/// <param name="files">Where what is made goes until it is sent.</param>
internal sealed class AnswerRenderer(IInput input, string name, RequestFiles files)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The form that is liked best among those that the answer has.</summary>
    /// <exception cref="RequestException">It has none of them.</exception>
    public RenderedAnswer Render(IAnswer answer, AnswerForms forms, CancellationToken cancellation)
    {
        foreach (string asked in forms.Accepted)
        {
            if (asked == "*/*" && !IsReadable(answer) && File(answer, asked, cancellation) is { } whole) return whole;
            if (MediaTypes.Fits(asked, MediaTypes.Json)) return new RenderedAnswer(MediaTypes.Json, Json(answer, cancellation));
            if (MediaTypes.Fits(asked, MediaTypes.Csv) && Rows(answer) is { } rows) return new RenderedAnswer(MediaTypes.Csv, rows);
            if (File(answer, asked, cancellation) is { } file) return file;
        }

        var types = answer.Parts.SelectMany(part => AnswerForms.FilesOf(part.Part, input)).Select(MediaTypes.Of).Prepend(MediaTypes.Json);
        throw new RequestException(406,
            $"this answer can be had as {string.Join(", ", types.Select(type => type.Split(';')[0]).Distinct())}");
    }

    /// <summary>The answer as a JSON object; pictures and clips that were made stand in it as files in base64.</summary>
    public byte[] Json(IAnswer answer, CancellationToken cancellation, bool isNamed = true)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            if (isNamed) writer.WriteString("input", name);
            AnswerJson.Write(writer, answer);
            WriteFiles(writer, answer, cancellation);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private void WriteFiles(Utf8JsonWriter writer, IAnswer answer, CancellationToken cancellation)
    {
        bool isClip = !IsReadable(answer);
        var made = answer.Parts.Where(part => part.Part is MadePicture or MadePictures or Mask or MadeDrawing or Page
            || (isClip && part.Part is MadeClip)).ToList();
        if (made.Count == 0) return;
        writer.WriteStartArray("files");
        foreach (var (part, content) in made)
        {
            foreach (string path in Written(content, AnswerFiles.ExtensionOf(content, input), cancellation))
            {
                writer.WriteStartObject();
                writer.WriteString("name", part);
                writer.WriteString("type", MediaTypes.Of(path));
                writer.WriteBase64String("data", System.IO.File.ReadAllBytes(path));
                writer.WriteEndObject();
                System.IO.File.Delete(path);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Whether there is something in it to be read, and not only looked at.</summary>
    private static bool IsReadable(IAnswer answer) =>
        answer.Parts.Any(part => part.Part is not (MadePicture or MadePictures or MadeClip or MadeDrawing or Page));

    private RenderedAnswer? File(IAnswer answer, string asked, CancellationToken cancellation)
    {
        foreach (var (_, part) in answer.Parts)
        {
            var extension = AnswerForms.FilesOf(part, input).FirstOrDefault(known => MediaTypes.Fits(asked, MediaTypes.Of(known)));
            if (extension is null) continue;
            return new RenderedAnswer(MediaTypes.Of(extension), default) { File = Written(part, extension, cancellation)[0] };
        }

        return null;
    }

    private IReadOnlyList<string> Written(Answer part, string extension, CancellationToken cancellation) =>
        AnswerFiles.Write(part, input, files.Next(extension, "the answer"), cancellation);

    private static byte[]? Rows(IAnswer answer) =>
        answer.Parts.Select(part => AnswerRows.Of(part.Part)).FirstOrDefault(rows => rows is not null) is { } found
            ? Encoding.UTF8.GetBytes(found.Csv()) : null;
}
