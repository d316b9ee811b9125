using System.IO.Compression;
using System.Text;
using Sconce.Weights;

namespace Sconce.Tests.Weights;

/// <summary>Zip archives with every field under the test's control.</summary>
sealed class RawZip
{
    readonly MemoryStream body = new();
    readonly MemoryStream directory = new();
    int count;

    public RawZip Add(string name, byte[] content, bool deflate = false, uint? declaredSize = null, uint? crc = null,
        uint? headerOffset = null, string? localName = null)
    {
        var packed = deflate ? Deflate(content) : content;
        var raw = Encoding.UTF8.GetBytes(name);
        var localRaw = Encoding.UTF8.GetBytes(localName ?? name);
        var at = (uint)body.Position;
        var size = declaredSize ?? (uint)content.Length;
        using (var w = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            w.Write(0x04034b50u);
            Common(w, localRaw.Length);
            w.Write((ushort)0);
            w.Write(localRaw);
            w.Write(packed);
        }
        using (var w = new BinaryWriter(directory, Encoding.UTF8, leaveOpen: true))
        {
            w.Write(0x02014b50u);
            w.Write((ushort)20);
            Common(w, raw.Length);
            w.Write((ushort)0);
            w.Write((ushort)0);
            w.Write((ushort)0);
            w.Write((ushort)0);
            w.Write(0u);
            w.Write(headerOffset ?? at);
            w.Write(raw);
        }
        count++;
        return this;

        void Common(BinaryWriter w, int nameLength)
        {
            w.Write((ushort)20);
            w.Write((ushort)0x0800);
            w.Write((ushort)(deflate ? 8 : 0));
            w.Write(0x00210000u);
            w.Write(crc ?? Crc32.Append(0, content));
            w.Write((uint)packed.Length);
            w.Write(size);
            w.Write((ushort)nameLength);
        }
    }

    public byte[] Bytes()
    {
        var end = new MemoryStream();
        using (var w = new BinaryWriter(end))
        {
            w.Write(0x06054b50u);
            w.Write(0u);
            w.Write((ushort)count);
            w.Write((ushort)count);
            w.Write((uint)directory.Length);
            w.Write((uint)body.Length);
            w.Write((ushort)0);
        }
        return [.. body.ToArray(), .. directory.ToArray(), .. end.ToArray()];
    }

    /// <summary>PyTorch's archive of a pickle and its storages.</summary>
    public static byte[] Torch(byte[] pickle, params (string Key, byte[] Bytes)[] storages)
    {
        var zip = new RawZip().Add("archive/data.pkl", pickle);
        foreach (var (key, bytes) in storages)
            zip.Add("archive/data/" + key, bytes);
        return zip.Add("archive/version", "3\n"u8.ToArray()).Bytes();
    }

    static byte[] Deflate(byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = new DeflateStream(packed, CompressionLevel.Optimal))
            stream.Write(content);
        return packed.ToArray();
    }
}
