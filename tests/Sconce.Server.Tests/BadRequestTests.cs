using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>Requests that are not as they should be: each has its status and one sentence, and the server goes on.</summary>
public sealed class BadRequestTests
{
    [Fact]
    public async Task Each_kind_of_fault_has_its_status_and_its_sentence()
    {
        await using var server = await TestServer.Start(new ServerSettings { Body = 0.5, Pixels = 0.01 });
        byte[] png = TestServer.Png(1);
        await Refused(server, 422, "no JPEG", "/classify/tiny_net", TestServer.File("no picture"u8.ToArray()));
        await Refused(server, 422, "", "/classify/tiny_net", TestServer.File(png[..60]));
        await Refused(server, 422, "", "/classify/tiny_net", TestServer.File(TestServer.Png(1, 200, 100)));
        await Refused(server, 415, "text/html", "/classify/tiny_net", TestServer.File(png, "text/html"));
        await Refused(server, 413, "", "/classify/tiny_net", TestServer.File(new byte[600_000]));
        await Refused(server, 400, "empty", "/classify/tiny_net", TestServer.File([]));
        await Refused(server, 400, "top", "/classify/tiny_net?top=0", TestServer.File(png));
        await Refused(server, 400, "top", "/classify/tiny_net?top=many", TestServer.File(png));
        await Refused(server, 400, "tpo", "/classify/tiny_net?tpo=1", TestServer.File(png));
        await Refused(server, 404, "/classify/tiny_net", "/classify/tiny_ent", TestServer.File(png));
        await Refused(server, 404, "/classify/tiny_net", "/paint/tiny_net", TestServer.File(png));
        await Refused(server, 400, "JSON", "/complete/fakes", TestServer.Json("{\"text\": \"x\", "));
        await Refused(server, 400, "'texts'", "/complete/fakes", TestServer.Json("""{"texts": "x"}"""));
        await Refused(server, 400, "nothing", "/complete/fakes", TestServer.Json("{}"));
        await Refused(server, 400, "UTF-8", "/complete/fakes", TestServer.File([0xff, 0xfe, 0xfd], "text/plain"));
        await Refused(server, 400, "", "/complete/fakes", TestServer.Json("""{"text": "x", "text": "y"}"""));
        await Refused(server, 400, "", "/complete/fakes", TestServer.Json(new string('[', 500)));
        await Refused(server, 400, "base64", "/classify/tiny_net", TestServer.Json("""{"data": "***"}"""));
        await Refused(server, 400, "takes no file", "/generate/fakes", TestServer.Json("""{"text": "x"}"""));
        Assert.Equal(200, (await server.Ask("/classify/tiny_net", TestServer.File(png))).Status);
    }

