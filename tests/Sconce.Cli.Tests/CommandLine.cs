using System.Diagnostics;
using System.Text.Json;

namespace Sconce.Cli.Tests;

/// <summary>What a command line came to.</summary>
internal sealed record Outcome(int Status, string Out, string Error)
{
    /// <summary>The output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;
}

/// <summary>Runs the command over the fake systems, in this process or as one of its own.</summary>
internal static class CommandLine
{
    /// <summary>Runs it here.</summary>
    public static Outcome Run(params string[] arguments) => Run(new Settings(), arguments);

    /// <summary>Runs it here as if a person were reading, or not.</summary>
    public static Outcome Run(Settings settings, params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, error)
        { OutIsTerminal = settings.IsTerminal, Colours = settings.IsTerminal, Width = settings.Width };
        int status = Application.Run(arguments, FakeSystems.All, terminal, TestProgram.OfFakes);
        return new Outcome(status, output.ToString(), error.ToString());
    }

    /// <summary>Starts it as a process.</summary>
    public static Process Start(string? folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        StartProgram(folder, environment, [TestProgram.AsCommand, .. arguments]);

    /// <summary>Starts this program with these arguments.</summary>
    public static Process StartProgram(string? folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        // A parent that ignores Ctrl-C, as a shell's background jobs do, hands that down: the child is to have the system's default.
        var start = new ProcessStartInfo("/usr/bin/env")
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (string word in (string[])["--default-signal=INT,HUP", .. Words(arguments)]) start.ArgumentList.Add(word);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>The words of a shell's line that starts this program: its own file, or the dotnet host and its assembly.</summary>
    public static string[] Words(params string[] arguments) => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(CommandLine).Assembly.Location, .. arguments]
        : [Environment.ProcessPath!, .. arguments];

    internal sealed record Settings(bool IsTerminal = false, int Width = 100);
}

/// <summary>A folder that is there for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}");

    public string File(string name, string content = "")
    {
        string file = System.IO.Path.Combine(Path, name);
        System.IO.File.WriteAllText(file, content);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
