using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Systems.Analysis.Circuits;
using Sconce.Systems.Science.MedicalPerception;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>Several abilities at one address: chosen as the command chooses; and one network for all that may share it.</summary>
public sealed class WayTests
{
    [Fact]
    public async Task A_way_is_asked_by_its_word_in_the_address_a_form_and_JSON()
    {
        await using var server = await TestServer.Start(null, "ways");
        Assert.Equal("plain", Text(await server.Ask("/complete/ways", TestServer.Text("x"))));
        Assert.Equal("loud", Text(await server.Ask("/complete/ways?loud=true", TestServer.Text("x"))));
        Assert.Equal("loud", Text(await server.Ask("/complete/ways?loud=1", TestServer.Text("x"))));
        Assert.Equal("plain", Text(await server.Ask("/complete/ways", TestServer.Json("""{"text": "x", "settings": {}}"""))));
        Assert.Equal("loud", Text(await server.Ask("/complete/ways", TestServer.Json("""{"text": "x", "settings": {"loud": true}}"""))));
        // The word may come behind a large file.
        using var form = new MultipartFormDataContent
        {
            { new StringContent(new string('x', 1 << 19)), "text" }, { new StringContent("true"), "loud" },
        };
        Assert.Equal("loud", Text(await server.Ask("/complete/ways", form)));
        using var settings = new MultipartFormDataContent
        {
            { new StringContent("""{"loud": true}"""), "settings" }, { new StringContent("x"), "text" },
        };
        Assert.Equal("loud", Text(await server.Ask("/complete/ways", settings)));
    }

    [Fact]
    public async Task Of_ways_without_a_word_what_is_sent_decides()
    {
        await using var server = await TestServer.Start(null, "ways");
        Assert.Equal("plain", Text(await server.Ask("/complete/ways", TestServer.Text("x"))));
        Assert.Equal("nothing", Text(await server.Ask("/complete/ways", null)));
        Assert.Equal("7 x 5", Text(await server.Ask("/complete/ways", TestServer.File(TestServer.Png(1, 7, 5)))));
        using var form = new MultipartFormDataContent { { TestServer.File(TestServer.Png(1, 6, 4)), "file", "a.png" } };
        Assert.Equal("6 x 4", Text(await server.Ask("/complete/ways", form)));
        string data = Convert.ToBase64String(TestServer.Png(1, 3, 2));
        Assert.Equal("3 x 2", Text(await server.Ask("/complete/ways", TestServer.Json($$"""{"data": "{{data}}"}"""))));
    }

