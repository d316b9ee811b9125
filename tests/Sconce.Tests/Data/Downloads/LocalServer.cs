using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sconce.Tests.Data.Downloads;

/// <summary>What a client asked the server.</summary>
internal sealed record LocalRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Where the range asked for begins; null where none was.</summary>
    public int? From => Headers.TryGetValue("range", out string? range)
        ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : null;
}

/// <summary>An HTTP server on this machine that says exactly what a test tells it to, cut connections included.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<LocalRequest, byte[]> answer;

    /// <summary>Starts it.</summary>
    /// <param name="answer">The bytes of the whole answer, status line first; the connection is closed after them.</param>
    public LocalServer(Func<LocalRequest, byte[]> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>The pause after each byte of a body; null to send it at once.</summary>
    public TimeSpan? Drip { get; init; }

    public List<LocalRequest> Requests { get; } = [];

    public Uri Address(string path = "file.bin") => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{path}");

    /// <summary>A server of one file, with ranges and an ETag, as static servers are.</summary>
    public static LocalServer Of(byte[] content, string tag = "\"v1\"") => new(request => Whole(request, content, tag));

    public static byte[] Whole(LocalRequest request, byte[] content, string tag = "\"v1\"")
    {
        bool same = !request.Headers.TryGetValue("if-range", out string? known) || known == tag;
        return request.From is { } from && same
            ? Answer("206 Partial Content", content[from..], $"Content-Length: {content.Length - from}",
                $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}", $"ETag: {tag}")
            : Answer("200 OK", content, $"Content-Length: {content.Length}", $"ETag: {tag}");
    }

    public static byte[] Answer(string status, byte[] body, params string[] headers) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: "
            + $"close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n"), .. body];

    public void Dispose() => listener.Stop();

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string path = (await reader.ReadLineAsync())!.Split(' ')[1];
                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync() is { Length: > 0 } line)
                    headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
                var request = new LocalRequest(path, headers);
                Requests.Add(request);
                byte[] bytes = answer(request);
                if (Drip is { } pause)
                {
                    int head = bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
                    await stream.WriteAsync(bytes.AsMemory(0, head));
                    for (int at = head; at < bytes.Length; at++)
                    {
                        await stream.WriteAsync(bytes.AsMemory(at, 1));
                        await Task.Delay(pause);
                    }
                }
                else
                {
                    await stream.WriteAsync(bytes);
                }

                client.Client.Shutdown(SocketShutdown.Send);
                while (await stream.ReadAsync(new byte[256]) > 0) { }
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // The client went away: the next one comes.
            }
        }
    }
}
