using System.Globalization;
using Sconce.Compilation;
using Sconce.Export;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench;

/// <summary>
/// Inference of each family's small and base networks: Sconce eager and compiled against PyTorch eager, PyTorch's optimised script and ONNX
/// Runtime, each in a process of its own, on the same weights and input.
/// </summary>
internal static class Families
{
    private const int Rounds = 1;
    private const double Tolerance = 1e-3;

    /// <summary>A small and a base network of each family, where it has both.</summary>
    internal static readonly string[] All =
    [
        "resnet18", "resnet50", "fcanet34", "fcanet50", "resnest50_fast_1s1x64d", "resnest50", "regnet_y_400mf", "regnet_y_8gf",
        "nf_regnet_b0", "dm_nfnet_f0",
        "micronet_m0", "micronet_m3", "tf_efficientnet_b0", "tf_efficientnet_b4", "vit_small_patch16_224", "vit_base_patch16_224",
        "t2t_vit_7", "t2t_vit_14", "clip_rn50_visual",
    ];

    // The networks of which bench/peer/models.py has PyTorch code of their own; the others run the exported operators one by one.
    private static readonly HashSet<string> Written = ["vit_small_patch16_224", "vit_base_patch16_224", "clip_rn50_visual", "dm_nfnet_f0",
        "resnet18", "resnet50", "regnet_y_400mf", "regnet_y_8gf"];

    private static bool HasBFloat16 =>
        File.ReadLines("/proc/cpuinfo").Any(line => line.StartsWith("flags", StringComparison.Ordinal)
            && (line.Contains("avx512_bf16", StringComparison.Ordinal) || line.Contains("amx_bf16", StringComparison.Ordinal)));

