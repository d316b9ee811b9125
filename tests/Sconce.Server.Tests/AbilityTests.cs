using System.Text;
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>What is asked at <c>POST /VERB/NAME</c>, and the forms of its answers.</summary>
public sealed class AbilityTests
{
    private const string Wrong = "the answer differs";

    [Fact]
    public async Task A_picture_is_classified_as_the_session_classifies_it()
    {
        await using var server = await TestServer.Start();
        byte[] png = TestServer.Png(3);
        var (status, json) = await server.Ask("/classify/tiny_net?top=2", TestServer.File(png));
        Assert.Equal(200, status);
        using var session = Served.Of(TestSystem.All, "tiny_net").Target.Open<ClassifierSession>(
            Verb.Classify, new AbilityOptions { Weights = Path.Combine(server.Folder, "tiny-1.ckpt") });
        var expected = session.Classify(Picture.Of(Image.Decode(png, "p")), top: 2);
        Assert.Equal(expected.Items.Select(label => label.Name), Names(json));
        Assert.Equal(expected.Best.Confidence, json.GetProperty("predictions")[0].GetProperty("confidence").GetDouble(), 1e-6);
    }

    [Fact]
    public async Task A_form_JSON_and_the_body_itself_ask_the_same()
    {
        await using var server = await TestServer.Start();
        byte[] png = TestServer.Png(4);
        using var form = new MultipartFormDataContent { { TestServer.File(png), "file", "part 1.png" }, { new StringContent("1"), "top" } };
        var first = await server.Ask("/classify/tiny_net", form);
        var second = await server.Ask(
            "/classify/tiny_net",
            TestServer.Json($$$"""{"data": "{{{Convert.ToBase64String(png)}}}", "name": "part 1.png", "settings": {"top": 1}}"""));
        var third = await server.Ask("/classify/tiny_net?top=1", TestServer.File(png));
        Assert.Equal((200, 200, 200), (first.Status, second.Status, third.Status));
        Assert.Equal("part 1.png", first.Json.GetProperty("input").GetString());
        Assert.True(JsonElement.DeepEquals(first.Json, second.Json), Wrong);
        Assert.True(JsonElement.DeepEquals(first.Json.GetProperty("predictions"), third.Json.GetProperty("predictions")), Wrong);
    }

    [Fact]
    public async Task Words_settings_lists_and_files_of_settings_arrive()
    {
        await using var server = await TestServer.Start();
        Assert.Equal("hi hi", (await server.Ask("/complete/fakes?times=2", TestServer.Text("hi"))).Json.GetProperty("text").GetString());
        var json =
            await server.Ask("/complete/fakes",
            TestServer.Json("""{"text": "a b c", "settings": {"loud": false, "without": ["b ", "c"]}}"""));
        Assert.Equal("a ", json.Json.GetProperty("text").GetString());
        Assert.Equal("A ", (await server.Ask("/complete/fakes?loud=true&without=B%20,C", TestServer.Text("a c"))).Json.GetProperty("text")
            .GetString());
        using var form =
            new MultipartFormDataContent { { new StringContent("of"), "text" },
            { TestServer.File(TestServer.Png(1, 7, 5)), "style", "s.png" } };
        Assert.Equal("of 7 x 5", (await server.Ask("/complete/fakes", form)).Json.GetProperty("text").GetString());
    }

    [Fact]
    public async Task An_answer_comes_in_the_form_that_is_asked_for()
    {
        await using var server = await TestServer.Start();
        byte[] png = TestServer.Png(5, 12, 9);
        var mask = await server.Post("/segment/fakes", TestServer.File(png), "image/png");
        Assert.Equal((200, "image/png"), (mask.Status, mask.Type));
        Assert.Equal(12, Image.Decode(mask.Body, "mask").Width);
        var rows = await server.Post("/forecast/fakes", TestServer.Text("one three"), "text/csv");
        Assert.Equal("word,letters\none,3\nthree,5\n", Encoding.UTF8.GetString(rows.Body));
        var sheet = await server.Post("/generate/fakes?count=2", null, "*/*");
        Assert.Equal("image/png", sheet.Type);
        var json = await server.Ask("/generate/fakes?count=2", null);
        Assert.Equal(3, json.Json.GetProperty("files").GetArrayLength());
        var jpeg = await server.Post("/generate/fakes?count=1", null, "text/html, image/jpeg;q=0.9, */*;q=0.1");
        Assert.Equal("image/jpeg", jpeg.Type);
        Assert.Equal(406, (await server.Post("/complete/fakes", TestServer.Text("x"), "video/mp4")).Status);
    }

    [Fact]
    public async Task A_stream_comes_as_lines_or_events_with_progress_and_its_fault_last()
    {
        await using var server = await TestServer.Start();
        var lines = await server.Post("/generate/fakes?count=3", null, "application/x-ndjson");
        Assert.Equal((200, "application/x-ndjson"), (lines.Status, lines.Type));
        string[] pieces = Encoding.UTF8.GetString(lines.Body).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, pieces.Length);
        Assert.All(pieces, piece => Assert.Equal(8, JsonDocument.Parse(piece).RootElement.GetProperty("width").GetInt32()));
        string events = Encoding.UTF8.GetString((await server.Post("/generate/fakes?count=3", null, "text/event-stream")).Body);
        Assert.Equal(3, events.Split("event: answer\n").Length - 1);
        Assert.Contains("event: progress\ndata: {\"stage\":\"painting\"", events);
        Assert.EndsWith("event: end\ndata: {}\n\n", events);
        string broken = Encoding.UTF8.GetString((await server.Post("/generate/fakes?count=3&seed=13", null, "application/x-ndjson")).Body);
        Assert.Contains("the third picture fails", broken.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        // Nothing was sent yet where the fault comes first: it has a status.
        Assert.Equal(400, (await server.Post("/generate/fakes?count=0", null, "application/x-ndjson")).Status);
    }

    [Fact]
    public async Task Tables_come_as_files()
    {
        await using var server = await TestServer.Start();
        var (status, json) = await server.Ask("/predict/fakes", TestServer.File("a,b\n1,2\n3,4\n"u8.ToArray(), "text/csv"));
        Assert.Equal((200, 2), (status, json.GetProperty("rows")[0].GetProperty("rows").GetInt32()));
    }

    [Fact]
    public async Task The_document_and_the_list_say_what_is_served()
    {
        await using var server = await TestServer.Start();
        var document = JsonDocument.Parse(await server.Get("/openapi/v1.json")).RootElement;
        var post = document.GetProperty("paths").GetProperty("/complete/fakes").GetProperty("post");
        var times = post.GetProperty("parameters").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "times");
        Assert.Equal(10, times.GetProperty("schema").GetProperty("maximum").GetInt32());
        Assert.True(post.GetProperty("requestBody").GetProperty("content").GetProperty("multipart/form-data").GetProperty("schema")
            .GetProperty("properties")
            .TryGetProperty("style", out _));
        Assert.Contains("openapi/v1.json", await server.Get("/scalar/"));
        var list = JsonDocument.Parse(await server.Get("/catalogue")).RootElement.GetProperty("abilities");
        Assert.Contains(list.EnumerateArray(), one => one.GetProperty("path").GetString() == "/classify/tiny_net");
    }

    private static IEnumerable<string?> Names(JsonElement json) =>
        json.GetProperty("predictions").EnumerateArray().Select(one => one.GetProperty("label").GetString());
}
