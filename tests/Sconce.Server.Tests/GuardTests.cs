using Xunit;

namespace Sconce.Server.Tests;

/// <summary>Who may ask.</summary>
public sealed class GuardTests
{
    private const string Key = "correct horse battery";

    [Fact]
    public void It_does_not_listen_to_others_without_a_key()
    {
        var fault = Assert.Throws<SettingsException>(() => SconceServer.Open([], new ServerSettings { Listen = "0.0.0.0" }));
        Assert.Contains("key", fault.Message);
        Assert.Throws<SettingsException>(() => SconceServer.Open([], new ServerSettings { Listen = "*" }));
        Assert.Throws<SettingsException>(() => SconceServer.Open([], new ServerSettings { Listen = "example.org", Open = true }));
        Assert.Throws<SettingsException>(() => SconceServer.Open([], new ServerSettings { Key = "short" }));
        // With a key, or told so, it would: then there is nothing to serve.
        Assert.Contains("nothing is served",
            Assert.Throws<UsageException>(() => SconceServer.Open([], new ServerSettings { Listen = "*", Key = Key })).Message);
        Assert.Contains("nothing is served",
            Assert.Throws<UsageException>(() => SconceServer.Open([], new ServerSettings { Listen = "*", Open = true })).Message);
    }

    [Fact]
    public async Task A_key_opens_everything_but_pages_and_health()
    {
        await using var server = await TestServer.Start(new ServerSettings { Key = Key });
        foreach (string path in (string[])["/", "/assets/index.html", "/v2/health/live"])
        {
            using var open = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(200, (int)open.StatusCode);
        }

        foreach (string path in (string[])["/metrics", "/openapi/v1.json", "/catalogue", "/review/items", "/v2/models/tiny_net"])
        {
            using var closed = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(401, (int)closed.StatusCode);
        }

        Assert.Equal(401, (await server.Ask("/complete/fakes", TestServer.Text("x"))).Status);
        Assert.Equal(401, (await server.Ask("/complete/fakes", TestServer.Text("x"), With("Authorization", "Bearer wrong"))).Status);
        Assert.Equal(200, (await server.Ask("/complete/fakes", TestServer.Text("x"), With("Authorization", "Bearer " + Key))).Status);
        Assert.Equal(200, (await server.Ask("/complete/fakes", TestServer.Text("x"), With("X-API-Key", Key))).Status);
    }

    [Fact]
    public async Task Pages_of_other_servers_may_not_ask()
    {
        await using var server = await TestServer.Start();
        Assert.Equal(403, (await server.Ask("/complete/fakes", TestServer.Text("x"), With("Origin", "https://evil.example"))).Status);
        Assert.Equal(421, (await server.Ask("/complete/fakes", TestServer.Text("x"), request => request.Headers.Host = "evil.example"))
            .Status);
        string own = server.Server.Address.ToString().TrimEnd('/');
        Assert.Equal(200, (await server.Ask("/complete/fakes", TestServer.Text("x"), With("Origin", own))).Status);
    }

    private static Action<HttpRequestMessage> With(string name, string value) => request =>
        request.Headers.TryAddWithoutValidation(name, value);
}