    /// <summary>Prints one row for each network and batch, and the medians.</summary>
    internal static void Run(string folder, IReadOnlyList<string> names)
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, {BenchTable.Threads} threads, {DateTime.UtcNow:yyyy-MM-dd}; milliseconds, "
            + $"the median of at least 5 calls and 3 seconds in one process each. Over 1: the compiled network is faster.\n");
        string At(string file) => Path.Combine(folder, file);
        bool half = HasBFloat16;
        Console.WriteLine($"| network, batch | Sconce eager | compiled |{(half ? " compiled bfloat16 |" : "")} PyTorch eager | TorchScript "
            + $"optimised | ONNX Runtime | eager / compiled | best rival / compiled | memory, compiled | memory, PyTorch eager | outputs "
            + $"differ by |");
        Console.WriteLine($"| --- | ---: | ---: |{(half ? " ---: |" : "")} ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        List<double> overEager = [], overBest = [], halfOverEager = [];
        foreach (string name in names)
        {
            foreach (string batch in (string[])["1", "8"])
            {
                BenchTable.Own("family-prepare", name, batch, folder);
                string theirs = Written.Contains(name) ? "eager" : "operators";
                var eager = Best(() => BenchTable.Own("forward", name, batch, folder, "eager"));
                var compiled = Best(() => BenchTable.Own("forward", name, batch, folder, "compiled"));
                var reduced = half ? InBFloat16(() => Best(() => BenchTable.Own("forward", name, batch, folder, "bfloat16"))) : null;
                var torch = Best(() => BenchTable.Peer("peer.py", "forward", name, batch, folder, theirs));
                var script = Best(() => BenchTable.Peer("peer.py", "forward", name, batch, folder, "optimised"));
                var runtime = Best(() => BenchTable.Own("onnx", At($"{name}.onnx"), At($"{name}-{batch}-out.npy"),
                    At($"{name}-{batch}-in.npy")));
                double difference = new[] { eager, compiled, torch, script, runtime }.Max(run => run.Difference);
                double gain = torch.Seconds / compiled.Seconds, best = Math.Min(script.Seconds, runtime.Seconds) / compiled.Seconds;
                overEager.Add(gain);
                overBest.Add(best);
                if (reduced is not null) halfOverEager.Add(torch.Seconds / reduced.Seconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {name}, {batch} | {Milliseconds(eager)} | {Milliseconds(compiled)} "
                        + $"|{(half ? $" {(reduced is null ? "refused" : Milliseconds(reduced))} |" : "")} "
                        + $"{Milliseconds(torch)}{(theirs == "eager" ? "" : "*")} | {Milliseconds(script)} | {Milliseconds(runtime)} | "
                        + $"{gain:0.00} | {best:0.00} | {compiled.PeakKilobytes / 1024} MiB | {torch.PeakKilobytes / 1024} MiB | "
                        + $"{difference:0.0E+0}{(difference > Tolerance ? " (!)" : "")} |"));
            }

            foreach (string file in Directory.GetFiles(folder)) File.Delete(file);
        }

        Console.Write(string.Create(CultureInfo.InvariantCulture,
            $"\nMedians over {overEager.Count} rows: compiled {Median(overEager):0.00} times PyTorch eager's speed, "
            + $"{Median(overBest):0.00} times that of the better of TorchScript optimised and ONNX Runtime"));
        Console.WriteLine(half ? string.Create(CultureInfo.InvariantCulture, $", bfloat16 {Median(halfOverEager):0.00} times "
            + $"PyTorch eager's.")
            : "; no bfloat16 instructions on this processor.");
        Console.WriteLine("\\* the exported operators one by one in PyTorch's interpreter, without fusion or folding: this network has no "
            + "PyTorch code here.");
    }

    /// <summary>Writes weights, input, answer, an unoptimised trace and an ONNX file for the other sides. Norms get the statistics of
    /// noise, so that no network blows rounding up.</summary>
    internal static Measured Prepare(string name, int batch, string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = Networks.Create(name);
        string weights = Path.Combine(folder, name + ".pth");
        if (!File.Exists(weights))
        {
            foreach (var (_, parameter) in network.NamedParameters()
                .Where(named => named.Name.EndsWith("skipinit_gain", StringComparison.Ordinal)
                    || named.Name.EndsWith("bn3.weight", StringComparison.Ordinal)))
            {
                Init.Constant(parameter, 0.5);
            }

            using var noGrad = Gradients.Off();
            foreach (var (_, module) in network.NamedModules())
            {
                if (module is BatchNorm norm) norm.Momentum = null;
            }

            network.Train();
            network.Call(Tensor.Randn([8, .. Networks.InputShape(name)]));
            ModelWeights.Save(network, weights);
        }

        ModelWeights.Load(network, weights);
        network.Eval();
        network.RequireGrad(false); // a trace takes weights as constants
        var x = Tensor.Randn([batch, .. Networks.InputShape(name)]);
        Worker.Save(Path.Combine(folder, $"{name}-{batch}-in.npy"), x);
        using var inference = Gradients.Off();
        Worker.Save(Path.Combine(folder, $"{name}-{batch}-out.npy"), network.Call(x));
        using (var traced = Compiler.Trace(network, x)) traced.Save(Path.Combine(folder, $"{name}-{batch}.pt"));
        string onnx = Path.Combine(folder, name + ".onnx");
        if (!File.Exists(onnx)) OnnxExport.Write(network, [.. Networks.InputShape(name)], onnx);
        return new Measured { Seconds = 1e-9 };
    }

    /// <summary>Null where the network answers otherwise in 16 bits, and compiling says so.</summary>
    private static Measured? InBFloat16(Func<Measured> run)
    {
        try
        {
            return run();
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("answers as the eager network", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static Measured Best(Func<Measured> run)
    {
        var runs = Enumerable.Range(0, Rounds).Select(_ => run()).OrderBy(result => result.Seconds).ToList();
        return runs[runs.Count / 2];
    }

    private static string Milliseconds(Measured run) =>
        (run.Seconds * 1e3).ToString(run.Seconds < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
