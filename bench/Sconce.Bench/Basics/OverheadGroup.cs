using System.Diagnostics;
using Sconce.Torch;

namespace Sconce.Bench.Basics;

/// <summary>What calling one operator costs: an add of one element.</summary>
internal sealed class OverheadGroup : BenchGroup
{
    internal override string Name => "overhead";

    internal override string About => "the cost of calling an operator, against PyTorch";

    internal override void Measure(BenchTable table)
    {
        foreach (string mode in (string[])["no-grad", "grad"])
            table.Row($"add of 1 element, {mode}", () => BenchTable.Own(Name, mode), () => BenchTable.Peer("peer.py", Name, mode));
    }

    internal override Measured Work(string[] task) => Overhead(task[0] == "grad");

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
}
