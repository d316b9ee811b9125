using System.Globalization;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems.Analysis.GrandTour;
using Sconce.Systems.Tests.Looks;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.GrandTour;

public sealed class TourPageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-tour-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_thousand_points_through_thirty_epochs_are_a_page_of_less_than_five_megabytes_that_fetches_nothing()
    {
        string page = TourPage.Render(Contents(1000, 30, 10), Pictures(1000));
        Assert.InRange(page.Length, 1_000_000, 5_000_000);
        Assert.DoesNotContain("://", page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_cannot_end_the_script()
    {
        var contents = Contents(4, 1, 3) with { Classes = ["</script><b>", "b", "c"], Title = "<i>" };
        string page = TourPage.Render(contents, Pictures(4));
        Assert.DoesNotContain("</script><b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", page.Split("<script")[0].Split("<body>")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Kept_outputs_come_back_as_they_were_and_each_class_has_its_share()
    {
        string samples = Path.Combine(folder, SampleFolder.Name);
        Directory.CreateDirectory(samples);
        foreach (int epoch in (int[])[1, 2]) Keep(samples, epoch);
        var kept = KeptOutputs.Read(folder)!;
        Assert.Equal([1, 2], kept.Epochs.Select(one => one.Epoch));
        Assert.Equal(["b.png", "c.png"], kept.Names);
        Assert.Equal([1, 0], kept.Labels);
        Assert.Equal([0.25f, 0.75f, 0.5f, 0.5f], kept.Epochs[1].Outputs.Layers.First(layer => layer.Name == "softmax").Rows);
        Assert.Equal([0, 1, 5], KeptOutputs.Choose([0, 0, 0, 0, 0, 1, 0], 3));
        Assert.Null(KeptOutputs.Read(samples));
    }

    [Fact]
    public void Very_many_classes_become_eleven_and_the_rest()
    {
        float[] rows = [.. Enumerable.Range(0, 5).SelectMany(k => Enumerable.Range(0, 40).Select(c => c == k ? 0.61f : 0.01f))];
        var layer = Assert.Single(TourData.Layers([new NetworkOutputs([("softmax", 40, rows)])], []));
        Assert.Equal(12, layer.Axes.Count);
        Assert.All(layer.Epochs[0].Chunk(12), row => Assert.Equal(1, row.Sum(), 1e-4));
    }

    [Fact]
    public void Pictures_that_no_run_kept_are_shown_as_the_weights_answer_them_now()
    {
        using var session = new TourOfPictures().Open(LookedAt.Request(classes: 3));
        var set = PictureSet.Of([.. Pictures(6).Select(image => Picture.Of(image))]);
        string page = session.Ask(set).Html;
        Assert.Contains("6 pictures", page, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => session.Ask(PictureSet.Of(Picture.Of(LookedAt.Picture((_, _) => 1)))));
        using var none = new TourOfRun().Open(LookedAt.Request());
        var fault = Assert.Throws<UsageException>(() => none.Ask(Nothing.Instance));
        Assert.Contains("kept no outputs", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task An_axis_that_is_dragged_lies_where_it_was_dropped()
    {
        string path = Path.Combine(folder, "tour.html");
        await File.WriteAllTextAsync(path, TourPage.Render(Contents(60, 3, 5), Pictures(60)), TestContext.Current.CancellationToken);
        await using var browser = await Chromium.Open(path, TestContext.Current.CancellationToken);
        Assert.Equal("5", await browser.Evaluate("document.querySelectorAll('.handle').length"));
        double side = double.Parse(await browser.Evaluate("document.getElementById('stage').clientWidth"), CultureInfo.InvariantCulture);
        await browser.Evaluate("document.getElementById('tour').click()");   // it stands still, and the last handle lies on top
        var (fromX, fromY) = await Handle(browser, 4);
        var (left, top) = await Corner(browser);
        (double X, double Y) drop = (left + (0.62 * side), top + (0.31 * side));
        await browser.Drag(fromX, fromY, drop.X, drop.Y);
        var (x, y) = await Handle(browser, 4);
        Assert.True(Math.Abs(x - drop.X) < 1 && Math.Abs(y - drop.Y) < 1, $"{x} {y}, dropped at {drop}");
        // All handles together are still the shadow of a rotation: squares of their places add up to one in each direction.
        double sum = double.Parse(
            await browser.Evaluate("""
                (() => { const s = document.getElementById('overlay').clientWidth / 2; return [...document.querySelectorAll('.handle')]
                    .reduce((t, h) => t + ((h.getAttribute('cx') - s) / s / 0.82) ** 2, 0); })()
                """), CultureInfo.InvariantCulture);
        Assert.Equal(1, sum, 0.01);
        Assert.Equal("", browser.Errors);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task What_is_seen_between_two_clicks_is_kept_as_a_film()
    {
        string path = Path.Combine(folder, "film.html");
        await File.WriteAllTextAsync(path, TourPage.Render(Contents(60, 3, 5), Pictures(60)), TestContext.Current.CancellationToken);
        await using var browser = await Chromium.Open(path, TestContext.Current.CancellationToken);
        await browser.Evaluate("URL.createObjectURL = blob => { window.film = blob; return '#'; }");
        await browser.Evaluate("document.getElementById('film').click()");
        Assert.Equal("Keep the film", await browser.Evaluate("document.getElementById('film').textContent"));
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await browser.Evaluate("document.getElementById('film').click()");
        for (int k = 0; k < 200 && await browser.Evaluate("String(!window.film)") == "true"; k++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.StartsWith("video/", await browser.Evaluate("window.film.type"), StringComparison.Ordinal);
        double bytes = double.Parse(await browser.Evaluate("window.film.size"), CultureInfo.InvariantCulture);
        Assert.True(bytes > 1000, $"{bytes}");
        Assert.Equal("", browser.Errors);
    }

    private static async Task<(double X, double Y)> Handle(Chromium browser, int axis) => Point(await browser.Evaluate(
        $$"""
        (() => { const b = document.querySelector('[data-axis="{{axis}}"]').getBoundingClientRect();
            return (b.x + b.width / 2) + ' ' + (b.y + b.height / 2); })()
        """));

    private static async Task<(double X, double Y)> Corner(Chromium browser) => Point(await browser.Evaluate(
        "(() => { const b = document.getElementById('overlay').getBoundingClientRect(); return b.x + ' ' + b.y; })()"));

    private static (double X, double Y) Point(string text)
    {
        double[] numbers = [.. text.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1]);
    }

    private static void Keep(string samples, int epoch)
    {
        var outputs = new NetworkOutputs([("softmax", 2, [0.25f, 0.75f, 0.5f, 0.5f])]) { Items = [1, 2] };
        string path = Path.Combine(samples, FormattableString.Invariant($"{epoch:0000}-outputs.safetensors"));
        KeptOutputs.Write(path, ["a.png", "b.png", "c.png"], [0, 1, 0], outputs);
    }

    private static TourContents Contents(int count, int epochs, int classes)
    {
        var random = new Random(1);
        TourLayer Layer(string name, int width) => new(
            name, [.. Enumerable.Range(0, width).Select(k => $"class {k}")],
            [.. Enumerable.Range(0, epochs).Select(_ => Enumerable.Range(0, count * width).Select(_ => random.NextSingle()).ToArray())]);
        return new TourContents(
            "made", [.. Enumerable.Range(0, count).Select(k => $"photos/class/{k:00000}.jpg")],
            [.. Enumerable.Range(0, count).Select(k => k % classes)],
            [.. Enumerable.Range(0, classes).Select(k => $"class {k}")], [.. Enumerable.Range(1, epochs).Select(k => $"{k}")],
            [Layer("softmax", classes), Layer("logits", classes), Layer("layer3", 8), Layer("layer4", 8)]);
    }

    private static IEnumerable<Image> Pictures(int count)
    {
        var random = new Random(2);
        for (int k = 0; k < count; k++)
        {
            int shift = random.Next(256);
            yield return LookedAt.Picture((x, y) => (byte)((x * 7) + (y * shift) + random.Next(20)));
        }
    }
}
