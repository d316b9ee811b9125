using System.Globalization;
using System.Text.Json;
using Sconce.Data.Downloads;
using Sconce.Export.Web;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Server.Tests;
using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Tests.Common;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>What <c>sconce export --to web</c> writes, in Debian's Chromium, as a person uses it.</summary>
public sealed class WebPageTests : IDisposable
{
    private const string Labels = "class 1,class 2";
    private readonly TemporaryFolder folder = new();

    private string Page => Path.Combine(folder.Path, "page");

    private string Weights => Path.Combine(folder.Path, "net.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Boxes_of_a_picture_are_those_of_the_command_to_half_a_pixel()
    {
        await using var browser = await Browser.Start();
        using var server = await Served();
        List<string> pictures = [Path.Combine(Page, "spots.png"), Path.Combine(Page, "small.jpg")];
        Spots(301, 207).Save(pictures[0]);
        Spots(90, 130).Save(pictures[1]);
        if (SharedFiles.Find("data/kangaroo/images") is { } photos)
        {
            string photo = Directory.EnumerateFiles(photos, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
            pictures.Add(Path.Combine(Page, "photo.jpg"));
            File.Copy(photo, pictures[^1]);
        }

        await browser.Open(server.Address);
        await browser.Until("document.documentElement.dataset.state === 'ready'");
        int answers = 0;
        foreach (string picture in pictures)
        {
            double threshold = Threshold(Detected(picture, 0));
            var expected = Detected(picture, threshold);
            Assert.True(expected.Count >= 3, $"{picture}: {expected.Count} boxes tell too little");
            await browser.Evaluate($"document.getElementById('threshold').value = {threshold.ToString(CultureInfo.InvariantCulture)}");
            await Give(browser, Path.GetFileName(picture), answers % 2 == 0);
            await browser.Until($"document.getElementById('stage').dataset.answers === '{++answers}'");
            var found = await Rows(browser);
            Assert.Equal(expected.Count, found.Count);
            foreach (var box in expected)
            {
                Assert.Contains(found, one => one.Label == box.Label && Math.Abs(one.Confidence - box.Confidence) < 0.01
                    && one.Edges.Zip(box.Edges).All(pair => Math.Abs(pair.First - pair.Second) <= 0.5));
            }
        }

        await browser.Screenshot("web-picture");
        string own = server.Address.ToString();
        Assert.All(browser.Requests, address => Assert.True(
            address.StartsWith(own, StringComparison.Ordinal) || address.StartsWith("blob:" + own, StringComparison.Ordinal), address));
        Assert.Contains(browser.Requests, address => address.EndsWith("runtime/ort.wasm", StringComparison.Ordinal));    // the worker's too
        Assert.Empty(browser.Faults);
    }

    [Fact]
    public async Task A_camera_is_watched_by_keyboard_on_a_small_screen_in_the_dark()
    {
        await using var browser = await Browser.Start(
            360, 740, isDark: true, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream");
        using var server = await Served();
        await browser.Open(server.Address);
        await browser.Until("document.documentElement.dataset.state === 'ready'");
        Assert.Equal("", (string?)await browser.Evaluate(
            "[...document.querySelectorAll('input')].filter(one => !one.labels.length).map(one => one.id).join()"));
        await browser.Evaluate("document.getElementById('threshold').focus()");
        await browser.Press("Home", 36);
        await browser.Until("document.getElementById('least').textContent === '0.00'");
        await browser.Evaluate("document.getElementById('webcam').focus()");
        await browser.Press("Enter", 13);
        await browser.Until("Number(document.getElementById('stage').dataset.answers) > 4");
        await browser.Until("document.querySelectorAll('#rows tr').length > 3");
        await browser.Until("document.getElementById('figures').textContent.includes('frames a second')");
        Assert.True((bool)(await browser.Evaluate("document.documentElement.scrollWidth <= 360"))!);
        await browser.Screenshot("web-camera-small-dark");
        await browser.Evaluate("document.getElementById('stop').focus()");
        await browser.Press("Enter", 13);
        await browser.Until("document.getElementById('stage').hidden && document.getElementById('stop').hidden");
        await browser.Until("!document.querySelector('video')");
        Assert.Empty(browser.Faults);
    }

    [Fact]
    public async Task A_clip_is_followed_and_what_is_no_picture_is_told()
    {
        await using var browser = await Browser.Start();
        using var server = await Served();
        string clip = Path.Combine(Page, "clip.webm");
        Assert.SkipUnless(Ffmpeg($"-f lavfi -i testsrc=size=320x240:rate=10 -t 3 -c:v libvpx {clip}"), "ffmpeg is missing");
        File.WriteAllText(Path.Combine(Page, "words.png"), "no picture");
        await browser.Open(server.Address);
        await browser.Until("document.documentElement.dataset.state === 'ready'");
        await Give(browser, "words.png", isDropped: true);
        await browser.Until("document.getElementById('status').textContent.startsWith('words.png: this browser cannot read it')");
        await Give(browser, "clip.webm", isDropped: true);
        await browser.Until("Number(document.getElementById('stage').dataset.answers) > 3 && document.querySelector('video[controls]')");
        Assert.Empty(browser.Faults);
    }

    [Fact]
    public async Task A_browser_without_vectors_gets_a_sentence_and_a_folder_with_a_part_missing_too()
    {
        await using var browser = await Browser.Start();
        using var server = await Served();
        File.Delete(Path.Combine(Page, "network.onnx"));
        await browser.Open(server.Address);
        await browser.Until("document.documentElement.dataset.state === 'fault'");
        Assert.Contains("network.onnx: the server answers 404",
            (string?)await browser.Evaluate("document.getElementById('status').textContent"), StringComparison.Ordinal);
        await browser.Before("WebAssembly.validate = () => false");
        await browser.Open(new Uri(server.Address, "index.html"));
        await browser.Until("document.getElementById('status').textContent.startsWith('This browser has no WebAssembly SIMD')");
        Assert.True((bool)(await browser.Evaluate("document.getElementById('file').disabled"))!);
    }

    [Theory]
    [InlineData("--to web writes detectors that a browser decodes (centernet_lite)", "resnest50", "--to", "web")]
    [InlineData("--batch and --precision go with files", "centernet_lite", "--to", "web", "--batch", "2")]
    [InlineData("--out: there is no folder '/no/such'", "centernet_lite", "--to", "web", "--out", "/no/such/page")]
    [InlineData("--size 64x96: a page stretches every picture to a square", "centernet_lite", "--to", "web", "--size", "64x96")]
    public void Wrong_use_is_one_line(string fault, params string[] arguments)
    {
        var (status, _, error) = Run(["export", .. arguments]);
        Assert.Equal(2, status);
        Assert.StartsWith($"sconce: {fault}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_other_things_is_not_written_into()
    {
        folder.File("diary.txt");
        var (status, _, error) = Run("export", "centernet_lite", "--to", "web", "--out", folder.Path);
        Assert.Equal(2, status);
        Assert.Contains("holds other things than a page", error, StringComparison.Ordinal);
        Assert.Equal(["diary.txt"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    private static (int Status, string Out, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        int status = Application.Run(arguments, Systems.Catalogue.Systems, new Terminal(output, error));
        return (status, output.ToString(), error.ToString());
    }

    /// <summary>A page of an untrained network that finds things of all sizes; skipped where the runtime cannot be had.</summary>
    private async Task<FolderServer> Served()
    {
        try
        {
            await WebRuntime.PullAsync(cancellation: TestContext.Current.CancellationToken);
        }
        catch (DownloadException fault)
        {
            Assert.Skip($"ONNX Runtime Web cannot be downloaded: {fault.Message}");
        }

        Save();
        var (status, _, error) = Run(
            "export", "centernet_lite", "--to", "web", "--weights", Weights, "--classes", "2", "--size", "128", "--out", Page);
        Assert.True(status == 0, error);
        return FolderServer.Of(Page);
    }

    private void Save()
    {
        using var scope = new TensorScope();
        using var network = new CenterNetLite(new CenterNetConfig { Classes = 2 });
        using (Gradients.Off())
        {
            for (int k = 0; k < 30; k++) network.Call(Tensor.Randn([2, 3, 128, 128]));    // the norms' statistics become those of pictures
            foreach (var (name, parameter) in network.NamedParameters())
            {
                if (name is "heatmap.2.weight" or "size.2.weight" or "offset.2.weight") parameter.CopyInPlace(parameter * 8);
                if (name == "size.2.bias") Init.Constant(parameter, 4);
            }
        }

        ModelWeights.Save(network, Weights);
    }

    private sealed record Found(string Label, double Confidence, double[] Edges);

    private List<Found> Detected(string picture, double threshold)
    {
        var (status, output, error) = Run("detect", "centernet_lite", picture, "--weights", Weights, "--size", "128", "--labels", Labels,
            "--threshold", threshold.ToString(CultureInfo.InvariantCulture), "--json", "--out", Path.Combine(folder.Path, "answers"));
        Assert.True(status == 0, error);
        var found = JsonDocument.Parse(output).RootElement[0].GetProperty("predictions");
        return
        [
            .. found.EnumerateArray().Select(one => new Found(
                one.GetProperty("label").GetString()!, one.GetProperty("confidence").GetDouble(),
                [.. one.GetProperty("box").EnumerateArray().Select(edge => edge.GetDouble())])),
        ];
    }

    /// <summary>Where no score is near, so that the last digits decide nothing.</summary>
    private static double Threshold(List<Found> found)
    {
        var scores = found.Select(one => one.Confidence).ToList();
        return Enumerable.Range(1, 98).Select(step => step / 100.0).Where(least => scores.Count(score => score > least) is >= 3 and < 20)
            .MaxBy(least => scores.Min(score => Math.Abs(score - least)));
    }

    private static async Task<List<Found>> Rows(Browser browser)
    {
        var rows = await browser.Evaluate(
            "[...document.querySelectorAll('#rows tr')].map(row => [...row.cells].map(cell => cell.textContent))");
        return
        [
            .. rows!.AsArray().Select(row => row!.AsArray().Select(cell => cell!.ToString()).ToArray()).Select(cells => new Found(cells[0],
                double.Parse(cells[1].TrimEnd('%', ' '), CultureInfo.InvariantCulture) / 100,
                [.. cells[2..].Select(edge => double.Parse(edge, CultureInfo.InvariantCulture))])),
        ];
    }

    /// <summary>Chooses or drops one of the server's files.</summary>
    private static Task Give(Browser browser, string name, bool isDropped) => browser.Evaluate(
        $$"""
        (async () => {
          const blob = await (await fetch('{{name}}')).blob();
          const kind = { png: 'image/png', jpg: 'image/jpeg', webm: 'video/webm' }['{{name}}'.split('.').pop()];
          const given = new DataTransfer(), picker = document.getElementById('file');
          given.items.add(new File([blob], '{{name}}', { type: kind }));
          if ({{(isDropped ? "true" : "false")}})
            document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: given }));
          else {
            picker.files = given.files;
            picker.dispatchEvent(new Event('change'));
          }
        })()
        """);

    /// <summary>Soft spots of many colours.</summary>
    private static Image Spots(int width, int height)
    {
        var image = new Image(width, height, 3);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    double wave = Math.Sin((x + (40 * c)) / (9.0 + (3 * c))) * Math.Cos(((2 * y) - (x / 3.0)) / (11.0 + c));
                    image.Bytes[(3 * ((y * width) + x)) + c] = (byte)(127.5 + (120 * wave));
                }
            }
        }

        return image;
    }

    private static bool Ffmpeg(string arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start("ffmpeg", "-loglevel error -y " + arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
