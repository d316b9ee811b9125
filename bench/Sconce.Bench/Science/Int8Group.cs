using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems;
using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Tests.Common;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Science;

/// <summary>
/// What <c>sconce compress --int8</c> writes, in ONNX Runtime against the same network's float32 export: ResNet-50's time and size (weights
/// drawn, activations ranged on drawn pictures), and the accuracy of a published ResNet-20 on CIFAR-10's subset, where the
/// shared folder is at hand.
/// </summary>
internal sealed class Int8Group : BenchGroup
{
    private static readonly string? Photos = SharedFiles.Find("data/cifar10-subset"),
        Published = SharedFiles.Find("data/checkpoints/resnet20-12fca82f.th");

    private const int Drawn = 12;

    internal override string Name => "int8";

    internal override string About => "ResNet-50 in int8 against float32, both in ONNX Runtime; ResNet-20's accuracy in both";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "write", "resnet50", table.Folder);
        string floats = table.File("resnet50.onnx"), small = table.File("resnet50-int8.onnx");
        string[] given = [table.File("resnet50-out.npy"), table.File("resnet50-in.npy")];
        // Both sides are files of ours: the float32 one stands where a peer stands.
        table.Row("resnet50, batch 1, int8 in ONNX Runtime, against its float32 export there",
            () => BenchTable.Own(["onnx", small, .. given]), () => BenchTable.Own(["onnx", floats, .. given]), 1.5, agreement: 0.5);
        table.Figure("resnet50, size of the int8 file", string.Create(CultureInfo.InvariantCulture,
            $"{new FileInfo(small).Length / 1e6:0.0} of {new FileInfo(floats).Length / 1e6:0.0} MB"), "a quarter");
        if (Photos is null || Published is null) return;
        BenchTable.Own(Name, "write", "resnet20", table.Folder);
        double[] right = [.. ((string[])["resnet20.onnx", "resnet20-int8.onnx"])
            .Select(file => BenchTable.Own(Name, "accuracy", table.File(file)).Losses[0])];
        table.Figure("resnet20 on CIFAR-10's subset, accuracy in int8", string.Create(CultureInfo.InvariantCulture,
            $"{100 * right[1]:0.00} % of {100 * right[0]:0.00} %"), "within 1 point");
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["write", var name, var folder] => Write(name, folder),
        ["accuracy", var file] => new Measured { Seconds = 1e-9, Losses = [Accuracy(file)] },
        _ => throw Unknown(task),
    };

    private static Measured Write(string name, string folder)
    {
        using var scope = new TensorScope();
        var variant = Models.Registry.Get(name);
        var system = Systems.Catalogue.Systems.First(system => system.Variants.Contains(variant));
        string weights = name == "resnet20" ? Published! : Path.Combine(folder, name + ".pth");
        if (name == "resnet50") Draw(name, weights);
        var request = new CatalogueRequest(new AbilityTarget(name, system, variant), variant, weights);
        string floats = Path.Combine(folder, name + ".onnx");
        using (var network = request.Network<Module<Tensor, Tensor>>())
        {
            network.Eval();
            OnnxExport.Write(network, variant.Get<TensorInput>().Shape, floats);
            if (name == "resnet50")
            {
                using var inference = Gradients.Inference();
                var x = Tensor.Randn([1, .. variant.Get<TensorInput>().Shape]);
                Worker.Save(Path.Combine(folder, name + "-in.npy"), x);
                Worker.Save(Path.Combine(folder, name + "-out.npy"), network.Call(x));
            }
        }

        IDataset<ImageExample> learned, asked;
        if (name == "resnet20")
        {
            var all = CifarBinary.Read(Photos!);
            (learned, asked) = (all.Train, all.Test.Subset([.. Enumerable.Range(0, 100)]));
        }
        else
        {
            learned = asked = Datasets.InMemory<ImageExample>([.. Enumerable.Range(0, Drawn).Select(Picture)]);
        }

        var answer = new CompressionWork(request, new CompressSettings { Int8 = true, Batch = 4 })
            .Run(learned, asked, [.. Enumerable.Range(0, name == "resnet20" ? 10 : 1000).Select(k => $"class {k}")], null, default);
        File.WriteAllBytes(Path.Combine(folder, name + "-int8.onnx"), answer.Onnx.Bytes.Span);
        return new Measured { Seconds = 1e-9 };
    }

    private static void Draw(string name, string weights)
    {
        using var network = Networks.Create(name);
        // A gain of zero, as residual branches begin with, would leave them out of the comparison.
        foreach (var (_, gain) in network.NamedParameters().Where(named => named.Name.EndsWith("bn3.weight", StringComparison.Ordinal)))
            Init.Constant(gain, 0.5);
        ModelWeights.Save(network, weights);
    }

    private static ImageExample Picture(int seed)
    {
        var random = new Random(seed);
        var picture = new Image(224, 224);
        for (int k = 0; k < 3000; k++)
        {
            int x = random.Next(216), y = random.Next(216);
            var colour = new Rgb((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
            picture.Fill(new PixelBox(x, y, x + random.Next(1, 9), y + random.Next(1, 9)), colour);
        }

        return new ImageExample(picture) { Label = seed };
    }

    private static double Accuracy(string file)
    {
        var preprocessing = Models.Get("resnet20").Get<ImageClassifier>().Preprocessing;
        var asked = CifarBinary.Read(Photos!).Test;
        using var session = new InferenceSession(file);
        using var settings = new RunOptions();
        int right = 0;
        foreach (int[] chunk in Enumerable.Range(0, asked.Count).Chunk(100))
        {
            using var scope = new TensorScope();
            float[] pictures = Tensor.Stack([.. chunk.Select(k => preprocessing.Apply(asked[k].Image))]).ToArray<float>();
            using var given = OrtValue.CreateTensorValueFromMemory(pictures, [chunk.Length, 3, CifarBinary.Size, CifarBinary.Size]);
            using var answers = session.Run(settings, session.InputNames, [given], [session.OutputNames[0]]);
            var rows = MemoryMarshal.Cast<byte, float>(answers[0].GetTensorMutableRawData());
            int classes = rows.Length / chunk.Length;
            for (int k = 0; k < chunk.Length; k++)
            {
                var row = rows.Slice(k * classes, classes);
                if (row.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max((ReadOnlySpan<float>)row)) == asked.Labels[chunk[k]]) right++;
            }
        }

        return (double)right / asked.Count;
    }
}
