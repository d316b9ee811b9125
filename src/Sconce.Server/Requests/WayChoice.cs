using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Sconce.Abilities;
using Sconce.Server.Serving;

namespace Sconce.Server.Requests;

/// <summary>
/// Which of several ways at one address a request asks for: by the settings that are the ways' words, as the command chooses
/// (<see cref="AbilityChoice"/>), then by what is sent. A form or JSON is looked through first, and read again by its way.
/// </summary>
internal static class WayChoice
{
    private const int InMemory = 1 << 20, LongestWord = 1 << 10;

    /// <summary>Chooses.</summary>
    /// <param name="ways">Of one verb and name.</param>
    /// <param name="request">Its body is where it was, afterwards.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RequestException">Each way needs a word, and none was said.</exception>
    public static async Task<ServedAbility> Of(IReadOnlyList<ServedAbility> ways, HttpRequest request, CancellationToken cancellation)
    {
        Ability[] all = [.. ways.Select(way => way.Ability)];
        var words = AbilityChoice.Words(all);
        var looked = new Looked
        {
            HasInput = request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false,
            Type = request.ContentType
        };
        foreach (string word in words.Where(request.Query.ContainsKey)) looked.Said[word] = request.Query[word].ToString();
        await Look(request, words, looked, cancellation);
        var chosen = AbilityChoice.Of(all, word => looked.Said.TryGetValue(word, out string? text) ? Plain(all, word, text) : null);
        if (chosen.Count == 0)
            throw new RequestException(400, $"name what is to be done by {string.Join(" or ", words)}, such as ?{words[0]}=true");
        var asked = chosen.FirstOrDefault(looked.Suits) ?? chosen[0];
        return ways.First(way => way.Ability == asked);
    }

    /// <summary>A switch is also said by <c>1</c> and <c>on</c>, and a no by <c>0</c> and <c>off</c>.</summary>
    private static string Plain(Ability[] all, string word, string text) => text is "0" or "off"
        && all.Any(ability => ability.Settings.All.Any(setting => setting.Name == word && setting.IsSwitch)) ? "false" : text;

    private static async Task Look(HttpRequest request, IReadOnlyList<string> words, Looked looked, CancellationToken cancellation)
    {
        string type = request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        if (type is not ("multipart/form-data" or MediaTypes.Json)) return;
        request.EnableBuffering(InMemory);
        (looked.HasInput, looked.Type) = (false, null);
        try
        {
            if (type == MediaTypes.Json) await LookAtJson(request, words, looked, cancellation);
            else await LookAtForm(request, words, looked, cancellation);
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException or FormatException
            or IOException and not BadHttpRequestException)
        {
            // What is wrong with it is said when it is read.
        }

        request.Body.Position = 0;
    }

    private static async Task LookAtJson(HttpRequest request, IReadOnlyList<string> words, Looked looked, CancellationToken cancellation)
    {
        using var document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellation);
        if (document.RootElement.ValueKind != JsonValueKind.Object) return;
        looked.HasWords = document.RootElement.TryGetProperty("text", out _);
        looked.HasInput = looked.HasWords || document.RootElement.TryGetProperty("data", out _);
        if (document.RootElement.TryGetProperty("settings", out var settings)) Say(settings, words, looked);
    }

    private static async Task LookAtForm(HttpRequest request, IReadOnlyList<string> words, Looked looked, CancellationToken cancellation)
    {
        string? boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value;
        if (boundary is null) return;
        var reader = new MultipartReader(boundary, request.Body);
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) continue;
            string name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
            bool isFile = disposition.IsFileDisposition();
            if (isFile && name is "file" or "input") (looked.HasInput, looked.Type) = (true, section.ContentType);
            else if (name == "text") looked.HasInput = looked.HasWords = true;
            else if (!isFile && name == "settings") Say(await JsonOf(section.Body, cancellation), words, looked);
            else if (!isFile && words.Contains(name)) looked.Said[name] = await Text(section.Body, cancellation);
        }
    }

    private static async Task<JsonElement> JsonOf(Stream body, CancellationToken cancellation)
    {
        using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
        return document.RootElement.Clone();
    }

    private static void Say(JsonElement settings, IReadOnlyList<string> words, Looked looked)
    {
        if (settings.ValueKind != JsonValueKind.Object) return;
        foreach (string word in words)
        {
            if (settings.TryGetProperty(word, out var value) && value.ValueKind != JsonValueKind.Null)
                looked.Said[word] = value.ToString().ToLowerInvariant();
        }
    }

    private static async Task<string> Text(Stream body, CancellationToken cancellation)
    {
        byte[] bytes = new byte[LongestWord];
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>What a request says, as far as its way is concerned.</summary>
    private sealed class Looked
    {
        public Dictionary<string, string> Said { get; } = new(StringComparer.Ordinal);

        public bool HasInput { get; set; }

        public bool HasWords { get; set; }

        /// <summary>The input's media type; null where none is said.</summary>
        public string? Type { get; set; }

        public bool Suits(Ability ability) => ability.Input == InputKind.Nothing ? !HasInput
            : HasInput && (HasWords ? ability.Input == InputKind.Text : IsPlainText == (ability.Input == InputKind.Text)
                && !MediaTypes.Contradicts(ability.Input, Type));

        private bool IsPlainText => Type?.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase) == true;
    }
}
