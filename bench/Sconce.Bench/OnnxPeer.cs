using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Sconce.Weights;

namespace Sconce.Bench;

/// <summary>ONNX Runtime's CPU provider on an exported network.</summary>
internal static class OnnxPeer
{
    private const int FewestCalls = 5;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(3);

    /// <summary>Times a network that <see cref="Families.Prepare"/> wrote, and holds its answer against the eager one.</summary>
    internal static Measured Run(string name, int batch, string folder)
    {
        int threads = int.Parse(Comparison.Threads);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(Path.Combine(folder, $"{name}.onnx"), options);
        var (given, shape) = Read(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        var (expected, _) = Read(Path.Combine(folder, $"{name}-{batch}-out.npy"));
        using var input = OrtValue.CreateTensorValueFromMemory(given, shape);
        using var settings = new RunOptions();
        float[] Step()
        {
            using var answers = session.Run(settings, [session.InputNames[0]], [input], [session.OutputNames[0]]);
            return MemoryMarshal.Cast<byte, float>(answers[0].GetTensorMutableRawData()).ToArray();
        }

        Step();
        Step();
        var times = new List<double>();
        for (var all = Stopwatch.StartNew(); times.Count < FewestCalls || all.Elapsed < Shortest;)
        {
            long begin = Stopwatch.GetTimestamp();
            Step();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        times.Sort();
        float[] answer = Step();
        double worst = answer.Zip(expected, (a, b) => Math.Abs((double)a - b)).Max(),
            power = expected.Sum(value => (double)value * value) / expected.Length;
        return new Measured { Seconds = times[times.Count / 2], Difference = worst / Math.Sqrt(power) };
    }

    private static (float[] Values, long[] Shape) Read(string path)
    {
        using var file = Checkpoint.Open(path);
        return (file.Tensors[0].ToArray<float>(), [.. file.Tensors[0].Shape]);
    }
}
