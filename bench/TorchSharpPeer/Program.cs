using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchSharp;
using TorchSharpPeer;
using static TorchSharp.torch;

// One timed task in TorchSharp, as bench/Sconce.Bench asks for it; prints one line of JSON, as bench/peer's scripts do.
int threads = int.Parse(Environment.GetEnvironmentVariable("SCONCE_BENCH_THREADS") ?? "2", CultureInfo.InvariantCulture);
set_num_threads(threads);
var answer = args switch
{
    ["cold"] => Tasks.Cold(),
    ["overhead", var mode] => Tasks.Overhead(mode == "grad"),
    ["forward", var name, var batch, var folder, var mode] => Tasks.Forward(name, batch, folder, mode == "script"),
    ["train", var name, var batch, var folder] => Tasks.Train(name, batch, folder),
    _ => throw new ArgumentException($"no task '{string.Join(' ', args)}'"),
};
long peak = Process.GetCurrentProcess().PeakWorkingSet64 / 1024;
Console.WriteLine(JsonSerializer.Serialize(new
{
    seconds = answer.Seconds, peak_kilobytes = peak, difference = answer.Difference, losses = answer.Losses,
}));
