using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Basics;

/// <summary>Inference of three networks, eager and compiled.</summary>
internal sealed class ForwardGroup : BenchGroup
{
    internal override string Name => "forward";

    internal override string About => "inference of three networks, eager and compiled, against PyTorch and its optimised script";

    internal override void Measure(BenchTable table)
    {
        foreach (string name in (string[])["vit_base_patch16_224", "clip_rn50_visual", "dm_nfnet_f0"])
        {
            foreach (string batch in (string[])["1", "8"])
            {
                BenchTable.Own(Name, "prepare", name, batch, table.Folder);
                table.Row($"{name}, batch {batch}, eager", () => BenchTable.Own(Name, name, batch, table.Folder, "eager"),
                    () => BenchTable.Peer("peer.py", Name, name, batch, table.Folder, "eager"));
                table.Row($"{name}, batch {batch}, compiled / optimised script",
                    () => BenchTable.Own(Name, name, batch, table.Folder, "compiled"),
                    () => BenchTable.Peer("peer.py", Name, name, batch, table.Folder, "script"));
            }
        }
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var name, var batch, var folder] => PreparedNetwork.Write(name, int.Parse(batch), folder),
        [var name, var batch, var folder, var mode] => Forward(name, int.Parse(batch), folder, mode),
        _ => throw Unknown(task),
    };

    private static Measured Forward(string name, int batch, string folder, string mode)
    {
        using var scope = new TensorScope();
        Module<Tensor, Tensor> network;
        using (Init.Skipped()) network = Networks.Create(name);
        ModelWeights.Load(network, Path.Combine(folder, name + ".pth"));
        network.Eval();
        var x = Worker.Load(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        var expected = Worker.Load(Path.Combine(folder, $"{name}-{batch}-out.npy"));
        using var compiled = mode == "compiled" ? network.Compile(x) : mode == "bfloat16"
            ? network.Compile(x, CompilePrecision.BFloat16) : null;
        using var inference = Gradients.Inference();
        Tensor Answer() => compiled is null ? network.Call(x) : compiled.Call(x);
        double seconds = Worker.Timed(
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
}
