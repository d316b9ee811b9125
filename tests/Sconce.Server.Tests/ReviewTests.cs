using System.Text.Json;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>Answers that are not sure: kept, shown, decided; and drift.</summary>
public sealed class ReviewTests
{
    [Fact]
    public async Task An_unsure_answer_waits_for_a_person_whose_decision_becomes_a_labelled_picture()
    {
        await using var server = await TestServer.Start(new ServerSettings { Review = 1 });
        byte[] png = TestServer.Png(6);
        await server.Ask("/classify/tiny_net", TestServer.File(png));
        await server.Ask("/classify/tiny_net", TestServer.File(TestServer.Png(7)));
        var items = await Items(server, 2);
        var first = items[0];
        Assert.Equal("tiny_net", first.GetProperty("name").GetString());
        long id = first.GetProperty("id").GetInt64();
        Assert.Equal(png, await server.Client.GetByteArrayAsync($"/review/items/{id}/picture", TestContext.Current.CancellationToken));
        foreach (string label in (string[])["", "../out", ".hidden", "a/b", new('x', 200)])
            Assert.Equal(400, (await server.Ask($"/review/items/{id}", TestServer.Json(JsonSerializer.Serialize(new { label })))).Status);
        Assert.Equal(400, (await server.Ask($"/review/items/{id}", TestServer.Json("{}"))).Status);
        Assert.Equal(200, (await server.Ask($"/review/items/{id}", TestServer.Json("""{"label": "scratched"}"""))).Status);
        Assert.Equal(404, (await server.Ask($"/review/items/{id}", TestServer.Json("""{"label": "scratched"}"""))).Status);
        Assert.Equal(200, (await server.Ask($"/review/items/{id + 1}", TestServer.Json("""{"label": null}"""))).Status);
        Assert.Empty(await Items(server, 0));
        string decided = Path.Combine(server.Folder, "state", "review", "decided", "tiny_net", "scratched");
        Assert.Equal(40, Image.Load(Assert.Single(Directory.GetFiles(decided))).Width);
        Assert.Empty(Directory.GetFiles(Path.Combine(server.Folder, "state", "review", "waiting")));
    }

    [Fact]
    public async Task A_full_disk_costs_no_answer()
    {
        await using var server = await TestServer.Start(new ServerSettings { Review = 1 });
        // Where pictures wait, there is a file now: nothing can be written, as on a full disk.
        string waiting = Path.Combine(server.Folder, "state", "review", "waiting");
        Directory.Delete(waiting);
        await File.WriteAllTextAsync(waiting, "", TestContext.Current.CancellationToken);
        Assert.Equal(200, (await server.Ask("/classify/tiny_net", TestServer.File(TestServer.Png(6)))).Status);
        for (int k = 0; k < 500 && !(await server.Get("/metrics")).Contains("kept=\"false\"", StringComparison.Ordinal); k++)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Contains("kept=\"false\"", await server.Get("/metrics"));
        Assert.Equal(200, (await server.Ask("/classify/tiny_net", TestServer.File(TestServer.Png(8)))).Status);
    }

    [Fact]
    public async Task Pictures_of_another_light_show_as_drift_against_the_first_ones()
    {
        await using var server = await TestServer.Start();
        byte[] bright = Plain(200), dark = Plain(20);
        for (int k = 0; k < 500; k++) await server.Ask("/classify/tiny_net", TestServer.File(bright));
        Assert.InRange(Drift(await server.Get("/metrics")), 0, 0.05);
        string[] kept = Directory.GetFiles(Path.Combine(server.Folder, "state"), "*", SearchOption.AllDirectories);
        Assert.Contains(Path.Combine(server.Folder, "state", "tiny_net", "classify.drift.json"), kept);
        for (int k = 0; k < 150; k++) await server.Ask("/classify/tiny_net", TestServer.File(dark));
        Assert.InRange(Drift(await server.Get("/metrics")), 0.2, double.MaxValue);

        static double Drift(string metrics) => double.Parse(metrics.Split('\n')
            .Single(line =>
                line.StartsWith("sconce_drift{", StringComparison.Ordinal) && line.Contains("brightness", StringComparison.Ordinal)
                && line.Contains("\"classify\"", StringComparison.Ordinal)).Split("} ")[1].Split(' ')[0]);
    }

    private static byte[] Plain(byte light)
    {
        var image = new Image(32, 32);
        image.Pixels.Fill(light);
        return image.Encode(ImageFormat.Png);
    }

    private static async Task<List<JsonElement>> Items(TestServer server, int count)
    {
        for (int k = 0; k < 500; k++)
        {
            var items = JsonDocument.Parse(await server.Get("/review/items")).RootElement.GetProperty("items").EnumerateArray().ToList();
            if (items.Count == count) return items;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"there are not {count}");
        return [];
    }
}
