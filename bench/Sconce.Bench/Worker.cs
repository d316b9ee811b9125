using System.Diagnostics;
using System.Text.Json;
using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench;

/// <summary>One timed task on this side.</summary>
internal static class Worker
{
    internal static int Run(string[] task)
    {
        TorchRuntime.Threads = int.Parse(Comparison.Threads);
        var measured = task switch
        {
            ["prepare", var name, var batch, var folder] => Prepare(name, int.Parse(batch), folder),
            ["family-prepare", var name, var batch, var folder] => Families.Prepare(name, int.Parse(batch), folder),
            ["overhead", var mode] => Overhead(mode == "grad"),
            ["forward", var name, var batch, var folder, var mode] => Forward(name, int.Parse(batch), folder, mode),
            ["train", var name, var batch, var folder] => Train(name, int.Parse(batch), folder),
            ["loader-prepare", var photographs, var expected] => Loading.Prepare(photographs, expected),
            ["loader", var photographs, var workers] => Loading.Run(photographs, int.Parse(workers)),
            ["tracking"] => TrackingTask.Run(),
            ["trees", var side, var what] => TreeTasks.Run(side, what),
            ["cold"] => Cold(),
            ["onnx", var name, var batch, var folder] => OnnxPeer.Run(name, int.Parse(batch), folder),
            _ => throw new ArgumentException($"no task '{string.Join(' ', task)}'"),
        };
        Console.WriteLine(JsonSerializer.Serialize(measured with { PeakKilobytes = Peak() }, MeasuredJson.Default.Measured));
        return 0;
    }

    /// <summary>Writes the network's weights, an input and the eager answer, for both sides.</summary>
    private static Measured Prepare(string name, int batch, string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = Networks.Create(name);
        network.Eval();
        string weights = Path.Combine(folder, name + ".pth");
        if (!File.Exists(weights))
        {
            // A gain of zero, as residual branches begin with, would leave them out of the comparison.
            foreach (var (_, parameter) in network.NamedParameters()
                .Where(named => named.Name.EndsWith("skipinit_gain", StringComparison.Ordinal)
                    || named.Name.EndsWith("bn3.weight", StringComparison.Ordinal)))
            {
                Init.Constant(parameter, 0.5);
            }

            ModelWeights.Save(network, weights);
        }

        ModelWeights.Load(network, weights);
        var x = Tensor.Randn([batch, .. Networks.InputShape(name)]);
        Save(Path.Combine(folder, $"{name}-{batch}-in.npy"), x);
        using var inference = Gradients.Inference();
        Save(Path.Combine(folder, $"{name}-{batch}-out.npy"), network.Call(x));
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Overhead(bool grad)
    {
        const int count = 200_000;
        double best = double.PositiveInfinity;
        using var outer = new TensorScope();
        var a = Tensor.Ones([1]);
        var b = Tensor.Ones([1]).WithGrad(grad);
        for (int round = 0; round < 3; round++)
        {
            long start = Stopwatch.GetTimestamp();
            if (grad)
            {
                Add(a, b, count);
            }
            else
            {
                using var inference = Gradients.Inference();
                Add(a, b, count);
            }

            best = Stopwatch.GetElapsedTime(start).TotalSeconds / count;
        }

        return new Measured { Seconds = best };
    }

    private static void Add(Tensor a, Tensor b, int count)
    {
        for (int k = 0; k < count; k += 100)
        {
            using var scope = new TensorScope();
            for (int inner = 0; inner < 100; inner++) _ = a + b;
        }
    }

    private static Measured Forward(string name, int batch, string folder, string mode)
    {
        using var scope = new TensorScope();
        Module<Tensor, Tensor> network;
        using (Init.Skipped()) network = Networks.Create(name);
        ModelWeights.Load(network, Path.Combine(folder, name + ".pth"));
        network.Eval();
        var x = Load(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        var expected = Load(Path.Combine(folder, $"{name}-{batch}-out.npy"));
        using var compiled = mode == "compiled" ? network.Compile(x) : mode == "bfloat16"
            ? network.Compile(x, CompilePrecision.BFloat16) : null;
        using var inference = Gradients.Inference();
        Tensor Answer() => compiled is null ? network.Call(x) : compiled.Call(x);
        double seconds = Timed(
            () =>
            {
                using var step = new TensorScope();
                Answer();
            },
            3,
            5);
        double difference = (Answer() - expected).Abs().Max().Item<double>() / expected.Square().Mean().Sqrt().Item<double>();
        return new Measured { Seconds = seconds, Difference = difference };
    }

    private static Measured Train(string name, int batch, string folder)
    {
        using var scope = new TensorScope();
        Module<Tensor, Tensor> network;
        using (Init.Skipped()) network = Networks.Create(name);
        ModelWeights.Load(network, Path.Combine(folder, name + ".pth"));
        using var optimizer = new AdamW(network.Parameters(), 1e-5);
        var x = Load(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        var y = Tensor.Arange(batch) % 1000;
        var losses = new List<double>();
        double seconds = Timed(
            () =>
            {
                using var step = new TensorScope();
                optimizer.ZeroGrad();
                var loss = Functional.CrossEntropy(network.Call(x), y);
                loss.Backward();
                optimizer.Step();
                losses.Add(loss.Item<double>());
            },
            6,
            5);
        return new Measured { Seconds = seconds, Losses = [.. losses.Take(2)] };
    }

    private static Measured Cold()
    {
        using var scope = new TensorScope();
        Console.WriteLine(Tensor.Ones([2, 2]).Matmul(Tensor.Ones([2, 2])).Sum().Item<float>());
        return new Measured();
    }

    private static double Timed(Action step, double seconds, int least)
    {
        for (int k = 0; k < 2; k++) step();
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

    private static Tensor Load(string path)
    {
        using var file = Checkpoint.Open(path);
        return ModelWeights.ToTensor(file.Tensors[0]);
    }

    internal static void Save(string path, Tensor tensor) =>
        NpyWriter.Save(path, TensorData.Of("", DType.Float32, tensor.Shape, tensor.ToArray<float>()));

    private static long Peak() => long.Parse(File.ReadLines("/proc/self/status")
        .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
}
