using System.Reflection;
using System.Runtime.InteropServices;
using Sconce.Torch;

namespace Sconce.Reports;

/// <summary>What an experiment ran on.</summary>
public static class RunVersions
{
    /// <summary>Sconce's version.</summary>
    public static string Sconce { get; } =
        typeof(RunVersions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    /// <summary>Versions and the machine. libtorch is loaded by asking.</summary>
    public static IReadOnlyList<NamedValue> Collect()
    {
        var versions = new List<NamedValue>
        {
            new("Sconce", Sconce),
            new("libtorch", Libtorch()),
            new(".NET", Environment.Version.ToString()),
            new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
        };
        if (Processor() is { } processor) versions.Add(new("processor", $"{processor}, {Environment.ProcessorCount} cores"));
        return versions;
    }

    private static string Libtorch()
    {
        try
        {
            return $"{TorchRuntime.Version}, {TorchRuntime.Threads} {(TorchRuntime.Threads == 1 ? "thread" : "threads")}";
        }
        catch (TorchNotFoundException)    // the report of a claim that failed for want of it
        {
            return "not found";
        }
    }

    private static string? Processor()
    {
        const string Facts = "/proc/cpuinfo";
        return File.Exists(Facts)
            ? File.ReadLines(Facts).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
    }
}
