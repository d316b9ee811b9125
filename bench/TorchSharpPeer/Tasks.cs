using System.Diagnostics;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;
using static TorchSharp.torchvision;

namespace TorchSharpPeer;

/// <summary>What a task took, and what it answered.</summary>
/// <param name="Seconds">Its median; 0 where the process as a whole is timed.</param>
/// <param name="Difference">The largest difference from the expected answer, as a share of that answer's rms.</param>
/// <param name="Losses">The first two losses of a training.</param>
internal sealed record Answer(double Seconds, double Difference, double[] Losses);

/// <summary>The tasks, as somebody at home in TorchSharp would write them: a dispose scope a step, no gradients where none are asked.
/// </summary>
internal static class Tasks
{
    internal static Answer Cold()
    {
        using var sum = ones(2, 2).matmul(ones(2, 2)).sum();
        Console.WriteLine(sum.item<float>());
        return new Answer(0, 0, []);
    }

    internal static Answer Overhead(bool grad)
    {
        const int count = 200_000;
        using var a = ones(1);
        using var b = ones(1, requires_grad: grad);
        using var mode = grad ? null : inference_mode();
        double best = double.PositiveInfinity;
        for (int round = 0; round < 3; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int k = 0; k < count; k += 100)
            {
                using var scope = NewDisposeScope();
                for (int inner = 0; inner < 100; inner++) _ = a + b;
            }

            best = Stopwatch.GetElapsedTime(start).TotalSeconds / count;
        }

        return new Answer(best, 0, []);
    }

    internal static Answer Forward(string name, string batch, string folder, bool script)
    {
        using var x = Npy.Load(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        using var expected = Npy.Load(Path.Combine(folder, $"{name}-{batch}-out.npy"));
        Func<Tensor, Tensor> network;
        if (script)
        {
            var traced = jit.load<Tensor, Tensor>(Path.Combine(folder, $"{name}-{batch}.pt"));
            traced.eval();
            network = traced.forward;
        }
        else
        {
            var module = Network(name, folder);
            module.eval();
            network = module.forward;
        }

        using var inference = inference_mode();
        double seconds = Timed(
            () =>
            {
                using var step = NewDisposeScope();
                network(x);
            },
            3);
        double difference = (network(x) - expected).abs().max().item<float>() / expected.square().mean().sqrt().item<float>();
        return new Answer(seconds, difference, []);
    }

    internal static Answer Train(string name, string batch, string folder)
    {
        var network = Network(name, folder);
        network.train();
        foreach (var parameter in network.parameters()) parameter.requires_grad_(true); // loading a file leaves them constant
        using var x = Npy.Load(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        using var y = arange(x.shape[0], ScalarType.Int64).remainder(1000);
        var optimizer = optim.AdamW(network.parameters(), 1e-5, weight_decay: 0.01);
        var losses = new List<double>();
        double seconds = Timed(
            () =>
            {
                using var step = NewDisposeScope();
                optimizer.zero_grad();
                var loss = nn.functional.cross_entropy(network.forward(x), y);
                loss.backward();
                optimizer.step();
                losses.Add(loss.item<float>());
            },
            6);
        return new Answer(seconds, 0, [.. losses.Take(2)]);
    }

    private static nn.Module<Tensor, Tensor> Network(string name, string folder)
    {
        nn.Module<Tensor, Tensor> network = name switch
        {
            "resnet18" => models.resnet18(),
            "resnet50" => models.resnet50(),
            _ => throw new ArgumentException($"no network '{name}' here"),
        };
        network.load_py(Path.Combine(folder, name + ".pth"));
        return network;
    }

    private static double Timed(Action step, double seconds)
    {
        step();
        step();
        var times = new List<double>();
        while (times.Count < 5 || times.Sum() < seconds)
        {
            long start = Stopwatch.GetTimestamp();
            step();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }
}
