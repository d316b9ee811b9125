using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>The command itself: what it says, what it refuses, and how it ends.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Told_to_stop_at_any_moment_it_loses_nothing_that_it_took_on_and_ends_well()
    {
        int times = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" ? 20 : 2;
        using var folder = new TemporaryFolder();
        string weights = TestSystem.WriteWeights(folder);
        for (int k = 0; k < times; k++)
        {
            using var process = Start(folder, "serve", $"tiny_net={weights}", "--port", "0");
            var (address, log) = await Listening(process);
            using var client = new HttpClient { BaseAddress = address };
            byte[] png = TestServer.Png(k);
            var strange = new ConcurrentBag<string>();
            int answers = 0;
            using var stop = new CancellationTokenSource();
            var asking = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        using var response = await client.PostAsync("/classify/tiny_net", TestServer.File(png), Cancellation);
                        Interlocked.Increment(ref answers);
                        if ((int)response.StatusCode is not (200 or 429 or 503)) strange.Add($"{(int)response.StatusCode}");
                        if ((int)response.StatusCode == 503) return;
                    }
                    catch (HttpRequestException)
                    {
                        return;   // nobody is there any more; whether it was taken on, the server's own log says
                    }
                }
            }));
            await Task.Delay(new Random(k).Next(50, 600), Cancellation);
            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"])) await kill.WaitForExitAsync(Cancellation);
            await asking;
            await process.WaitForExitAsync(Cancellation);
            Assert.Equal(0, process.ExitCode);
            Assert.Empty(strange);
            int logged = (await log).Split('\n').Count(line => line.Contains("POST /classify/tiny_net", StringComparison.Ordinal));
            Assert.Equal(logged, answers);
        }
    }

    [Theory]
    [InlineData("key", "serve", "fakes", "--listen", "0.0.0.0")]
    [InlineData("--weights is missing", "serve", "tiny_net")]
    [InlineData("'tiny_ent'", "serve", "tiny_ent")]
    [InlineData("--port", "serve", "fakes", "--port", "70000")]
    [InlineData("two of them", "serve", "fakes", "fakes")]
    public async Task What_cannot_be_served_is_told_in_a_line(string word, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        using var process = Start(folder, arguments);
        string error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(2, process.ExitCode);
        Assert.Contains(word, error);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_a_line()
    {
        using var folder = new TemporaryFolder();
        using var first = Start(folder, "serve", "fakes", "--port", "0");
        var (address, _) = await Listening(first);
        using var second = Start(folder, "serve", "fakes", "--port", $"{address.Port}");
        string error = await second.StandardError.ReadToEndAsync(Cancellation);
        await second.WaitForExitAsync(Cancellation);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"{address.Port}", error);
        Assert.DoesNotContain("fault of Sconce's own", error);
        first.Kill();
        await first.WaitForExitAsync(Cancellation);
    }

    [Fact]
    public async Task Curl_gets_an_answer()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "there is no curl here");
        await using var server = await TestServer.Start();
        string file = Path.Combine(server.Folder, "photo.png");
        await File.WriteAllBytesAsync(file, TestServer.Png(1), Cancellation);
        Assert.Contains("\"predictions\":[{\"label\":", Curl("--data-binary", $"@{file}", $"{server.Server.Address}classify/tiny_net"));
        Assert.Contains("\"predictions\":[{\"label\":",
            Curl("-F", $"file=@{file}", "-F", "top=1", $"{server.Server.Address}classify/tiny_net"));
        Assert.Contains("\"text\":\"hello\"",
            Curl("-H", "Content-Type: text/plain", "-d", "hello", $"{server.Server.Address}complete/fakes"));

        static string Curl(params string[] arguments)
        {
            using var process =
                Process.Start(new ProcessStartInfo("/usr/bin/curl", ["-sS", .. arguments]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
    }

    private static Process Start(TemporaryFolder folder, params string[] arguments)
    {
        string[] words = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, "exec", typeof(TestProgram).Assembly.Location]
            : [Environment.ProcessPath!];
        return Process.Start(new ProcessStartInfo(words[0], [.. words[1..], TestProgram.AsCommand, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        })!;
    }

    /// <summary>Where it listens, and all that it will have written to its error stream in the end.</summary>
    private static async Task<(Uri Address, Task<string> Log)> Listening(Process process)
    {
        string? line = await process.StandardOutput.ReadLineAsync(Cancellation);
        Assert.True(line is not null, line is null ? await process.StandardError.ReadToEndAsync(Cancellation) : "");
        return (new Uri(new Uri(line!.Split(' ')[1]), "/"), process.StandardError.ReadToEndAsync(CancellationToken.None));
    }
}
