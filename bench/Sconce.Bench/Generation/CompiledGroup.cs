using Sconce.Compilation;
using Sconce.Export;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Generation;

/// <summary>A network compiled, against ONNX Runtime on its export: one row, batch 1.</summary>
internal abstract class CompiledGroup : BenchGroup
{
    /// <summary>What the row says.</summary>
    protected abstract string Title { get; }

    /// <summary>Of one input, without the batch.</summary>
    protected abstract long[] InputShape { get; }

    /// <summary>The network with random weights; whoever asks disposes it.</summary>
    protected abstract Module<Tensor, Tensor> Create();

    internal override void Measure(BenchTable table)
    {
        string At(string file) => table.File($"{Name}{file}");
        BenchTable.Own(Name, "prepare", table.Folder);
        table.Row($"{Title}, compiled, against ONNX Runtime", () => BenchTable.Own(Name, "compiled", table.Folder),
            () => BenchTable.Own("onnx", At(".onnx"), At("-out.npy"), At("-in.npy")), 1);
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var folder] => Prepare(Path.Combine(folder, Name)),
        ["compiled", var folder] => Compiled(Path.Combine(folder, Name)),
        _ => throw Unknown(task),
    };

    /// <summary>Weights, input, eager answer and export. Batch norms get the statistics of noise, so that none blows rounding up.</summary>
    private Measured Prepare(string files)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = Create();
        var x = Tensor.Randn([1, .. InputShape]);
        foreach (var (_, module) in network.NamedModules())
        {
            if (module is BatchNorm norm) norm.Momentum = null;
        }

        network.Train();
        network.Call(Tensor.Randn([2, .. InputShape]));
        network.Eval();
        network.RequireGrad(false); // a trace takes weights as constants
        ModelWeights.Save(network, files + ".pth");
        Worker.Save(files + "-in.npy", x);
        Worker.Save(files + "-out.npy", network.Call(x));
        OnnxExport.Write(network, InputShape, files + ".onnx");
        return new Measured { Seconds = 1e-9 };
    }

    private Measured Compiled(string files)
    {
        using var scope = new TensorScope();
        Module<Tensor, Tensor> network;
        using (Init.Skipped()) network = Create();
        ModelWeights.Load(network, files + ".pth");
        network.Eval();
        Tensor x = Worker.Load(files + "-in.npy"), expected = Worker.Load(files + "-out.npy");
        using var compiled = network.Compile(x);
        network.Dispose();
        double seconds = Worker.Timed(
            () =>
            {
                using var step = new TensorScope();
                compiled.Call(x);
            },
            3,
            5);
        using var noGrad = Gradients.Off();
        double difference = (compiled.Call(x) - expected).Abs().Max().Item<double>() / expected.Square().Mean().Sqrt().Item<double>();
        return new Measured { Seconds = seconds, Difference = difference };
    }
}
