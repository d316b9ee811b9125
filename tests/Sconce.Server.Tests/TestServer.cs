using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>A folder that is there for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>A server over the test's systems at a free port, and a client of it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TemporaryFolder folder;

    private TestServer(TemporaryFolder folder, SconceServer server)
    {
        (this.folder, Server) = (folder, server);
        Client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public SconceServer Server { get; }

    public HttpClient Client { get; }

    public string Folder => folder.Path;

    public static async Task<TestServer> Start(ServerSettings? settings = null, params string[] names)
    {
        var folder = new TemporaryFolder();
        string weights = TestSystem.WriteWeights(folder);
        settings ??= new ServerSettings();
        settings = settings with { Port = 0, State = System.IO.Path.Combine(folder.Path, "state") };
        string[] asked = names.Length > 0 ? names : ["tiny_net=" + weights, "fakes"];
        var server =
            SconceServer.Open([.. asked.Select(name => Served.Of(TestSystem.All, name))], settings, logging => logging.ClearProviders());
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new TestServer(folder, server);
    }

    public static byte[] Png(int seed, int width = 40, int height = 32)
    {
        var image = new Image(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image.Encode(ImageFormat.Png);
    }

    public async Task<(int Status, string Type, byte[] Body)> Post(string path, HttpContent? content, string? accept = null,
        Action<HttpRequestMessage>? more = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        more?.Invoke(request);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType
            ?? "", await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public async Task<(int Status, JsonElement Json)> Ask(string path, HttpContent? content, Action<HttpRequestMessage>? more = null)
    {
        var (status, _, body) = await Post(path, content, "application/json", more);
        return (status, JsonDocument.Parse(body).RootElement);
    }

    public async Task<string> Get(string path) => await Client.GetStringAsync(path, TestContext.Current.CancellationToken);

    public static HttpContent File(byte[] bytes, string type = "image/png") =>
        new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    public static HttpContent Text(string text) => new StringContent(text, Encoding.UTF8, "text/plain");

    public static HttpContent Json(string json) => new StringContent(json, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.StopAsync();
        await Server.DisposeAsync();
        folder.Dispose();
    }
}
