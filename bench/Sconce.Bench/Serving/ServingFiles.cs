using System.Runtime.InteropServices;
using Sconce.Bench.Basics;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Serving;

/// <summary>What both sides serve, and what is asked: weights, their ONNX export, inputs as tensors and as JPEG files.</summary>
internal static class ServingFiles
{
    /// <summary>Weights and export of a network, and its inputs.</summary>
    internal static Measured Prepare(string network, int questions, string folder)
    {
        Families.Prepare(network, 1, folder);
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(11);
        for (int k = 0; k < questions; k++) Worker.Save(Tensors(network, k, folder), Tensor.Randn([1, .. Networks.InputShape(network)]));
        return new Measured { Seconds = 1e-9 };
    }

    internal static string Weights(string network, string folder) => Path.Combine(folder, network + ".pth");

    internal static string Export(string network, string folder) => Path.Combine(folder, network + ".onnx");

    /// <summary>The bodies that are sent, in order.</summary>
    internal static byte[][] Bodies(string kind, string network, string folder, int questions) => kind == "photographs"
        ? [.. Photographs().Take(questions).Select(File.ReadAllBytes)]
        : [.. Enumerable.Range(0, questions).Select(k => Bytes(Tensors(network, k, folder)))];

    private static IEnumerable<string> Photographs() =>
        Directory.GetFiles(LoaderGroup.Photographs()!, "*.jpg").Order(StringComparer.Ordinal);

    private static string Tensors(string network, int k, string folder) => Path.Combine(folder, $"{network}-asked-{k}.npy");

    private static byte[] Bytes(string path)
    {
        using var file = Checkpoint.Open(path);
        return MemoryMarshal.AsBytes(file.Tensors[0].ToArray<float>().AsSpan()).ToArray();
    }
}
