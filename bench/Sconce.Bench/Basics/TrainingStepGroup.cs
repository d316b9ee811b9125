using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Basics;

/// <summary>A training step of classifiers: forward, backward, AdamW.</summary>
internal sealed class TrainingStepGroup : BenchGroup
{
    internal override string Name => "train";

    internal override string About => "a training step of three classifiers, against PyTorch";

    internal override void Measure(BenchTable table)
    {
        foreach (var (name, batch) in ((string, string)[])[("vit_tiny_patch16_224", "16"), ("vit_small_patch16_224", "8"),
            ("resnet50", "8")])
        {
            BenchTable.Own(Name, "prepare", name, batch, table.Folder);
            table.Row($"{name}, training step, batch {batch}", () => BenchTable.Own(Name, name, batch, table.Folder),
                () => BenchTable.Peer("peer.py", Name, name, batch, table.Folder));
        }
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var name, var batch, var folder] => PreparedNetwork.Write(name, int.Parse(batch), folder),
        [var name, var batch, var folder] => Train(name, int.Parse(batch), folder),
        _ => throw Unknown(task),
    };

    private static Measured Train(string name, int batch, string folder)
    {
        using var scope = new TensorScope();
        Module<Tensor, Tensor> network;
        using (Init.Skipped()) network = Networks.Create(name);
        ModelWeights.Load(network, Path.Combine(folder, name + ".pth"));
        using var optimizer = new AdamW(network.Parameters(), 1e-5);
        var x = Worker.Load(Path.Combine(folder, $"{name}-{batch}-in.npy"));
        var y = Tensor.Arange(batch) % 1000;
        var losses = new List<double>();
        double seconds = Worker.Timed(
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
}
