using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// A stage of dubbing that somebody else does: a command, whose standard input gets a JSON object and whose standard output gives one, or
/// an address that is posted it and answers it.
/// </summary>
/// <param name="name">The setting, for errors.</param>
/// <param name="place">A command line, or an address that begins with http.</param>
internal sealed class DubStage(string name, string place)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Asks the stage.</summary>
    /// <param name="write">Writes the members of the object.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SettingsException">It cannot be reached, fails, or answers no JSON object.</exception>
    internal JsonElement Ask(Action<Utf8JsonWriter> write, CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        bool isAddress = place.StartsWith("http://", StringComparison.Ordinal) || place.StartsWith("https://", StringComparison.Ordinal);
        string answer = isAddress ? Post(stream.ToArray(), cancellation) : Command(stream.ToArray(), cancellation);
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Told below, with what it said.
        }

        throw Fault($"answers no JSON object but '{answer[..Math.Min(answer.Length, 80)].Trim()}'");
    }

    /// <summary>A member of an answer.</summary>
    /// <exception cref="SettingsException">There is none of that kind.</exception>
    internal JsonElement Member(JsonElement answer, string member, JsonValueKind kind) =>
        answer.TryGetProperty(member, out var value) && value.ValueKind == kind
            ? value
            : throw Fault($"answers no '{member}' ({kind}): see the contract in docs/generation.md");

    internal SettingsException Fault(string what) => new(name, called => $"{called} ({place}) {what}");

    private string Post(byte[] body, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Patience };
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        using var request = new HttpRequestMessage(HttpMethod.Post, place) { Content = content };
        try
        {
            using var response = client.Send(request, cancellation);
            using var reader = new StreamReader(response.Content.ReadAsStream(cancellation), Encoding.UTF8);
            string answer = reader.ReadToEnd();
            return response.IsSuccessStatusCode ? answer : throw Fault($"answers {(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            throw Fault($"cannot be reached: {error.Message}");
        }
    }

    private string Command(byte[] body, CancellationToken cancellation)
    {
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe", ["/c", place]) : new ProcessStartInfo("/bin/sh",
            ["-c", place]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw Fault("cannot be started");
        using var ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        try
        {
            process.StandardInput.BaseStream.Write(body);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; what it says counts.
        }

        bool ended = process.WaitForExit(Patience);
        cancellation.ThrowIfCancellationRequested();
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
            throw Fault($"did not end within {Patience.TotalMinutes:0} minutes");
        }

        string told = output.GetAwaiter().GetResult(), fault = errors.GetAwaiter().GetResult().Trim();
        return process.ExitCode == 0 ? told : throw Fault($"ended with {process.ExitCode}: {fault[..Math.Min(fault.Length, 200)]}");
    }
}
