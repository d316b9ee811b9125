using System.Diagnostics;
using System.Text.Json;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench;

/// <summary>One timed task on this side, in this process; and what tasks share.</summary>
internal static class Worker
{
    internal static int Run(string[] task)
    {
        TorchRuntime.Threads = int.Parse(BenchTable.Threads);
        var measured = task switch
        {
            ["family-prepare", var name, var batch, var folder] => Families.Prepare(name, int.Parse(batch), folder),
            ["onnx", var network, var expected, .. var inputs] => OnnxPeer.Run(network, expected, inputs),
            [var group, .. var rest] => BenchGroups.Get(group).Work(rest),
            [] => throw new ArgumentException("a worker needs a task"),
        };
        if (measured.PeakKilobytes == 0) measured = measured with { PeakKilobytes = Peak() };
        Console.WriteLine(JsonSerializer.Serialize(measured, MeasuredJson.Default.Measured));
        return 0;
    }

    /// <summary>The median time of a call, in seconds, after two that do not count.</summary>
    internal static double Timed(Action step, double seconds, int least, int warmUp = 2)
    {
        for (int k = 0; k < warmUp; k++) step();
        var times = new List<double>();
        while (times.Count < least || times.Sum() < seconds)
        {
            long start = Stopwatch.GetTimestamp();
            step();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    internal static Tensor Load(string path)
    {
        using var file = Checkpoint.Open(path);
        return ModelWeights.ToTensor(file.Tensors[0]);
    }

    internal static void Save(string path, Tensor tensor) =>
        NpyWriter.Save(path, TensorData.Of("", DType.Float32, tensor.Shape, tensor.ToArray<float>()));

    /// <summary>The most memory that this process has held, in KiB.</summary>
    internal static long Peak() => long.Parse(File.ReadLines("/proc/self/status")
        .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
}
