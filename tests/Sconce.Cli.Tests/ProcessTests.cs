using System.Diagnostics;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>What only a real process shows: signals, closed pipes, what is loaded.</summary>
public class ProcessTests
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task A_signal_ends_a_claim_and_leaves_nothing_behind(string signal, int status)
    {
        using var folder = new TemporaryFolder();
        using var process = CommandLine.Start(folder.Path, null, "claim", "beta-net", "--out", "report");
        Assert.Contains("takes about 2 h", await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("running", await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken));
        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        string rest = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, process.ExitCode);
        Assert.EndsWith("sconce: interrupted\n", rest);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("list", "--models")]
    [InlineData("show", "alpha")]
    [InlineData("--help")]
    [InlineData("predict", "alpha", "--help")]
    public void What_only_tells_does_so_without_libtorch(params string[] arguments)
    {
        using var process = CommandLine.Start(null,
            new Dictionary<string, string> { ["SCONCE_NATIVE"] = "/no/such/libsconce_torch.so" }, arguments);
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains(arguments[0] == "--help" ? "sconce [command]" : "alpha", text);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void Counting_a_network_without_libtorch_says_what_to_do()
    {
        using var process = CommandLine.Start(null, new Dictionary<string, string> { ["SCONCE_NATIVE"] = "/no/such/libsconce_torch.so" },
            "show", "alpha_small");
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Equal(1, error.Count(letter => letter == '\n'));
        Assert.Contains("/no/such/libsconce_torch.so", error);
    }

    [Fact]
    public void Too_few_open_files_are_said_in_a_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are a shell's");
        string command = Path.Combine(Path.GetDirectoryName(typeof(Application).Assembly.Location)!, "Sconce.Cli.dll");
        string host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var line = new ProcessStartInfo("/bin/sh", ["-c", "ulimit -n 32; exec \"$@\"", "sh", host, "exec", command,
            "list"])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(line)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Equal("sconce: this process may have only 32 files open at once, and 256 are needed: raise the limit (ulimit -n 256)\n",
            error);
    }
}
