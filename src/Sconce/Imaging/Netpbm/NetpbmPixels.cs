using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sconce.Imaging.Netpbm;

/// <summary>
/// A Netpbm file's samples: those of 8 bits brought to 255 for white, those of more as they are, with the value of white.
/// </summary>
internal static class NetpbmPixels
{
    internal static RawPixels Read(ReadOnlySpan<byte> file, NetpbmHeader header, string name)
    {
        var count = checked(header.Width * header.Height * header.Bands);
        var bytes = GC.AllocateUninitializedArray<byte>(checked(count * header.Depth / 8));
        if (header.IsBits && !header.IsText)
            Bits(Body(file, header, (long)(header.Width + 7 >> 3) * header.Height, name), bytes, header.Width);
        else if (header.Depth == 16)
            Words(file, header, MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan()), name);
        else
            Bytes(file, header, bytes, name);
        return new RawPixels(header.Width, header.Height, header.Bands, header.Depth, bytes, header.Most > 255 ? header.Most : 0);
    }

    /// <summary>A bit is ink: 1 is black. Rows begin on whole bytes.</summary>
    private static void Bits(ReadOnlySpan<byte> body, Span<byte> pixels, int width)
    {
        var stride = width + 7 >> 3;
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((body[i / width * stride + (i % width >> 3)] & 0x80 >> (i % width & 7)) == 0 ? 255 : 0);
    }

    private static void Words(ReadOnlySpan<byte> file, NetpbmHeader header, Span<ushort> samples, string name)
    {
        if (header.IsText)
        {
            var at = header.PixelsAt;
            for (var i = 0; i < samples.Length; i++)
                samples[i] = (ushort)Within(NetpbmNumbers.Next(file, ref at, name), header.Most, name);
            return;
        }
        var body = Body(file, header, 2L * samples.Length, name);
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (ushort)Within(BinaryPrimitives.ReadUInt16BigEndian(body[(2 * i)..]), header.Most, name);
    }

    private static void Bytes(ReadOnlySpan<byte> file, NetpbmHeader header, Span<byte> samples, string name)
    {
        if (header.IsText)
        {
            var at = header.PixelsAt;
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] = header.IsBits ? Bit(file, ref at, name)
                    : White(Within(NetpbmNumbers.Next(file, ref at, name), header.Most, name), header.Most);
            }
            return;
        }
        Body(file, header, samples.Length, name)[..samples.Length].CopyTo(samples);
        if (header.Most == 255)
            return;
        for (var i = 0; i < samples.Length; i++)
            samples[i] = White(Within(samples[i], header.Most, name), header.Most);
    }

    /// <summary>Digits of a plain PBM need no blanks between them.</summary>
    private static byte Bit(ReadOnlySpan<byte> file, ref int at, string name)
    {
        NetpbmNumbers.Skip(file, ref at);
        if (at >= file.Length)
            throw new ImageException(name, "the Netpbm image is cut short");
        return file[at++] switch
        {
            (byte)'0' => 255,
            (byte)'1' => 0,
            _ => throw new ImageException(name, $"the Netpbm image is damaged: at byte {at - 1} a 0 or a 1 is wanted"),
        };
    }

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> file, NetpbmHeader header, long length, string name) =>
        header.PixelsAt + length <= file.Length ? file.Slice(header.PixelsAt, (int)length)
            : throw new ImageException(name, $"the Netpbm image is cut short: it has {file.Length:N0} bytes, fewer than its pixels take");

    private static byte White(int sample, int most) => (byte)((sample * 255 + most / 2) / most);

    private static int Within(int sample, int most, string name) =>
        sample <= most ? sample
            : throw new ImageException(name, $"the Netpbm image is damaged: a sample is {sample}, more than its greatest value {most}");
}
