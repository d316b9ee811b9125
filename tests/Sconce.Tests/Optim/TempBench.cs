using System.Diagnostics;
using Sconce.Optim;
using Sconce.Torch;
using Xunit;
namespace Sconce.Tests.Optim;
public sealed class TempBench
{
    [Fact]
    public void Bench()
    {
        TorchRuntime.Threads = 1;
        foreach (var (label, shapes) in new (string, long[][])[] { ("small300", Enumerable.Repeat(new long[] { 64 }, 300).ToArray()), ("big160", Enumerable.Range(0, 160).Select(k => k % 3 == 0 ? new long[] { 512, 256, 3 } : new long[] { 256 }).ToArray()) })
        foreach (string kind in (string[])["sgd", "adam", "adamw"])
        {
            using var scope = new TensorScope();
            var ps = shapes.Select(s => Tensor.Randn(s).WithGrad()).ToArray();
            foreach (var p in ps) p.Grad = Tensor.Randn(p.Shape);
            using Optimizer o = kind == "sgd" ? new Sgd(ps, 1e-6, 0.9, weightDecay: 1e-4) : kind == "adam" ? new Adam(ps, 1e-6) : new AdamW(ps, 1e-6);
            for (int k = 0; k < 5; k++) o.Step();
            double best = 1e9;
            int inner = label == "big160" ? 3 : 50;
            for (int r = 0; r < 7; r++) { var w = Stopwatch.StartNew(); for (int k = 0; k < inner; k++) o.Step(); best = Math.Min(best, w.Elapsed.TotalMilliseconds / inner); }
            Console.WriteLine($"BENCH {label} {kind} {best:F3} ms");
        }
    }
}
