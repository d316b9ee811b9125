using System.Diagnostics;
using System.Globalization;
using Sconce.Imaging;
using Sconce.Systems.Analysis.GrandTour;
using Sconce.Training;

namespace Sconce.Bench.Science;

/// <summary>
/// The page of <c>sconce tour</c> with 1,000 points through 30 epochs in four layers: its size, and frames a second in Chromium without a
/// graphics card.
/// </summary>
internal sealed class TourGroup : BenchGroup
{
    private const int Points = 1000, Epochs = 30, Classes = 10;
    private const string Said = "sconce frames a second: ";

    // Frames are counted while the tour turns and the epochs play.
    private const string Counting =
        """
        <script>setTimeout(() => {
          let frames = 0, begin = performance.now();
          document.getElementById('play').click();
          const count = () => {
            frames++;
            const now = performance.now();
            if (now - begin < 5000) requestAnimationFrame(count);
            else console.log('sconce frames a second: ' + (1000 * frames / (now - begin)).toFixed(1));
          };
          requestAnimationFrame(count);
        }, 2000)</script>
        """;

    internal override string Name => "tour";

    internal override string About => "tour.html of 1,000 points and 30 epochs: its size, frames a second in Chromium by software";

    internal override void Measure(BenchTable table)
    {
        string page = table.File("tour.html");
        var made = BenchTable.Own(Name, "page", page);
        table.Figure($"tour.html, {Points:N0} points, {Epochs} epochs, four layers",
            string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(page).Length / 1e6:0.00} MB"), "under 5 MB", made);
        table.Figure("the same in Chromium, software rendering", Frames(page), "60 frames/s, or what software allows");
    }

    internal override Measured Work(string[] task)
    {
        long start = Stopwatch.GetTimestamp();
        var random = new Random(2);
        string[] classes = [.. Enumerable.Range(0, Classes).Select(k => $"class {k}")];
        var epochs = Enumerable.Range(1, Epochs).Select(epoch => Outputs(random, epoch)).ToList();
        var contents = new TourContents(
            "Tour", [.. Enumerable.Range(0, Points).Select(k => $"photos/picture{k:0000}.jpg")],
            [.. Enumerable.Range(0, Points).Select(k => k % Classes)], classes, [.. Enumerable.Range(1, Epochs).Select(k => $"{k}")],
            TourData.Layers(epochs, classes));
        File.WriteAllText(task[1], TourPage.Render(contents, Pictures(random)));
        return new Measured { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    private static NetworkOutputs Outputs(Random random, int epoch)
    {
        float[] Noise(int width) => [.. Enumerable.Range(0, Points * width).Select(_ => (float)(random.NextDouble() - 0.5))];
        float[] logits = Noise(Classes), shares = new float[logits.Length];
        for (int k = 0; k < Points; k++)
        {
            logits[(k * Classes) + (k % Classes)] += epoch * 0.15f;
            var own = logits.AsSpan(k * Classes, Classes);
            double sum = 0;
            foreach (float value in own) sum += Math.Exp(4 * value);
            for (int c = 0; c < Classes; c++) shares[(k * Classes) + c] = (float)(Math.Exp(4 * own[c]) / sum);
        }

        return new NetworkOutputs(
            [("layer3", 32, Noise(32)), ("layer4", 64, Noise(64)), (NetworkOutputs.Logits, Classes, logits),
                (NetworkOutputs.Softmax, Classes, shares)]);
    }

    /// <summary>Noise, which a JPEG holds worst: photographs take less.</summary>
    private static IEnumerable<Image> Pictures(Random random)
    {
        for (int k = 0; k < Points; k++)
        {
            var picture = new Image(24, 24);
            for (int y = 0; y < 24; y++)
            {
                for (int x = 0; x < 24; x++)
                {
                    var colour = new Rgb((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
                    picture.Fill(new PixelBox(x, y, x + 1, y + 1), colour);
                }
            }

            yield return picture;
        }
    }

    private static string Frames(string page)
    {
        string? program = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser"]).FirstOrDefault(File.Exists);
        if (program is null) return "no Chromium here";
        string counted = page.Replace(".html", "-counted.html", StringComparison.Ordinal);
        File.WriteAllText(counted, File.ReadAllText(page).Replace("</body>", Counting + "</body>", StringComparison.Ordinal));
        string profile = Path.Combine(Path.GetDirectoryName(page)!, "chromium");
        var start = new ProcessStartInfo(program,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--no-first-run", "--enable-logging=stderr",
            "--v=0", "--window-size=1000,900", $"--user-data-dir={profile}", new Uri(counted).AbsoluteUri,
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        using var browser = Process.Start(start)!;
        using var end = new Timer(_ => browser.Kill(entireProcessTree: true), null, TimeSpan.FromSeconds(60), Timeout.InfiniteTimeSpan);
        string answer = "Chromium said nothing within a minute";
        while (browser.StandardError.ReadLine() is { } line)
        {
            int place = line.IndexOf(Said, StringComparison.Ordinal);
            if (place < 0) continue;
            answer = line[(place + Said.Length)..].Split('"')[0] + " frames/s";
            break;
        }

        browser.Kill(entireProcessTree: true);
        browser.WaitForExit();
        return answer;
    }
}
