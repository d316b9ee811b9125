using System.Text.Json;

namespace Sconce.Torch.Tests;

/// <summary>PyTorch's own answers (Figures/make_figures.py), and the counter-based numbers that their inputs are made of.</summary>
internal static class Figures
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    internal static Row[] Read<Row>(string name)
    {
        using var stream = typeof(Figures).Assembly.GetManifestResourceStream(name + ".json")
            ?? throw new FileNotFoundException($"the figures {name} are not embedded");
        return JsonSerializer.Deserialize<Row[]>(stream, Options)!;
    }

    /// <summary>float64 numbers u(key, i) in [-1, 1), exact in float32 too: FNV-1a of the key, then SplitMix64.</summary>
    internal static Tensor Numbers(string key, params ReadOnlySpan<long> shape)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in System.Text.Encoding.UTF8.GetBytes(key)) hash = (hash ^ b) * 0x100000001B3;
        long count = 1;
        foreach (long size in shape) count *= size;
        double[] numbers = new double[count];
        for (int k = 0; k < numbers.Length; k++)
        {
            ulong x = hash + ((ulong)(k + 1) * 0x9E3779B97F4A7C15);
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            numbers[k] = (((x ^ (x >> 31)) >> 40) / 8388608.0) - 1;
        }

        return Tensor.FromBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()), shape, DType.Float64);
    }

    /// <summary>The elements, complex ones as pairs.</summary>
    internal static double[] Flat(Tensor tensor) =>
        (tensor.DType.IsComplex() ? tensor.ResolveConj().ViewAsReal() : tensor).ToArray<double>();
}
