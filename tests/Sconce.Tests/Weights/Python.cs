using System.Diagnostics;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Python with PyTorch, the judge of what is written; tests skip where it is not installed.</summary>
static class Python
{
    static readonly Lazy<string?> Command = new(() =>
        new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(c => TryRun(c, "import torch, numpy", out _)));

    /// <summary>Runs a script and returns its output; an exception in it fails the test.</summary>
    public static string Run(string script)
    {
        Assert.SkipWhen(Command.Value is null, "there is no python3 with torch");
        Assert.True(TryRun(Command.Value!, script, out var output), output);
        return output.Trim();
    }

    static bool TryRun(string command, string script, out string output)
    {
        var start = new ProcessStartInfo(command, ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                output += errors.Result;
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            output = e.Message;
            return false;
        }
    }
}
