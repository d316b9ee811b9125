using Sconce.Weights;

namespace Sconce.Tests.Weights;

/// <summary>PyTorch's format before 1.6, byte by byte.</summary>
static class Legacy
{
    static readonly byte[] Magic = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'];

    public static byte[] Write(byte[] pickle, params (string Key, long Count, byte[] Bytes)[] storages)
    {
        var keys = new PickleBuilder().Op(PickleOp.EmptyList, PickleOp.Mark);
        foreach (var (key, _, _) in storages)
            keys.Text(key);
        List<byte> file = [.. Magic, .. new PickleBuilder().Int(1001).Stop(), .. new PickleBuilder().Op(PickleOp.EmptyDict).Stop(),
            .. pickle, .. keys.Op(PickleOp.Appends).Stop()];
        foreach (var (_, count, bytes) in storages)
        {
            file.AddRange(BitConverter.GetBytes(count));
            file.AddRange(bytes);
        }
        return [.. file];
    }
}
