using System.Globalization;

namespace Sconce.Torch;

/// <summary>The kinds of device. The values are libtorch's own.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    Cpu = 0,

    /// <summary>An NVIDIA (or, in a ROCm build, AMD) GPU.</summary>
    Cuda = 1,

    /// <summary>Shapes without memory.</summary>
    Meta = 14,
}

/// <summary>Where a tensor's memory lies: a kind and, for GPUs, a number.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Index">The number of the GPU; -1 for the current one.</param>
public readonly record struct Device(DeviceType Type, int Index = -1)
{
    /// <summary>The processor.</summary>
    public static Device Cpu => new(DeviceType.Cpu);

    internal long Packed => ((long)Type << 32) | (byte)(sbyte)Index;

    /// <summary>The GPU of that number.</summary>
    public static Device Cuda(int index = 0) => new(DeviceType.Cuda, index);

    /// <summary>Reads <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> or <c>meta</c>.</summary>
    /// <exception cref="FormatException">The text names no device.</exception>
    public static Device Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        int index = -1;
        if (parts.Length == 2 && !(int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index) && index <= 127))
            throw Unknown(text);
        return parts[0] switch
        {
            "cpu" when index <= 0 => Cpu,
            "cuda" => new(DeviceType.Cuda, index),
            "meta" => new(DeviceType.Meta),
            _ => throw Unknown(text),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Type.ToString().ToLowerInvariant() + (Index >= 0 && Type != DeviceType.Cpu ? $":{Index}" : "");

    internal static Device FromPacked(long packed) =>
        new((DeviceType)(packed >> 32), (DeviceType)(packed >> 32) == DeviceType.Cpu ? -1 : (sbyte)(packed & 0xff));

    private static FormatException Unknown(string text) => new($"'{text}' is no device: write cpu, cuda, cuda:1 or meta");
}

/// <summary>How a tensor's elements are kept. The values are libtorch's own.</summary>
public enum Layout : sbyte
{
    /// <summary>Dense, with strides.</summary>
    Strided = 0,

    /// <summary>Sparse coordinates.</summary>
    SparseCoo = 1,

    /// <summary>Sparse compressed rows.</summary>
    SparseCsr = 2,

    /// <summary>oneDNN's own blocked form.</summary>
    Mkldnn = 3,
}

/// <summary>The order of a dense tensor's dimensions in memory. The values are libtorch's own.</summary>
public enum MemoryFormat : sbyte
{
    /// <summary>Row-major: NCHW.</summary>
    Contiguous = 0,

    /// <summary>As the source has it.</summary>
    Preserve = 1,

    /// <summary>Channels innermost: NHWC.</summary>
    ChannelsLast = 2,

    /// <summary>Channels innermost in three dimensions: NDHWC.</summary>
    ChannelsLast3d = 3,
}
