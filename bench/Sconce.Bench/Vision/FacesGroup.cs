using Sconce.Compilation;
using Sconce.Export;
using Sconce.Nn;
using Sconce.Systems.Video.Dubbing;
using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Bench.Vision;

/// <summary>
/// What a talking face costs a frame, compiled, against ONNX Runtime on Sconce's exports: Wav2Lip's painter at 96 pixels, and of
/// face_vid2vid at 256, with half its channels, what sees a frame's pose and expression. Its painter samples a volume, which ONNX has from
/// opset 20 on, so it is shown without a rival.
/// </summary>
internal sealed class FacesGroup : BenchGroup
{
    private const string Lips = "wav2lip", Head = "head";

    private static readonly FaceVid2VidConfig Reduced = new()
    {
        EstimatorWidth = 32,
        EstimatorFeatures = 1024,
        Detector = new KeypointDetectorConfig
        {
            Width = 16,
            MaxWidth = 128,
            Levels = 3,
            VolumeChannels = 1024,
            VolumeDepth = 8,
        },
        Generator = new FaceGeneratorConfig
        {
            Width = 32,
            MaxWidth = 256,
            VolumeChannels = 16,
            IsSpade = false,
            Motion = new MotionFieldConfig { Width = 16, MaxWidth = 512 },
        },
    };

    internal override string Name => "faces";

    internal override string About => "frames of Wav2Lip and face_vid2vid, compiled, against ONNX Runtime on the exports";

    internal override void Measure(BenchTable table)
    {
        foreach (var (title, name) in ((string, string)[])[("Wav2Lip at 96, a frame", Lips),
            ("face_vid2vid at 256, half width, pose and expression of a frame", Head)])
        {
            BenchTable.Own(Name, "prepare", name, table.Folder);
            string[] inputs = [.. Enumerable.Range(0, name == Lips ? 2 : 1).Select(k => table.File($"{name}-in-{k}.npy"))];
            table.Row($"{title}, compiled, against ONNX Runtime", () => BenchTable.Own(Name, name, table.Folder),
                () => BenchTable.Own(["onnx", table.File(name + ".onnx"), table.File(name + "-out.npy"), .. inputs]), 1);
        }

        var painted = BenchTable.Own(Name, "paint", table.Folder);
        table.Figure("face_vid2vid at 256, half width, a whole frame (seen, moved, painted), compiled", BenchTable.Time(painted.Seconds),
            memory: painted);
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var name, var folder] => Prepare(name, folder),
        ["paint", _] => Paint(),
        [var name, var folder] => Ask(name, folder),
        _ => throw Unknown(task),
    };

    private static (Module Network, ExportFunction Function) Create(string name)
    {
        if (name == Lips)
        {
            var painter = new LipPainter();
            return (painter, new ExportFunction(
                "", [ExportInput.Noise("speech", 1, 80, 16), ExportInput.Noise("faces", 6, LipPainter.Side, LipPainter.Side)], ["painted"],
                inputs => [painter.Call(inputs[0], inputs[1])]));
        }

        var estimator = new FaceVid2VidNetwork(Reduced).HeEstimator;
        return (estimator, new ExportFunction(
            "", [ExportInput.Noise("frame", 3, Reduced.Side, Reduced.Side)], ["head"],
            inputs => [Tensor.Cat([.. estimator.Call(inputs[0]).Tensors.Select(part => part.Flatten(1))], 1)]));
    }

    private static Tensor[] Inputs(string name, long batch) => name == Lips
        ? [Tensor.Randn([batch, 1, 80, 16]), Tensor.Rand([batch, 6, LipPainter.Side, LipPainter.Side])]
        : [Tensor.Rand([batch, 3, Reduced.Side, Reduced.Side])];

    private static Measured Prepare(string name, string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        var (network, function) = Create(name);
        BatchNormStatistics.Recompute(network, [() => function.Run(Inputs(name, 4))]);
        network.Eval();
        network.RequireGrad(false);
        ModelWeights.Save(network, Path.Combine(folder, name + ".pth"));
        var inputs = Inputs(name, 1);
        for (int k = 0; k < inputs.Length; k++) Worker.Save(Path.Combine(folder, $"{name}-in-{k}.npy"), inputs[k]);
        using var off = Gradients.Off();
        Worker.Save(Path.Combine(folder, name + "-out.npy"), function.Run(inputs)[0]);
        OnnxExport.Write(network, function, Path.Combine(folder, name + ".onnx"), new ExportOptions { Batch = 1 });
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Ask(string name, string folder)
    {
        using var scope = new TensorScope();
        var (network, function) = Create(name);
        ModelWeights.Load(network, Path.Combine(folder, name + ".pth"));
        network.Eval();
        network.RequireGrad(false);
        Tensor[] inputs = [.. Enumerable.Range(0, function.Inputs.Count)
            .Select(k => Worker.Load(Path.Combine(folder, $"{name}-in-{k}.npy")))];
        var expected = Worker.Load(Path.Combine(folder, name + "-out.npy"));
        using var compiled = CompiledFunction.Of(network, function.Run, inputs);
        double seconds = Worker.Timed(
            () =>
            {
                using var step = new TensorScope();
                compiled.Call(inputs);
            },
            3,
            5);
        double usual = expected.Square().Mean().Sqrt().Item<double>();
        double difference = (compiled.Call(inputs)[0] - expected).Abs().Max().Item<double>() / usual;
        return new Measured { Seconds = seconds, Difference = difference };
    }

    private static Measured Paint()
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = new FaceVid2VidNetwork(Reduced);
        network.Eval();
        network.RequireGrad(false);
        using var off = Gradients.Off();
        var source = network.Source(Tensor.Rand([1, 3, Reduced.Side, Reduced.Side]));
        var frame = Tensor.Rand([1, 3, Reduced.Side, Reduced.Side]);
        using var compiled = CompiledFunction.Of(network, inputs => [network.Paint(source, network.Driven(source, inputs[0]))], frame);
        double seconds = Worker.Timed(
            () =>
            {
                using var step = new TensorScope();
                compiled.Call(frame);
            },
            3,
            5);
        return new Measured { Seconds = seconds };
    }
}
