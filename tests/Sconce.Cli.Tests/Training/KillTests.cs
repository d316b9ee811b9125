using System.Diagnostics;
using System.Text.Json;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>Runs that are killed, and go on: their losses are those of a run that was left alone.</summary>
public sealed class KillTests
{
    // Two threads in half as many: a run under load takes long.
    private static readonly int Kills = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" ? 50 : 10;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void A_run_killed_at_random_moments_has_the_losses_of_one_never_stopped_bit_for_bit(int threads, int share)
    {
        int kills = Kills / share;
        using var folder = new TemporaryFolder();
        string[] command = Command(TinyPictures.Write(folder), threads, epochs: kills);
        var whole = Finish(folder.Path, [.. command, "--out", "whole"]);
        Assert.True(whole.Status == 0, whole.Error);

        var random = new Random(threads);
        string log = Path.Combine(folder.Path, "killed", "log.jsonl");
        int killed = 0;
        for (int k = 0; k < kills; k++)
        {
            using var process = CommandLine.StartProgram(folder.Path, null, [TestProgram.AsTinyCommand, .. command, "--out", "killed"]);
            if (!WaitForWriting(process, log)) break;
            Thread.Sleep(random.Next(60));
            if (process.HasExited) break;
            process.Kill();
            process.WaitForExit();
            killed++;
        }

        var rest = Finish(folder.Path, [.. command, "--out", "killed"]);
        Assert.True(rest.Status == 0, rest.Error);
        Assert.True(killed > kills / 2, $"only {killed} kills met a run at work");
        Assert.Equal(Lines(Path.Combine(folder.Path, "whole", "log.jsonl")), Lines(log));
        Assert.Equal(Weights(Path.Combine(folder.Path, "whole", "last.ckpt")), Weights(Path.Combine(folder.Path, "killed", "last.ckpt")));
        Assert.Equal(Weights(Path.Combine(folder.Path, "whole", "best.ckpt")), Weights(Path.Combine(folder.Path, "killed", "best.ckpt")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Path, "killed"), ".*.tmp"));
    }

    [Fact]
    public void A_full_disk_is_one_error_and_the_last_checkpoint_stays()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "no bash to limit the size of files with");
        using var folder = new TemporaryFolder();
        string[] command = [.. Command(TinyPictures.Write(folder), 1, epochs: 3), "--out", "run"];
        string last = Path.Combine(folder.Path, "run", "last.ckpt");
        using (var process = CommandLine.StartProgram(folder.Path, null, [TestProgram.AsTinyCommand, .. command]))
        {
            while (!File.Exists(last) && !process.HasExited) Thread.Sleep(2);
            process.Kill();
            process.WaitForExit();
        }

        byte[] before = File.ReadAllBytes(last);
        // Writes beyond so many blocks of 1,024 bytes fail as on a full disk; log and events are shorter.
        var limited = Limited(folder.Path, blocks: 24, [TestProgram.AsTinyCommand, .. command]);
        Assert.True(limited.Status == 1, limited.Error);
        Assert.Contains("last.ckpt: cannot be written", limited.Error, StringComparison.Ordinal);
        Assert.Single(limited.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => line.StartsWith("sconce: /", StringComparison.Ordinal));
        Assert.Equal(before, File.ReadAllBytes(last));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Path, "run"), ".*.tmp"));
        Assert.Equal(0, Finish(folder.Path, command).Status);
    }

    [Fact]
    public void Two_runs_in_one_folder_are_one_error_that_names_the_other()
    {
        using var folder = new TemporaryFolder();
        string[] command = [.. Command(TinyPictures.Write(folder), 1, epochs: 2000), "--out", "run"];
        using var first = CommandLine.StartProgram(folder.Path, null, [TestProgram.AsTinyCommand, .. command]);
        Assert.True(WaitForWriting(first, Path.Combine(folder.Path, "run", "log.jsonl")));
        var second = Finish(folder.Path, command);
        first.Kill();
        first.WaitForExit();
        Assert.Equal(1, second.Status);
        Assert.Contains($"number {first.Id}", second.Error, StringComparison.Ordinal);
        Assert.Contains("--out", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_saves_the_run_and_the_same_command_goes_on()
    {
        using var folder = new TemporaryFolder();
        string[] command = [.. Command(TinyPictures.Write(folder), 1, epochs: 100), "--out", "run"];
        using (var process = CommandLine.StartProgram(folder.Path, null, [TestProgram.AsTinyCommand, .. command]))
        {
            Assert.True(WaitForWriting(process, Path.Combine(folder.Path, "run", "log.jsonl")));
            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"])) kill.WaitForExit();
            process.WaitForExit();
            Assert.Equal(143, process.ExitCode);
        }

        long written = File.ReadLines(Path.Combine(folder.Path, "run", "log.jsonl")).LongCount();
        Assert.True(File.Exists(Path.Combine(folder.Path, "run", "last.ckpt")));
        Assert.Equal(0, Finish(folder.Path, command).Status);
        Assert.Equal(Enumerable.Range(1, 100 * 12), Steps(Path.Combine(folder.Path, "run", "log.jsonl")));
        Assert.True(written > 0);
    }

    private static string[] Command(string data, int threads, int epochs) =>
        ["train", "tiny_net", "--data", data, "--epochs", $"{epochs}", "--batch", "8", "--threads", $"{threads}", "--workers", "2",
            "--average", "exponential", "--save-every", "5"];

    private static Outcome Finish(string folder, string[] arguments) =>
        End(CommandLine.StartProgram(folder, null, [TestProgram.AsTinyCommand, .. arguments]));

    private static Outcome Limited(string folder, int blocks, string[] arguments)
    {
        string program = string.Join(' ', Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Quote(Environment.ProcessPath!), Quote(typeof(KillTests).Assembly.Location)] : new[] { Quote(Environment.ProcessPath!) });
        var start = new ProcessStartInfo("/bin/bash")
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"trap '' XFSZ; ulimit -f {blocks}; exec {program} {string.Join(' ', arguments.Select(Quote))}");
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // its mapping of code is a file too
        return End(Process.Start(start)!);
    }

    private static string Quote(string text) => $"'{text}'";

    private static Outcome End(Process process)
    {
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new Outcome(process.ExitCode, output, error.Result);
        }
    }

    /// <summary>Waits until a run writes its log: it is at work.</summary>
    private static bool WaitForWriting(Process process, string log)
    {
        long before = File.Exists(log) ? new FileInfo(log).Length : 0;
        bool cut = false;
        while (!process.HasExited)
        {
            long now = File.Exists(log) ? new FileInfo(log).Length : 0;
            cut |= now < before;
            if (now > before || (cut && now > 0)) return true;
            before = Math.Min(before, now);
            Thread.Sleep(1);
        }

        return false;
    }

    /// <summary>The log without what is about time.</summary>
    private static List<string> Lines(string log) =>
        [.. File.ReadLines(log).Select(line =>
        {
            using var document = JsonDocument.Parse(line);
            return string.Join(", ", document.RootElement.EnumerateObject()
                .Where(property => property.Name is not ("seconds" or "imagesPerSecond")).Select(property => property.ToString()));
        })];

    private static List<int> Steps(string log) =>
        [.. File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("loss", out _))
            .Select(line => line.GetProperty("step").GetInt32())];

    private static Dictionary<string, string> Weights(string file)
    {
        using var checkpoint = Checkpoint.Open(file);
        return checkpoint.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            byte[] bytes = new byte[tensor.ByteLength];
            tensor.CopyTo(bytes);
            return Convert.ToHexString(bytes);
        });
    }
}
