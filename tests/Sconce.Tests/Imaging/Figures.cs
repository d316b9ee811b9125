using System.Text.Json;
using Sconce.Tests.Common;
using Xunit;

namespace Sconce.Tests.Imaging;

/// <summary>Reference figures (made by Figures/make_figures.py), the counter generator that fills images, and the shared folder.</summary>
internal static class Figures
{
    internal static JsonDocument Read(string name)
    {
        using var stream = typeof(Figures).Assembly.GetManifestResourceStream($"Imaging/Figures/{name}.json")
            ?? throw new FileNotFoundException($"The figures {name} are not embedded.");
        return JsonDocument.Parse(stream);
    }

    /// <summary>Raw 40-bit-shifted draws: FNV-1a of the key, then SplitMix64 by counter.</summary>
    internal static ulong[] Draws(string key, int count)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(key))
            hash = (hash ^ b) * 0x100000001B3UL;
        var draws = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            var x = hash + ((ulong)i + 1) * 0x9E3779B97F4A7C15UL;
            x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9UL;
            x = (x ^ x >> 27) * 0x94D049BB133111EBUL;
            draws[i] = (x ^ x >> 31) >> 40;
        }
        return draws;
    }

    internal static byte[] Bytes(string key, int count) => Array.ConvertAll(Draws(key, count), d => (byte)(d % 256));

    internal static (int A, int B) Pair(this JsonElement element, string name) =>
        (element.GetProperty(name)[0].GetInt32(), element.GetProperty(name)[1].GetInt32());

    internal static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    internal static string Shared(string path)
    {
        string? found = SharedFiles.Find(path);
        Assert.SkipWhen(found is null, $"There is no shared/{path} here.");
        return found!;
    }
}

/// <summary>A folder of its own for one test class's files.</summary>
public sealed class ScratchFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("sconce-imaging-").FullName;

    public string At(string name) => Path.Combine(Root, name);

    public string Write(string name, byte[] data)
    {
        File.WriteAllBytes(At(name), data);
        return At(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
