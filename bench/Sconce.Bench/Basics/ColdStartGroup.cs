using Sconce.Torch;

namespace Sconce.Bench.Basics;

/// <summary>From the start of a process to its first number.</summary>
internal sealed class ColdStartGroup : BenchGroup
{
    internal override string Name => "cold";

    internal override string About => "from a process's start to its first number, against PyTorch";

    internal override void Measure(BenchTable table)
    {
        table.Row("cold start to the first number", () => BenchTable.Own(Name), () => BenchTable.Peer("peer.py", Name));
        string native = Path.Combine(AppContext.BaseDirectory, "..", "bench-native", "Sconce.Bench");
        table.Row("cold start to the first number, native binary", () => BenchTable.OwnBy(native, [Name]),
            () => BenchTable.Peer("peer.py", Name));
    }

    internal override Measured Work(string[] task)
    {
        using var scope = new TensorScope();
        Console.WriteLine(Tensor.Ones([2, 2]).Matmul(Tensor.Ones([2, 2])).Sum().Item<float>());
        return new Measured();
    }
}
