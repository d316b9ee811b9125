using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Sconce.Bench.Serving;

/// <summary>A side that serves in a process of its own, and how it is asked.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process process;
    private readonly string side, kind, network;
    private readonly HttpClient client;

    /// <summary>Starts it, and waits for its address.</summary>
    internal ServerProcess(string side, string kind, string network, string folder)
    {
        (this.side, this.kind, this.network) = (side, kind, network);
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["worker", "serving", "serve", side, kind, network, folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        // What a project of the Web SDK is built with; the command's own setting is the one that this program has.
        if (side != "sconce") start.Environment["DOTNET_gcServer"] = "1";
        process = Process.Start(start)!;
        Address = new Uri(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{side} did not come to serve"));
        client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = Address, Timeout = Patience };
    }

    internal Uri Address { get; }

    /// <summary>The most memory that it held, in KiB.</summary>
    internal long Peak => long.Parse(File.ReadLines($"/proc/{process.Id}/status")
        .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    /// <summary>What is sent to ask: made before the clock runs, as a client that has its question.</summary>
    internal Question Made(byte[] body)
    {
        if (kind == "photographs" || side != "sconce") return new Question(body, null);
        byte[] head = Encoding.UTF8.GetBytes($$$"""
            {"inputs":[{"name":"input","datatype":"FP32","shape":[1,{{{string.Join(',', Networks.InputShape(network))}}}],
            "parameters":{"binary_data_size":{{{body.Length}}}}}],"outputs":[{"name":"output","parameters":{"binary_data":true}}]}
            """);
        return new Question([.. head, .. body], head.Length);
    }

    /// <summary>Asks one question; its numbers come back: logits, or the confidences of the five likeliest classes.</summary>
    internal async Task<double[]> Ask(Question question)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path()) { Content = Content(question) };
        using var response = await client.SendAsync(request);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{side}: {response.StatusCode} {Encoding.UTF8.GetString(answer)}");
        if (kind == "photographs") return Confidences(answer);
        int head = response.Headers.TryGetValues("Inference-Header-Content-Length", out var length) ? int.Parse(length.First()) : 0;
        return [.. MemoryMarshal.Cast<byte, float>(answer.AsSpan(head)).ToArray().Select(value => (double)value)];
    }

    public void Dispose()
    {
        client.Dispose();
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(20))) process.Kill();
        process.Dispose();
    }

    private string Path() => (side, kind) switch
    {
        ("sconce", "tensors") => $"/v2/models/{network}/infer",
        ("sconce", _) => $"/classify/{network}",
        _ => "/" + kind,
    };

    private ByteArrayContent Content(Question question)
    {
        var content = new ByteArrayContent(question.Body);
        if (kind == "photographs") content.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        if (question.Head is { } length) content.Headers.Add("Inference-Header-Content-Length", $"{length}");
        return content;
    }

    private static double[] Confidences(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var labels = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement
            : document.RootElement.GetProperty("predictions");
        return [.. labels.EnumerateArray().Select(label => label.GetProperty("confidence").GetDouble())];
    }

    /// <summary>The bytes of a question, and how many of them are its JSON head, if it has one.</summary>
    internal sealed record Question(byte[] Body, int? Head);
}
