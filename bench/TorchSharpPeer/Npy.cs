using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpPeer;

/// <summary>Files of NumPy as Sconce's side writes them: version 1, float32, C order.</summary>
internal static partial class Npy
{
    internal static Tensor Load(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = BitConverter.ToUInt16(file, 8);
        string described = Encoding.ASCII.GetString(file, 10, header);
        if (!described.Contains("'<f4'", StringComparison.Ordinal)) throw new InvalidDataException($"{path}: not float32: {described}");
        long[] shape = [.. Numbers().Matches(Shape().Match(described).Groups[1].Value).Select(number => long.Parse(number.Value))];
        return tensor(MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + header)).ToArray(), shape);
    }

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex Shape();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();
}
