using System.Buffers.Binary;
using System.Text;
using Sconce.Files;

namespace Sconce.Video;

/// <summary>Sounds as 16-bit WAV files of one channel.</summary>
public static class WavFile
{
    private const int HeaderLength = 44, Bits = 16;

    /// <summary>Writes a sound, whole or not at all.</summary>
    /// <param name="path">Where.</param>
    /// <param name="samples">In [-1, 1]; what lies beyond is cut off.</param>
    /// <param name="rate">Samples a second.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, ReadOnlySpan<float> samples, int rate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        const int width = Bits / 8;
        var bytes = new byte[checked(HeaderLength + (width * samples.Length))];
        var header = bytes.AsSpan();
        Encoding.ASCII.GetBytes("RIFF", header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], bytes.Length - 8);
        Encoding.ASCII.GetBytes("WAVEfmt ", header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1); // numbers as they are
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], rate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], rate * width);
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], width);
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], Bits);
        Encoding.ASCII.GetBytes("data", header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], width * samples.Length);
        for (int k = 0; k < samples.Length; k++)
        {
            short value = (short)Math.Round(Math.Clamp(samples[k], -1, 1) * short.MaxValue);
            BinaryPrimitives.WriteInt16LittleEndian(header[(HeaderLength + (width * k))..], value);
        }

        AtomicFile.Write(path, bytes);
    }
}
