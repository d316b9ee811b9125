using System.Buffers.Binary;
using System.Text;
using Sconce.Tests.Weights;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>TensorBoard's events, sanity findings.</summary>
public sealed class RunFilesTests
{
    /// <summary>The check value of CRC-32C is 0xE3069283 (RFC 3720); masked: rotated right by 15, 0xA282EAD8 added.</summary>
    [Fact]
    public void The_masked_checksum_is_that_of_the_format()
    {
        const uint crc = 0xE3069283;
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8), TensorBoardWriter.MaskedCrc("123456789"u8));
    }

    [Fact]
    public void Events_are_framed_records_of_steps_tags_and_values()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(TensorBoardWriter.FileName);
        using (var writer = new TensorBoardWriter(path, 0)) writer.Scalars(300, ("train/loss", 0.5), ("train/rate", 1e-3));
        var events = Read(path);
        Assert.Equal(2, events.Count);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString((byte[])events[0].Single(field => field.Number == 3).Value));
        Assert.Equal(300UL, events[1].Single(field => field.Number == 2).Value);
        Assert.True((double)events[1].Single(field => field.Number == 1).Value > 1.7e9);
        var summary = Fields((byte[])events[1].Single(field => field.Number == 5).Value)
            .Select(entry => Fields((byte[])entry.Value)).ToList();
        Assert.Equal(["train/loss", "train/rate"],
            summary.Select(entry => Encoding.UTF8.GetString((byte[])entry.Single(field => field.Number == 1).Value)));
        Assert.Equal([0.5f, 1e-3f], summary.Select(entry => (float)entry.Single(field => field.Number == 2).Value));
    }

    [Fact]
    public void What_lies_beyond_the_last_checkpoint_is_cut_off()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(TensorBoardWriter.FileName);
        long length;
        using (var writer = new TensorBoardWriter(path, 0))
        {
            writer.Scalars(1, ("a", 1));
            length = writer.Length;
            writer.Scalars(2, ("a", 2));
        }

        using (var writer = new TensorBoardWriter(path, length)) writer.Scalars(2, ("a", 3));
        var events = Read(path);
        Assert.Equal(3, events.Count);
        Assert.Equal(3f, Fields((byte[])Fields((byte[])events[2].Single(field => field.Number == 5).Value)[0].Value)[1].Value);
    }

    [Theory]
    [InlineData(2.31, 10, true)]
    [InlineData(3.9, 10, true)]
    [InlineData(60, 10, false)]
    [InlineData(0.01, 10, false)]
    [InlineData(double.NaN, 10, false)]
    [InlineData(0.7, 2, true)]
    [InlineData(7.2, 1000, true)]
    public void An_initial_loss_is_held_against_the_logarithm_of_the_classes(double loss, int classes, bool passes) =>
        Assert.Equal(passes, SanityCheck.InitialLoss(loss, classes).Passed);

    private static List<List<(int Number, object Value)>> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var events = new List<List<(int, object)>>();
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(TensorBoardWriter.MaskedCrc(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            byte[] data = bytes[(at + 12)..(at + 12 + length)];
            Assert.Equal(TensorBoardWriter.MaskedCrc(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(Fields(data));
            at += 16 + length;
        }

        return events;
    }

    /// <summary>A protocol buffer's fields, as its encoding is documented.</summary>
    private static List<(int Number, object Value)> Fields(byte[] message)
    {
        var fields = new List<(int, object)>();
        for (int at = 0; at < message.Length;)
        {
            ulong key = VarInt();
            object value = (key & 7) switch
            {
                0 => VarInt(),
                1 => BinaryPrimitives.ReadDoubleLittleEndian(message.AsSpan((at += 8) - 8)),
                5 => BinaryPrimitives.ReadSingleLittleEndian(message.AsSpan((at += 4) - 4)),
                _ => Bytes((int)VarInt()),
            };
            fields.Add(((int)(key >> 3), value));

            byte[] Bytes(int length) => message[at..(at += length)];

            ulong VarInt()
            {
                ulong number = 0;
                for (int shift = 0; ; shift += 7)
                {
                    byte one = message[at++];
                    number |= (ulong)(one & 0x7F) << shift;
                    if (one < 0x80) return number;
                }
            }
        }

        return fields;
    }
}
