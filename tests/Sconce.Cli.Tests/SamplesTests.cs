using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>The programs of samples/ as a reader runs them. Each is built first, so they are part of the slow tests.</summary>
public sealed class SamplesTests
{
    [Fact]
    public void Every_sample_runs_on_a_persons_own_files()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1", "SCONCE_SLOW is not 1");
        Assert.SkipUnless(Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet", "there is no SDK here");
        using var folder = new TemporaryFolder();
        string photos = Path.Combine(folder.Path, "photos"), run = Path.Combine(folder.Path, "run");
        foreach (string name in (string[])["red", "blue"])
        {
            for (int k = 0; k < 6; k++) Save(Path.Combine(photos, name, $"{k}.png"), k, isRed: name == "red");
        }

        Assert.Contains("frame 20: slow down", Sample("track"), StringComparison.Ordinal);
        string trained = Sample("train", photos, Path.Combine(folder.Path, "plain"));
        Assert.Contains("trained on 12 pictures of blue, red", trained, StringComparison.Ordinal);

        Command("train", "resnet20", "--data", photos, "--out", run, "--epochs", "1", "--batch", "4", "--threads", "1", "--workers", "1");
        string photo = Path.Combine(photos, "red", "0.png");
        Assert.Contains("%", Sample("classify", run, photo), StringComparison.Ordinal);
        Served(run, photo);

        string walk = Path.Combine(folder.Path, "walk"), inside = Path.Combine(folder.Path, "inside.html");
        Assert.Matches("accuracy [01]\\.\\d+ on 2 held-out pictures of blue, red", Sample("training-walk", photos, walk));
        string page = File.ReadAllText(Path.Combine(walk, "walk.html"));
        Assert.All(["What is there", "Who is taken for whom", "new uPlot("], part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.Contains("layers;", Sample("looking-inside", run, photo, inside), StringComparison.Ordinal);
        page = File.ReadAllText(inside);
        Assert.All(["heat over the photo", "what excites channel 2 of", "Families of filters"],
            part => Assert.Contains(part, page, StringComparison.Ordinal));

        string parts = Path.Combine(folder.Path, "parts"), model = Path.Combine(folder.Path, "model");
        for (int k = 0; k < 6; k++) Save(Path.Combine(parts, "good", $"{k}.png"), k, isRed: true);
        Command("train", "patchcore", "--data", parts, "--out", model, "--size", "64");
        Assert.Contains("score", Sample("inspect", model, Path.Combine(folder.Path, "maps"), photo), StringComparison.Ordinal);
    }

    private static void Save(string path, int seed, bool isRed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var random = new Random(seed);
        var image = new Image(64, 64, 3);
        for (int k = 0; k < image.Bytes.Length; k++) image.Bytes[k] = (byte)(random.Next(60) + (k % 3 == (isRed ? 0 : 2) ? 150 : 0));
        image.Save(path);
    }

    private static void Command(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        int status = Application.Run(arguments, Systems.Catalogue.Systems, new Terminal(output, error));
        Assert.True(status == 0, $"{string.Join(' ', arguments)}: {error}");
    }

    private static string Sample(string name, params string[] arguments)
    {
        using var process = Start(name, arguments);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        bool isDefect = name == "inspect" && output.Contains("defect", StringComparison.Ordinal);
        Assert.True(process.ExitCode == 0 || isDefect, $"{name} ended with {process.ExitCode}: {output}{error.Result}");
        return output;
    }

    private static void Served(string run, string photo)
    {
        using var process = Start("web", "--run", run, "--urls", "http://127.0.0.1:0");
        try
        {
            string? line;
            do line = process.StandardOutput.ReadLine();
            while (line is not null && !line.Contains("Now listening on: ", StringComparison.Ordinal));
            Assert.NotNull(line);
            using var client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]) };
            using var body = new ByteArrayContent(File.ReadAllBytes(photo));
            using var answer = client.PostAsync("/classify", body, TestContext.Current.CancellationToken).Result;
            string said = answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).Result;
            Assert.Contains("red", said, StringComparison.Ordinal);
            using var broken = client.PostAsync("/classify", new StringContent("no picture"), TestContext.Current.CancellationToken).Result;
            Assert.Equal(System.Net.HttpStatusCode.UnsupportedMediaType, broken.StatusCode);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder(),
        };
        foreach (string word in (string[])["run", "-c", "Release", $"{name}.cs", "--", .. arguments]) start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "samples"));
}
