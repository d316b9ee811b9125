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

    /// <summary>A part on a table, with a scratch where it is bad: what a person would know.</summary>
    public static Image Part(int seed, bool isBad)
    {
        var random = new Random(seed);
        var image = new Image(320, 240);
        double x = 140 + random.Next(40), y = 100 + random.Next(40), radius = 70 + random.Next(15), slope = random.NextDouble() - 0.5;
        for (int row = 0; row < image.Height; row++)
        {
            for (int column = 0; column < image.Width; column++)
            {
                double away = Math.Sqrt(((column - x) * (column - x)) + ((row - y) * (row - y)));
                int value = away > radius ? 60 + (row / 8) : away < radius / 3 ? 40 : 190 - (int)(60 * away / radius);
                bool isScratch = isBad && away < radius && away > radius / 3 && Math.Abs(row - y - 40 - (slope * (column - x))) < 2;
                var pixel = image.Pixels.Slice(3 * ((row * image.Width) + column), 3);
                (pixel[0], pixel[1], pixel[2]) =
                    isScratch ? ((byte)235, (byte)235, (byte)225) : ((byte)value, (byte)value, (byte)Math.Min(255, value + 12));
            }
        }

        return image;
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