    [Fact]
    public async Task What_is_wrong_is_said_as_the_chosen_way_says_it()
    {
        await using var server = await TestServer.Start(null, "ways");
        var foreign = await server.Ask("/complete/ways?loud=true&times=2", TestServer.Text("x"));
        Assert.Equal(400, foreign.Status);
        Assert.Contains("times", foreign.Json.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await server.Ask("/complete/ways", TestServer.Json("{"))).Status);
        // A lone way has its address for itself, and needs no word.
        Assert.Equal("far", Text(await server.Ask("/forecast/ways", TestServer.Text("x"))));
        Assert.Equal("far", Text(await server.Ask("/forecast/ways?loud=true", TestServer.Text("x"))));
    }

    [Fact]
    public async Task All_ways_stand_in_the_document_in_the_list_of_the_pages_and_once_in_the_figures()
    {
        await using var server = await TestServer.Start(null, "ways");
        var post = JsonDocument.Parse(await server.Get("/openapi/v1.json")).RootElement.GetProperty("paths").GetProperty("/complete/ways")
            .GetProperty("post");
        string?[] names = [.. post.GetProperty("parameters").EnumerateArray().Select(one => one.GetProperty("name").GetString())];
        Assert.Equal(names.Distinct(), names);
        Assert.Contains("loud", names);
        Assert.Contains("times", names);
        var ways = JsonDocument.Parse(await server.Get("/catalogue")).RootElement.GetProperty("abilities").EnumerateArray()
            .Where(one => one.GetProperty("path").GetString() == "/complete/ways").Select(one => one.GetProperty("way").GetString());
        Assert.Equal(["", "loud", "nothing", "picture"], ways);
        string[] figures = (await server.Get("/metrics")).Split('\n');
        Assert.Single(figures, line => line.StartsWith("sconce_queue_depth{", StringComparison.Ordinal)
            && line.Contains("complete", StringComparison.Ordinal));
        await using var browser = await Browser.Start();
        await browser.Open(new Uri(server.Server.Address, "/complete/ways?way=loud"));
        await browser.Until("document.querySelector('#setting-loud')?.checked");
        await browser.Evaluate("document.querySelector('#input').value = 'x'");
        await browser.Evaluate("document.querySelector('button.main').click()");
        await browser.Until("document.querySelector('section p').textContent === 'loud'");
        Assert.Empty(browser.Faults);
    }

    [Fact]
    public async Task A_classifier_is_loaded_once_for_all_that_only_read_it_and_answers_as_alone()
    {
        var counted = new CountedSystem();
        IReadOnlyList<CatalogueSystem> systems = [counted, new CircuitsSystem(), new MedicalPerceptionSystem()];
        using var folder = new TemporaryFolder();
        string weights = TestSystem.WriteWeights(folder);
        var served = Served.Of(systems, "counted_net=" + weights);
        await using var server = SconceServer.Open(
            [served], new ServerSettings { Port = 0, State = Path.Combine(folder.Path, "state") }, logging => logging.ClearProviders());
        // Classify, five ways to explain, KServe: one. Embed has a network of its own, without the head.
        Assert.Equal(2, counted.Made);
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.Address };
        byte[] png = TestServer.Png(3);
        string alone = await Ask("/classify/counted_net", TestServer.File(png));
        string[] together = await Task.WhenAll(Enumerable.Range(0, 24).Select(async k => k % 3 == 0
            ? await Ask("/explain/counted_net", TestServer.File(png)) : await Ask("/classify/counted_net", TestServer.File(png))));
        Assert.All(together.Where((_, k) => k % 3 != 0), answer => Assert.Equal(Best(alone), Best(answer), 1e-5));
        Assert.All(together.Where((_, k) => k % 3 == 0), answer => Assert.Contains("\"heat\"", answer, StringComparison.Ordinal));
        Assert.Contains("families", await Ask("/explain/counted_net?equivariance=true", null), StringComparison.Ordinal);

        async Task<string> Ask(string path, HttpContent? content)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            request.Headers.Add("Accept", "application/json");
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode == 200, body);
            return body;
        }

        static double Best(string json) =>
            JsonDocument.Parse(json).RootElement.GetProperty("predictions")[0].GetProperty("confidence").GetDouble();
    }

    private static string? Text((int Status, JsonElement Json) answer)
    {
        Assert.True(answer.Status == 200, answer.Json.ToString());
        return answer.Json.GetProperty("text").GetString();
    }

    /// <summary>The classifier of the tests, which counts how often it is made.</summary>
    private sealed class CountedSystem : CatalogueSystem
    {
        private int made;

        public int Made => made;

        public override SystemCard Card { get; } = TestSystem.CardOf("counted");

        public override IReadOnlyList<ModelVariant> Variants =>
        [
            new("counted_net", "one convolution", options =>
            {
                Interlocked.Increment(ref made);
                return TestSystem.Create(options.Classes ?? 4);
            })
            {
                Capabilities = [TensorInput.Pictures(32), new ImageClassifier(4, "head", ImagePreprocessing.ImageNet(32, 1))],
            },
        ];
    }
}

/// <summary>A verb that is done in several ways.</summary>
internal sealed class TestWays : CatalogueSystem
{
    public override SystemCard Card { get; } = TestSystem.CardOf("ways");

    public override IReadOnlyList<Ability> Abilities { get; } =
    [
        new Way<Words, TimesSettings>(Verb.Complete, null, _ => "plain"), new Way<Words, LoudSettings>(Verb.Complete, "loud", _ => "loud"),
        new Way<Nothing, TimesSettings>(Verb.Complete, null, _ => "nothing"),
        new Way<Picture, TimesSettings>(Verb.Complete, null, input => $"{input.Image.Width} x {input.Image.Height}"),
        new Way<Words, LoudSettings>(Verb.Forecast, "loud", _ => "far"),
    ];

    private sealed class Way<TInput, TSettings>(Verb verb, string? word, Func<TInput, string> say) : Fake<TInput, MadeText, TSettings>
        where TInput : IInput<TInput>
        where TSettings : class, ISettings<TSettings>, new()
    {
        public override Verb Verb => verb;

        public override string? AskedBy => word;

        protected override MadeText Say(TInput input, TSettings settings, IProgress<WorkProgress>? progress,
            CancellationToken cancellation) => new(say(input));
    }
}

/// <summary>Of a way that is asked by nothing.</summary>
[Settings]
public sealed partial record TimesSettings
{
    /// <summary>How many times.</summary>
    [Within(1, 10)]
    public int Times { get; init; } = 1;
}

/// <summary>Of a way that is asked by its word.</summary>
[Settings]
public sealed partial record LoudSettings
{
    /// <summary>Whether in capitals.</summary>
    public bool Loud { get; init; }
}
