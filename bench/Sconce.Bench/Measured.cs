using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sconce.Bench;

/// <summary>What one process found; a line of JSON on its standard output.</summary>
internal sealed record Measured
{
    [JsonPropertyName("seconds")]
    public double Seconds { get; init; }

    [JsonPropertyName("peak_kilobytes")]
    public long PeakKilobytes { get; init; }

    [JsonPropertyName("difference")]
    public double Difference { get; init; }

    /// <summary>The longest that all but one in a hundred waited, in seconds; 0 where nobody waits.</summary>
    [JsonPropertyName("p99")]
    public double P99 { get; init; }

    [JsonPropertyName("losses")]
    public double[] Losses { get => field ?? []; init; } = []; // null where the peer's line has none

    /// <summary>Runs a process and reads what it found. <see cref="Seconds"/> is the time to its first line of output where it gives
    /// none.</summary>
    internal static Measured Of(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = BenchTable.Threads;
        start.Environment["SCONCE_BENCH_THREADS"] = BenchTable.Threads;
        start.Environment["DOTNET_PROCESSOR_COUNT"] = BenchTable.Threads; // what of ours counts cores takes no more than the peer
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadLine() ?? "";
        double seconds = watch.Elapsed.TotalSeconds;
        output += "\n" + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {errors.Result}");
        string line = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        var measured = JsonSerializer.Deserialize(line, MeasuredJson.Default.Measured)!;
        return measured.Seconds > 0 ? measured : measured with { Seconds = seconds };
    }
}

[JsonSerializable(typeof(Measured))]
internal sealed partial class MeasuredJson : JsonSerializerContext;
