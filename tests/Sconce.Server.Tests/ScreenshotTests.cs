using Microsoft.Extensions.Logging;
using Sconce.Cli;
using Sconce.Imaging;
using Sconce.Systems.Generation.NeuralPainting;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>Every page as a person finds it, wide and by day, narrow and in the dark: something stands on it, nothing is cut off, and where
/// SCONCE_SCREENSHOTS names a folder its picture goes there (docs/screenshots).</summary>
public sealed class ScreenshotTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string run;

    public ScreenshotTests()
    {
        run = Path.Combine(folder.Path, "parts");
        for (int k = 0; k < 16; k++)
        {
            string place = Path.Combine(folder.Path, "photos", k % 2 == 0 ? "good" : "scratched");
            Directory.CreateDirectory(place);
            TestServer.Part(k, isBad: k % 2 == 1).Save(Path.Combine(place, $"{k}.png"));
        }

        var error = new StringWriter();
        int status = Application.Run(
            ["train", "tiny_net", "--data", Path.Combine(folder.Path, "photos"), "--out", run, "--epochs", "8", "--batch", "4",
                "--workers", "1", "--threads", "1", "--validation", "0.25"],
            TestSystem.All, new Terminal(TextWriter.Null, error));
        Assert.True(status == 0, error.ToString());
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1000, false, "")]
    [InlineData(360, true, "-small-dark")]
    public async Task Every_page_has_something_on_it_and_nothing_is_cut_off(int width, bool isDark, string ending)
    {
        await using var server = SconceServer.Open(
            [Served.Of(TestSystem.All, run), Served.Of([new NeuralPaintingSystem()], "neural_painting")],
            new ServerSettings { Port = 0, Review = 1, State = Path.Combine(folder.Path, "state") }, logging => logging.ClearProviders());
        await server.StartAsync(TestContext.Current.CancellationToken);
        await using var browser = await Browser.Start(width, 740, isDark);

        await Look("/", "document.querySelectorAll('.card').length === 2", "served");

        await browser.Open(new Uri(server.Address, "/classify/parts"));
        await browser.Until("document.querySelector('form button.main')");
        string part = Convert.ToBase64String(TestServer.Part(3, isBad: true).Encode(ImageFormat.Png));
        await browser.Evaluate($$"""
            (() => {
              const bytes = Uint8Array.from(atob('{{part}}'), letter => letter.charCodeAt(0));
              const files = new DataTransfer();
              files.items.add(new File([bytes], 'part.png', { type: 'image/png' }));
              const input = document.querySelector('input[type=file]');
              input.files = files.files;
              input.dispatchEvent(new Event('change', { bubbles: true }));
            })()
            """);
        await browser.Until("document.querySelector('.field img')");
        await browser.Evaluate("document.querySelector('button.main').click()");
        await Seen("document.querySelectorAll('.bars li').length === 2", "classify");

        await Look("/review", "document.querySelector('img.asked')?.complete && document.querySelector('form button.main')", "review");
        await Look("/paint/neural_painting", "document.querySelector('form button.main')", "paint");
        await Look("/runs", "document.querySelector('.uplot canvas')", "runs");
        await Look("/runs/parts", "document.querySelector('.uplot canvas')", "report");
        await Look("/classify/nobody", "document.querySelector('main h1')", "nothing");
        await Look("/scalar/", "document.body.innerText.includes('/classify/parts')", "api");
        Assert.Empty(browser.Faults);

        async Task Look(string path, string there, string name)
        {
            await browser.Open(new Uri(server.Address, path));
            await browser.Until($"location.pathname === '{path}'");
            await Seen(there, name);
        }

        async Task Seen(string there, string name)
        {
            await browser.Until(there);
            Assert.Equal(width, (int)(await browser.Evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)"))!);
            if (name != "api")   // another's page, with colours of its own
            {
                // What is dark behind is not dark before, and the other way round.
                Assert.Equal(isDark, (bool)(await browser.Evaluate("""
                    [document.body, document.documentElement].map(one => getComputedStyle(one).backgroundColor.match(/[\d.]+/g))
                      .find(parts => parts.length === 3)?.every(part => part < 90) ?? false
                    """))!);
            }

            await browser.Screenshot(name + ending);
        }
    }
}
