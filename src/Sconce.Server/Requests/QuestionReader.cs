using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Server.Review;
using Sconce.Server.Serving;

namespace Sconce.Server.Requests;

/// <summary>What a request asks.</summary>
/// <param name="Input">Prepared.</param>
/// <param name="Settings">A record of the ability's schema.</param>
/// <param name="Name">What answers call the input.</param>
/// <param name="Lease">The memory that the input takes.</param>
internal sealed record ReadQuestion(IInput Input, object Settings, string Name, IDisposable? Lease)
{
    /// <summary>The bytes of a picture's file, for the review queue; empty for other inputs.</summary>
    public ReadOnlyMemory<byte> File { get; init; }
}

/// <summary>Reads a question from a request: a file as the body itself, a form with files and settings, or JSON.</summary>
internal sealed class QuestionReader(ServedAbility served, ServerSettings limits, DecodedMemory memory)
{
    private const int MostParts = 64, MostTogether = 1000, LongestName = 120;
    private readonly SettingsReader settings = new(served.Ability.Settings);

    /// <summary>The settings' JSON schema.</summary>
    public JsonElement Schema => settings.Schema;

    /// <summary>Reads.</summary>
    /// <param name="request">The request.</param>
    /// <param name="files">Where its files go.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RequestException">It is not as it should be.</exception>
    /// <exception cref="SettingsException">A setting is not.</exception>
    /// <exception cref="ImageException">The picture cannot be read.</exception>
    public async Task<ReadQuestion> Read(HttpRequest request, RequestFiles files, CancellationToken cancellation)
    {
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
            throw new RequestException(415, $"bodies are taken as they are, not as {request.Headers.ContentEncoding}");
        var texts = request.Query.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString())).ToList();
        string? type = request.ContentType;
        var found = new Found(texts);
        if (type?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true)
            await ReadForm(request, found, files, cancellation);
        else if (IsJson(type)) await ReadJson(request, found, files, cancellation);
        else await ReadBody(request, found, files, cancellation);
        object read = settings.Read(found.Settings, found.Texts, found.SettingFiles);
        return await Prepared(found, read, cancellation);
    }

    private async Task ReadBody(HttpRequest request, Found found, RequestFiles files, CancellationToken cancellation)
    {
        var kind = served.Ability.Input;
        if (kind == InputKind.Nothing) return;
        if (MediaTypes.Contradicts(kind, request.ContentType))
            throw new RequestException(415, $"{served.Path} takes {kind.Plural}, not {request.ContentType!.Split(';')[0]}");
        string? called = ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition)
            ? disposition.FileNameStar.Value ?? disposition.FileName.Value : null;
        await ReadInput(request.Body, called, request.ContentType, found, files, cancellation);
        if (found.IsEmpty) throw new RequestException(400, $"the body is empty: {Wanted}");
    }

    private string Wanted =>
        $"{served.Path} takes {(served.Ability.Input == InputKind.Text ? "words" : $"a {served.Ability.Input.Name}'s file")} "
        + "as the body, as the part 'file' of a form (multipart/form-data), or in JSON";

    private async Task ReadForm(HttpRequest request, Found found, RequestFiles files, CancellationToken cancellation)
    {
        var parsed = MediaTypeHeaderValue.Parse(request.ContentType);
        string boundary = HeaderUtilities.RemoveQuotes(parsed.Boundary).Value
            ?? throw new RequestException(400, "a form (multipart/form-data) has a boundary in its content type");
        var reader = new MultipartReader(boundary, request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4096 };
        for (int parts = 0; await Next(reader, cancellation) is { } section; parts++)
        {
            int most = served.Ability.TakesAllTogether ? MostTogether : MostParts;
            if (parts == most) throw new RequestException(400, $"a form has at most {most} parts");
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) continue;
            string name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
            string? file = HeaderUtilities.RemoveQuotes(disposition.FileNameStar).Value
                ?? HeaderUtilities.RemoveQuotes(disposition.FileName).Value;
            if (name == "settings") found.Settings = RequestBody.Object(await RequestBody.Text(section.Body, cancellation));
            else if (file is not null && settings.IsFile(name)) await ReadSettingFile(section.Body, name, file, found, files, cancellation);
            else if (file is not null || (!settings.Knows(name) && name is "file" or "input" or "text"))
                await ReadInput(section.Body, file, file is null ? "text/plain" : section.ContentType, found, files, cancellation);
            else found.Texts.Add(KeyValuePair.Create(name, await RequestBody.Text(section.Body, cancellation)));
        }

        if (found.IsEmpty && served.Ability.Input != InputKind.Nothing) throw new RequestException(400, $"the form has no file: {Wanted}");
    }

    private static async Task<MultipartSection?> Next(MultipartReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellation);
        }
        catch (Exception fault) when (fault is IOException and not BadHttpRequestException or InvalidDataException)
        {
            throw new RequestException(400, "the form (multipart/form-data) is cut or damaged");
        }
    }

    private static async Task ReadSettingFile(
        Stream body, string name, string file, Found found, RequestFiles files, CancellationToken cancellation)
    {
        string path = files.Next(KnownExtension(file), Called(file, name));
        await RequestBody.Save(body, path, cancellation);
        found.SettingFiles[name] = path;
    }

    private async Task ReadJson(HttpRequest request, Found found, RequestFiles files, CancellationToken cancellation)
    {
        var json = RequestBody.Object(await RequestBody.Text(request.Body, cancellation, limit: long.MaxValue));
        foreach (var (name, value) in json)
        {
            if (name is not ("settings" or "text" or "data" or "name"))
                throw new RequestException(400,
                    $"JSON has the members text (words) or data (a file in base64), name and settings, not '{name}'");
            if (name == "settings" && value is not JsonObject)
                throw new RequestException(400, "settings are an object of names and values");
            if (name != "settings" && (value is not JsonValue text || !text.TryGetValue(out string? _)))
                throw new RequestException(400, $"{name} is a text");
        }

        found.Settings = json["settings"]?.DeepClone() as JsonObject;
        string? called = json["name"]?.GetValue<string>();
        if (json["text"]?.GetValue<string>() is { } words)
        {
            using var text = new MemoryStream(Encoding.UTF8.GetBytes(words));
            await ReadInput(text, called, "text/plain", found, files, cancellation);
        }
        else if (json["data"]?.GetValue<string>() is { } data)
        {
            byte[] bytes = new byte[(data.Length / 4 * 3) + 3];
            if (!Convert.TryFromBase64String(data, bytes, out int length)) throw new RequestException(400, "data is a file in base64");
            using var file = new MemoryStream(bytes, 0, length);
            await ReadInput(file, called, null, found, files, cancellation);
        }

        if (found.IsEmpty && served.Ability.Input != InputKind.Nothing)
            throw new RequestException(400, $"nothing is asked about: {Wanted}");
    }

    private async Task ReadInput(Stream body, string? file, string? type, Found found, RequestFiles files, CancellationToken cancellation)
    {
        var kind = served.Ability.Input;
        if (kind == InputKind.Nothing) throw new RequestException(400, $"{served.Path} takes no file: all is said by its settings");
        if (!found.IsEmpty && !served.Ability.TakesAllTogether) throw new RequestException(400, $"one {kind.Name} a request, please");
        found.Name ??= Called(file, $"the {kind.Name}");
        if (kind == InputKind.Text)
        {
            found.Words = await RequestBody.Text(body, cancellation);
            found.IsEmpty = found.Words.Length == 0;
        }
        else if (kind == InputKind.Picture && !served.Ability.TakesAllTogether)
        {
            using var bytes = new MemoryStream();
            await foreach (var piece in RequestBody.Pieces(body, cancellation)) bytes.Write(piece.Span);
            found.Picture = bytes.ToArray();
            found.IsEmpty = bytes.Length == 0;
        }
        else
        {
            string label = served.Ability.TakesAllTogether && kind == InputKind.Picture ? LabelOf(file) : "";
            string path = files.Next(MediaTypes.ExtensionFor(kind, file, type), Called(file, found.Name), label);
            if (await RequestBody.Save(body, path, cancellation) == 0) return;
            found.Paths.Add(path);
            found.IsEmpty = false;
        }
    }

    /// <summary>Of a picture among several the folder that a client names before it, <c>cat/1.png</c>: its class.</summary>
    private static string LabelOf(string? file)
    {
        string[] parts = (file ?? "").Split('/', '\\', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2) return "";
        return ReviewStore.IsLabel(parts[^2]) ? parts[^2] : throw new RequestException(400,
            "of pictures that are asked about together a file's name is CLASS/NAME, where CLASS can be a folder's name");
    }

    private async Task<ReadQuestion> Prepared(Found found, object read, CancellationToken cancellation)
    {
        if (served.Ability.Input == InputKind.Picture && found.Picture is { } file)
        {
            var options = new ImageOptions { MaxBytes = (long)(limits.Pixels * 3e6) };
            var (picture, lease) = await memory.Decode(
                () =>
                {
                    var decoded = Image.Decode(file, found.Name!, options);
                    return (Picture.Of(decoded, found.Name!), (long)decoded.Bytes.Length);
                },
                cancellation);
            return new ReadQuestion(picture, read, found.Name!, lease) { File = file };
        }

        var input = served.Ability.InputOf(served.Ability.Input == InputKind.Text ? found.Words : TableFiles.Joined(found.Paths));
        await Task.Run(input.Prepare, cancellation);
        if (input is Clip clip) Verify(clip);
        return new ReadQuestion(input, read, found.Name ?? "", null);
    }

    private void Verify(Clip clip)
    {
        var info = clip.Info;
        if (info.Seconds > limits.Seconds)
            throw new RequestException(413, $"the clip lasts {info.Seconds:0} s: at most {limits.Seconds:0.#} are taken");
        if ((long)info.Width * info.Height > limits.Pixels * 1e6)
            throw new RequestException(413,
                $"the clip's frames are {info.Width} x {info.Height}: at most {limits.Pixels:0.###} million pixels are taken");
    }

    private static bool IsJson(string? type) =>
        type?.Split(';')[0].Trim().Equals(MediaTypes.Json, StringComparison.OrdinalIgnoreCase) == true;

    private static string KnownExtension(string file)
    {
        string extension = Path.GetExtension(file).ToLowerInvariant();
        return extension.Length is > 1 and < 10 && extension[1..].All(char.IsAsciiLetterOrDigit) ? extension : ".bin";
    }

    /// <summary>What a client calls its file, as one short line.</summary>
    private static string Called(string? file, string otherwise)
    {
        string name = string.Concat((file ?? "").Split('/', '\\')[^1].Where(letter => !char.IsControl(letter)).Take(LongestName)).Trim();
        return name.Length > 0 ? name : otherwise;
    }

    private sealed class Found(List<KeyValuePair<string, string>> texts)
    {
        public List<KeyValuePair<string, string>> Texts => texts;

        public JsonObject? Settings { get; set; }

        public Dictionary<string, string> SettingFiles { get; } = new(StringComparer.Ordinal);

        public List<string> Paths { get; } = [];

        public byte[]? Picture { get; set; }

        public string Words { get; set; } = "";

        public string? Name { get; set; }

        public bool IsEmpty { get; set; } = true;
    }
}
