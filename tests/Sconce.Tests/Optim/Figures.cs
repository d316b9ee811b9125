using System.Text.Json;
using Sconce.Parity;
using Sconce.Tests.Common;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

/// <summary>Numbers that PyTorch gave (see Figures/*.py), and how results are held against them.</summary>
internal static class Figures
{
    internal static JsonElement Read(string name)
    {
        using var stream = typeof(Figures).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"no embedded figures '{name}'");
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    /// <summary>A question of the parity folder, or null where that folder is not at hand.</summary>
    internal static JsonElement? Parity(string name)
    {
        if (SharedFiles.Find($"parity/{name}.json") is not { } path) return null;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>The case's input of that name, by formula or literal.</summary>
    internal static Tensor Input(JsonElement parity, string name)
    {
        var input = parity.GetProperty("inputs").GetProperty(name);
        if (input.TryGetProperty("value", out var value))
        {
            long[] sizes = value.ValueKind != JsonValueKind.Array ? [] : [value.GetArrayLength(), value[0].GetArrayLength()];
            float[] flat = value.ValueKind != JsonValueKind.Array ? [value.GetSingle()]
                : [.. value.EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(number => number.GetSingle())];
            return Tensor.From(flat).Reshape(sizes);
        }

        double Number(string key, double otherwise) => input.TryGetProperty(key, out var found) ? found.GetDouble() : otherwise;
        long[] shape = [.. input.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        return Formula.Floats("in." + name, shape, Number("mean", 0), Number("amp", 1));
    }

    /// <summary>Every sampled number of a parity output within 1e-5 of its rms.</summary>
    internal static void AssertOutput(JsonElement parity, string name, Tensor actual)
    {
        var output = parity.GetProperty("outputs").GetProperty(name);
        Assert.Equal(output.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), actual.Shape.ToArray());
        double[] mine = actual.ToArray<double>();
        double tolerance = 1e-5 * output.GetProperty("rms").GetDouble();
        foreach (var (index, value) in output.GetProperty("index").EnumerateArray().Zip(output.GetProperty("value").EnumerateArray()))
        {
            Assert.True(Math.Abs(mine[index.GetInt32()] - value.GetDouble()) <= tolerance,
                $"{name}[{index}]: {mine[index.GetInt32()]}, PyTorch has {value}");
        }
    }

    /// <summary>The counterpart of formula.py's <c>sample</c>: the rms, then up to 24 numbers at equal distances.</summary>
    internal static void AssertSample(JsonElement expected, Tensor actual, string what, double tolerance = 1e-5)
    {
        double[] flat = actual.ToArray<double>();
        double[] wanted = [.. expected.EnumerateArray().Select(number => number.GetDouble())];
        int count = wanted.Length - 1;
        Assert.True(count == Math.Min(flat.Length, 24), $"{what}: {flat.Length} numbers, {count} sampled");
        double rms = Math.Sqrt(flat.Average(x => x * x));
        double within = tolerance * (wanted[0] + 1e-3);
        Assert.True(Math.Abs(rms - wanted[0]) <= within, $"{what}: rms {rms}, PyTorch has {wanted[0]}");
        for (int j = 0; j < count; j++)
        {
            double mine = flat[(long)j * flat.Length / count];
            Assert.True(Math.Abs(mine - wanted[j + 1]) <= within, $"{what}, sample {j}: {mine}, PyTorch has {wanted[j + 1]}");
        }
    }
}

/// <summary>Tests that count the process's live tensors run with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveTensors
{
    public const string Name = "Live tensors";
}
