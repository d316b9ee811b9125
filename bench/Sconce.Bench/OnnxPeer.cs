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

    /// <summary>Times an exported network, and holds its answer against the eager one.</summary>
    /// <param name="network">The ONNX file.</param>
    /// <param name="expected">The eager answer (the export's first output), a .npy file.</param>
    /// <param name="inputs">A .npy file for each of the export's inputs, in their order.</param>
    internal static Measured Run(string network, string expected, params IReadOnlyList<string> inputs)
    {
        int threads = int.Parse(BenchTable.Threads);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(network, options);
        var (truth, _) = Read(expected);
        OrtValue[] given = [.. inputs.Select(Read).Select(input => OrtValue.CreateTensorValueFromMemory(input.Values, input.Shape))];
        using var settings = new RunOptions();
        float[] Step()
        {
            using var answers = session.Run(settings, session.InputNames, given, [session.OutputNames[0]]);
            return MemoryMarshal.Cast<byte, float>(answers[0].GetTensorMutableRawData()).ToArray();
        }

        Step();
        Step();
        var times = new List<double>();
        for (var all = Stopwatch.StartNew(); times.Count < FewestCalls || all.Elapsed < Shortest;)
        {
            double begin = BenchClock.Now;
            Step();
            times.Add(BenchClock.Now - begin);
        }

        times.Sort();
        float[] answer = Step();
        double worst = answer.Zip(truth, (a, b) => Math.Abs((double)a - b)).Max(),
            power = truth.Sum(value => (double)value * value) / truth.Length;
        foreach (var value in given) value.Dispose();
        return new Measured { Seconds = times[times.Count / 2], Difference = worst / Math.Sqrt(power) };
    }

    private static (float[] Values, long[] Shape) Read(string path)
    {
        using var file = Checkpoint.Open(path);
        return (file.Tensors[0].ToArray<float>(), [.. file.Tensors[0].Shape]);
    }
}