    [Fact]
    public async Task A_setting_names_no_file_of_the_server()
    {
        await using var server = await TestServer.Start();
        await Refused(server, 400, "multipart", "/complete/fakes?style=/etc/passwd", TestServer.Text("x"));
        await Refused(server, 400, "multipart", "/complete/fakes",
            TestServer.Json("""{"text": "x", "settings": {"style": "../../etc/hostname"}}"""));
        // A list of words is words, though a file has that name.
        var (status, json) = await server.Ask("/complete/fakes?without=/etc/hostname", TestServer.Text("/etc/hostname!"));
        Assert.Equal((200, "!"), (status, json.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Faults_name_no_path_of_the_server()
    {
        await using var server = await TestServer.Start();
        using var form =
            new MultipartFormDataContent { { TestServer.File([1, 2, 3]), "style", "my style.png" }, { new StringContent("x"), "text" } };
        var (status, json) = await server.Ask("/complete/fakes", form);
        string error = json.GetProperty("error").GetString()!;
        Assert.Equal(422, status);
        Assert.Contains("my style.png", error);
        Assert.DoesNotContain(Path.GetTempPath(), error);
        (status, json) = await server.Ask("/predict/fakes", TestServer.File([1, 2, 3], "text/csv"));
        Assert.Equal(422, status);
        Assert.DoesNotContain(Path.GetTempPath(), json.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Weights_that_vanish_while_it_serves_are_not_missed()
    {
        await using var server = await TestServer.Start();
        File.Delete(Path.Combine(server.Folder, "tiny-1.ckpt"));
        Assert.Equal(200, (await server.Ask("/classify/tiny_net", TestServer.File(TestServer.Png(1)))).Status);
        Assert.Equal(200, (await server.Ask("/embed/tiny_net", TestServer.File(TestServer.Png(1)))).Status);
    }

    [Fact]
    public async Task Wrong_methods_and_compressed_bodies_are_refused()
    {
        await using var server = await TestServer.Start();
        using var put = await server.Client.PutAsync("/classify/tiny_net", TestServer.Text("x"), TestContext.Current.CancellationToken);
        Assert.Equal(405, (int)put.StatusCode);
        await Refused(server, 415, "gzip", "/complete/fakes", TestServer.Text("x"), request =>
            request.Content!.Headers.ContentEncoding.Add("gzip"));
    }

    [Theory]
    [InlineData("POST /classify/tiny_net HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n", "413")]
    [InlineData("GARBAGE\r\n\r\n", "400")]
    [InlineData("POST /classify/tiny_net HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST /classify/tiny_net HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("POST /classify/tiny_net HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data\r\nContent-Length: 2\r\n\r\nxx",
        "400")]
    [InlineData("POST /classify/%00 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "40")]
    [InlineData("POST /classify/tiny_net HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n", "421")]
    public async Task Bytes_that_are_no_request_are_answered_as_such(string bytes, string status)
    {
        await using var server = await TestServer.Start();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Server.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);
        byte[] answer = new byte[256];
        int read = await stream.ReadAsync(answer, TestContext.Current.CancellationToken);
        Assert.StartsWith($"HTTP/1.1 {status}", Encoding.ASCII.GetString(answer, 0, read));
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_hold_nobody_up()
    {
        int connections = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" ? 1000 : 100;
        await using var server = await TestServer.Start();
        var silent = new List<TcpClient>();
        try
        {
            for (int k = 0; k < connections; k++)
            {
                silent.Add(new TcpClient());
                await silent[^1].ConnectAsync("127.0.0.1", server.Server.Address.Port, TestContext.Current.CancellationToken);
            }

            Assert.Equal(200, (await server.Ask("/complete/fakes", TestServer.Text("x"))).Status);
        }
        finally
        {
            foreach (var client in silent) client.Dispose();
        }
    }

    [Fact]
    public async Task A_body_of_a_byte_a_second_is_given_up()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1", "SCONCE_SLOW is not 1");
        await using var server = await TestServer.Start();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Server.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /classify/tiny_net HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(),
            TestContext.Current.CancellationToken);
        byte[] answer = new byte[64];
        var reading = stream.ReadAsync(answer, TestContext.Current.CancellationToken).AsTask();
        for (int k = 0; k < 4; k++)   // a byte that crosses the answer would cut the connection before it is read
        {
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            await stream.WriteAsync(new byte[1], TestContext.Current.CancellationToken);
        }

        Assert.StartsWith("HTTP/1.1 408", Encoding.ASCII.GetString(answer, 0, await reading));
    }

    [Fact]
    public async Task Bodies_headers_and_settings_of_chance_never_break_it()
    {
        int requests = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" ? 20_000 : 300;
        await using var server = await TestServer.Start();
        byte[] png = TestServer.Png(2);
        string[] names = ["times", "loud", "style", "without", "top", "text", "x y", "settings"];
        string[] values = ["1", "-1", "1e999", "true", "NaN", "[1,2", "é", "\0", "../x", "[]", "{}", new('9', 400)];
        string[] types =
            ["image/png", "application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "a/b;c=\"", "",
            "application/json; charset=utf-16"];
        string[] paths =
            ["/classify/tiny_net", "/complete/fakes", "/segment/fakes", "/predict/fakes", "/generate/fakes", "/v2/models/tiny_net/infer"];
        string[] members = ["text", "data", "settings", "name", "q"], ends = ["--", "", "\r\n"];
        string[] contents = ["1", "\"x\"", "{}", "{\"times\": {}}", "null", "[", "{\"without\": [1]}"];
        string[] files = ["", "; filename=\"a.png\"", "; filename*=x"];
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, cancellation) =>
        {
            var random = new Random(seed);
            string query =
                string.Join('&', Enumerable.Range(0, random.Next(3))
                .Select(_ => $"{Uri.EscapeDataString(Any(names))}={Uri.EscapeDataString(Any(values))}"));
            byte[] body = random.Next(4) switch
            {
                0 => png[..random.Next(png.Length)],
                1 => Encoding.UTF8.GetBytes($"{{\"{Any(members)}\": {Any(contents)}}}"),
                2 => Encoding.UTF8.GetBytes(
                    $"--x\r\nContent-Disposition: form-data; name=\"{Any(names)}\"{Any(files)}\r\n\r\n{Any(values)}\r\n--x{Any(ends)}\r\n"),
                _ => [.. Enumerable.Range(0, random.Next(200)).Select(_ => (byte)random.Next(256))],
            };
            using var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", Any(types));
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Any(paths)}?{query}") { Content = content };
            request.Headers.TryAddWithoutValidation("Accept",
                Any(["*/*", "application/json", "image/png", "text/event-stream", ";;", "a", "text/csv;q=2", "application/x-ndjson"]));
            using var response = await server.Client.SendAsync(request, cancellation);
            int status = (int)response.StatusCode;
            Assert.True(status < 500, $"seed {seed}: {status} {await response.Content.ReadAsStringAsync(cancellation)}");

            string Any(string[] among) => among[random.Next(among.Length)];
        });
        Assert.Equal(200, (await server.Ask("/classify/tiny_net", TestServer.File(png))).Status);
    }

    private static async Task Refused(
        TestServer server, int status, string word, string path, HttpContent content, Action<HttpRequestMessage>? more = null)
    {
        var (answered, json) = await server.Ask(path, content, more);
        string error = json.GetProperty("error").GetString()!;
        Assert.True(answered == status, $"{path}: {answered} instead of {status}: {error}");
        Assert.Contains(word, error);
        Assert.DoesNotContain('\n', error);
    }
}
