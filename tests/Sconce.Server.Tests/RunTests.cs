using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sconce.Cli;
using Sconce.Imaging;
using Sconce.Systems.Science.MedicalPerception;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>A served run: its pages, and the way from an unsure answer to what the run learns.</summary>
public sealed class RunTests : IDisposable
{
    private const string Key = "correct horse battery";
    private readonly TemporaryFolder folder = new();
    private readonly string run;

    public RunTests()
    {
        run = Path.Combine(folder.Path, "run1");
        string photos = Path.Combine(folder.Path, "photos");
        for (int k = 0; k < 12; k++)
        {
            string place = Path.Combine(photos, k % 2 == 0 ? "light" : "dark");
            Directory.CreateDirectory(place);
            var image = new Image(32, 32);
            new Random(k).NextBytes(image.Pixels);
            foreach (ref byte value in image.Pixels) value = (byte)((value / 2) + (k % 2 == 0 ? 127 : 0));
            image.Save(Path.Combine(place, $"{k}.png"));
        }

        Command("train", "tiny_net", "--data", photos, "--out", run, "--epochs", "1", "--batch", "4", "--workers", "1");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_runs_stand_on_a_page_that_leads_to_their_reports()
    {
        await using var server = await TestServer.Start(null, run);
        string page = await server.Get("/runs");
        Assert.Contains("<a href=\"/runs/run1\">run1</a>", page, StringComparison.Ordinal);
        Assert.Contains("\"run1 (tiny_net)\"", page, StringComparison.Ordinal);
        string report = await File.ReadAllTextAsync(Path.Combine(run, "report.html"), TestContext.Current.CancellationToken);
        Assert.Equal(report, await server.Get("/runs/run1"));
        using var none = await server.Client.GetAsync("/runs/run2", TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)none.StatusCode);
        using var policy = await server.Client.GetAsync("/runs/run1", TestContext.Current.CancellationToken);
        Assert.Contains("sandbox", policy.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        await using var browser = await Browser.Start();
        await browser.Open(new Uri(server.Server.Address, "/"));
        await browser.Until("!document.querySelector('#to-runs').hidden");
        await browser.Open(new Uri(server.Server.Address, "/runs"));
        await browser.Until("document.querySelector('.uplot canvas')");
        Assert.Empty(browser.Faults);
    }

    [Fact]
    public async Task A_browser_is_asked_for_the_key_as_a_password()
    {
        await using var server = await TestServer.Start(new ServerSettings { Key = Key }, run);
        using var closed = await server.Client.GetAsync("/runs", TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)closed.StatusCode);
        Assert.Equal("Basic", closed.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal(401, await Status("/runs", "anybody:wrong"));
        Assert.Equal(401, await Status("/runs", Key));
        Assert.Equal(200, await Status("/runs", "anybody:" + Key));
        Assert.Equal(200, await Status("/runs/run1", ":" + Key));
        Assert.Equal(401, await Status("/catalogue", "anybody:" + Key));   // programs send it as they did

        async Task<int> Status(string path, string given)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(given)));
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task What_a_person_decides_on_unsure_answers_the_run_learns()
    {
        string state;
        await using (var server = await TestServer.Start(new ServerSettings { Review = 1 }, run))
        {
            Assert.Equal(200, (await server.Ask("/classify/run1", TestServer.File(TestServer.Png(6)))).Status);
            long id = 0;
            for (int k = 0; k < 500 && id == 0; k++)
            {
                var items = JsonDocument.Parse(await server.Get("/review/items")).RootElement.GetProperty("items");
                foreach (var item in items.EnumerateArray()) id = item.GetProperty("id").GetInt64();
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            Assert.Equal(200, (await server.Ask($"/review/items/{id}", TestServer.Json("""{"label": "dark"}"""))).Status);
            state = Path.Combine(folder.Path, "decided");
            Copy(Path.Combine(server.Folder, "state", "review", "decided", "run1"), state);
        }

        Assert.Contains("1 decided picture is learned from (dark 1)", Command("train", "--out", run, "--epochs", "2", "--decisions", state),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_with_the_folder_of_their_class_are_asked_about_together()
    {
        await using var server = SconceServer.Open(
            [Served.Of([.. TestSystem.All, new MedicalPerceptionSystem()], run)],
            new ServerSettings { Port = 0, State = Path.Combine(folder.Path, "state") }, logging => logging.ClearProviders());
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.Address };
        using var set = new MultipartFormDataContent { { new StringContent("true"), "frequencies" } };
        for (int k = 0; k < 8; k++) set.Add(TestServer.File(TestServer.Png(k)), "file", $"{(k % 2 == 0 ? "light" : "dark")}/{k}.png");
        using var answer = await client.PostAsync("/explain/run1", set, TestContext.Current.CancellationToken);
        string json = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, json);
        var rows = JsonDocument.Parse(json).RootElement.GetProperty("figures").GetProperty("rows");
        Assert.Contains(rows.EnumerateArray(), row => row.GetProperty("group").GetString() == "dark");
        using var escaping = new MultipartFormDataContent
        {
            { TestServer.File(TestServer.Png(1)), "file", "../x.png" }, { new StringContent("true"), "frequencies" },
        };
        using var refused = await client.PostAsync("/explain/run1", escaping, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)refused.StatusCode);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string place = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }

    private static string Command(params string[] line)
    {
        var error = new StringWriter();
        int status = Application.Run(line, TestSystem.All, new Terminal(TextWriter.Null, error));
        Assert.True(status == 0, error.ToString());
        return error.ToString();
    }
}
