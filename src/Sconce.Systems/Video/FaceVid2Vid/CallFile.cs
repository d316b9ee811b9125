using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sconce.Data;
using Sconce.Files;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// A clip of a face as a portrait and few numbers a frame, <c>.sfv</c>. Little-endian: <c>SFV1</c>; 8 bytes of the weights' SHA-256; the
/// number of keypoints and of frames (int32); frames a second (float64); the portrait's length (int32) and its JPEG; then, to the end, the
/// frames' three angles, position and offsets of keypoints as <see cref="MotionCoding"/> has them.
/// </summary>
/// <param name="Weights">The first bytes of the SHA-256 of the weights that it was made with.</param>
/// <param name="Keypoints">K.</param>
/// <param name="Frames">How many.</param>
/// <param name="Rate">Frames a second.</param>
/// <param name="Portrait">A JPEG.</param>
/// <param name="Motion">The coded numbers.</param>
internal sealed record CallFile(
    ulong Weights, int Keypoints, int Frames, double Rate, ReadOnlyMemory<byte> Portrait, ReadOnlyMemory<byte> Motion)
{
    internal const string Extension = ".sfv";

    private const int HeaderLength = 36, MostKeypoints = 1000;
    private const double AngleStep = 0.25, PositionStep = 1.0 / 256, OffsetStep = 1.0 / 256;
    private static readonly byte[] Magic = Encoding.ASCII.GetBytes("SFV1");

    /// <summary>What a frame's numbers are rounded to: angles in degrees, positions and offsets in half pictures.</summary>
    internal static IReadOnlyList<double> Steps(int keypoints) =>
    [
        .. Enumerable.Repeat(AngleStep, 3), .. Enumerable.Repeat(PositionStep, 3), .. Enumerable.Repeat(OffsetStep, 3 * keypoints),
    ];

    /// <summary>What tells one file of weights from another; 0 where there is none.</summary>
    internal static ulong MarkOf(string weights)
    {
        if (!File.Exists(weights)) return 0;
        using var stream = File.OpenRead(weights);
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(stream));
    }

    /// <summary>The whole file.</summary>
    internal byte[] ToBytes()
    {
        var bytes = new byte[HeaderLength + Portrait.Length + Motion.Length];
        Magic.CopyTo(bytes.AsSpan());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(4), Weights);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Keypoints);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), Frames);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(20), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), Portrait.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), Motion.Length);
        Portrait.Span.CopyTo(bytes.AsSpan(HeaderLength));
        Motion.Span.CopyTo(bytes.AsSpan(HeaderLength + Portrait.Length));
        return bytes;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It is missing, is none of these, or cut short.</exception>
    internal static CallFile Read(string path)
    {
        ReadOnlyMemory<byte> bytes = File.Exists(path) ? RegularFile.ReadAllBytes(path) : throw new DataException(path,
            "there is no such file");
        var header = bytes.Span;
        if (header.Length < HeaderLength || !header[..4].SequenceEqual(Magic))
        {
            throw new DataException(path, $"this is no encoded clip: an {Extension} file of 'encode' is wanted");
        }

        int keypoints = BinaryPrimitives.ReadInt32LittleEndian(header[12..]), frames = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        double rate = BinaryPrimitives.ReadDoubleLittleEndian(header[20..]);
        int portrait = BinaryPrimitives.ReadInt32LittleEndian(header[28..]), motion = BinaryPrimitives.ReadInt32LittleEndian(header[32..]);
        bool isWhole = portrait >= 0 && motion >= 0 && (long)HeaderLength + portrait + motion == header.Length;
        if (!isWhole || keypoints is < 1 or > MostKeypoints || frames < 1 || !(rate is > 0 and < 1000))
        {
            throw new DataException(path, "it is damaged or cut short: encode the clip again");
        }

        return new CallFile(
            BinaryPrimitives.ReadUInt64LittleEndian(header[4..]), keypoints, frames, rate,
            bytes.Slice(HeaderLength, portrait), bytes.Slice(HeaderLength + portrait, motion));
    }
}
