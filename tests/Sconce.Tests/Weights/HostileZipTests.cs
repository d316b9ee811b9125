using System.Buffers.Binary;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Archives that two readers could read differently, or that cost more than they hold.</summary>
public class HostileZipTests
{
    static readonly byte[] Pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("w").Tensor("FloatStorage", "0", 4, [4], [1])
        .Op(PickleOp.SetItem).Stop();
    static readonly byte[] Storage = new byte[16];

    static RawZip Torch => new RawZip().Add("archive/data.pkl", Pickle).Add("archive/data/0", Storage);

    static string Refused(byte[] bytes, CheckpointLimits? limits = null, bool read = false)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("hostile.pth", bytes);
        var e = Assert.Throws<CheckpointException>(() =>
        {
            using var checkpoint = Checkpoint.Open(path, new CheckpointOptions { Limits = limits ?? new() });
            if (read)
                checkpoint.Tensors[0].ToArray<float>();
        });
        Assert.Equal(path, e.Path);
        return e.Message;
    }

    [Fact]
    public void The_archive_that_the_others_are_made_from_opens()
    {
        using var folder = new TemporaryFolder();
        using var checkpoint = Checkpoint.Open(folder.Write("fine.pth", Torch.Bytes()));
        Assert.Equal(new float[4], checkpoint["w"].ToArray<float>());
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("archive/../../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("archive\\..\\evil")]
    [InlineData("C:evil")]
    [InlineData("archive/a\nb")]
    [InlineData("archive/./data")]
    public void Names_that_lead_out_are_refused(string name) =>
        Assert.Contains("do not trust the file", Refused(Torch.Add(name, [1]).Bytes()));

    [Fact]
    public void A_name_that_is_there_twice_is_refused() =>
        Assert.Contains("'archive/data/0' is in the archive twice", Refused(Torch.Add("archive/data/0", Storage).Bytes()));

    [Fact]
    public void A_local_header_that_contradicts_the_directory_is_refused() =>
        Assert.Contains("contradicts the directory",
            Refused(new RawZip().Add("archive/data.pkl", Pickle).Add("archive/data/0", Storage, localName: "archive/data/1").Bytes()));

    [Fact]
    public void Records_that_overlap_are_refused()
    {
        // Two entries of one name length that point at one header would be the classic bomb; names must differ, so the second is refused
        // either way.
        Assert.Matches("contradicts|overlaps", Refused(Torch.Add("archive/data/1", Storage, headerOffset: 0).Bytes()));
    }

    [Fact]
    public void A_bomb_that_deflate_cannot_be_is_refused_before_it_is_unpacked() =>
        Assert.Contains("cannot hold the 4000000000 declared",
            Refused(new RawZip().Add("archive/data.pkl", Pickle)
                .Add("archive/data/0", Storage, deflate: true, declaredSize: 4_000_000_000).Bytes()));

    [Fact]
    public void Bombs_are_refused_by_the_sum_of_what_they_declare()
    {
        var zip = new RawZip().Add("archive/data.pkl", Pickle);
        for (var i = 0; i < 8; i++)
            zip.Add($"archive/data/{i}", new byte[1 << 20], deflate: true);
        Assert.Contains("would expand to 8388608 bytes", Refused(zip.Bytes(), new CheckpointLimits { MaxInflatedBytes = 1 << 22 }));
    }

    [Theory]
    [InlineData(15, "hold more than")]
    [InlineData(17, "hold 16 of 17")]
    public void Compressed_bytes_that_disagree_with_their_size_are_refused(int declared, string fault)
    {
        var bytes = new RawZip().Add("archive/data.pkl", Pickle)
            .Add("archive/data.pkl.x", Storage, deflate: true, declaredSize: (uint)declared);
        using var folder = new TemporaryFolder();
        using var file = new CheckpointFile(folder.Write("a.zip", bytes.Bytes()), new CheckpointOptions());
        var entry = ZipDirectory.Read(file).Find("archive/data.pkl.x")!;
        Assert.Contains(fault, Assert.Throws<CheckpointException>(() => entry.Open(file, verify: true).Span(0, 1).Length).Message);
    }

    [Fact]
    public void Compressed_bytes_that_are_noise_are_refused_when_read()
    {
        var zip = new RawZip().Add("archive/data.pkl", Pickle).Add("archive/data/0", Storage, deflate: true).Bytes();
        var at = zip.AsSpan().IndexOf("archive/data/0"u8) + "archive/data/0".Length;
        zip[at] = 0xFF;
        Assert.Contains("'archive/data/0'", Refused(zip, read: true));
    }

    [Fact]
    public void A_wrong_checksum_of_a_compressed_record_is_always_found() =>
        Assert.Contains("'archive/data/0': the checksum is wrong",
            Refused(new RawZip().Add("archive/data.pkl", Pickle).Add("archive/data/0", Storage, deflate: true, crc: 1)
                .Bytes(), read: true));

    [Fact]
    public void An_encrypted_record_is_refused()
    {
        var zip = Torch.Bytes();
        var entry = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        zip[entry + 8] |= 1;
        Assert.Contains("encrypted", Refused(zip));
    }

    [Fact]
    public void An_unknown_compression_is_named()
    {
        var zip = Torch.Bytes();
        var entry = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        zip[entry + 10] = 14;
        Assert.Contains("compression method 14", Refused(zip));
    }

    [Fact]
    public void A_directory_that_lies_about_its_place_or_count_is_refused()
    {
        foreach (var field in new[] { 10, 12, 16 })
        {
            var zip = Torch.Bytes();
            var end = zip.Length - 22;
            BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(end + field),
                (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(end + field)) + 1));
            Assert.Contains("zip directory", Refused(zip));
        }
    }

    [Fact]
    public void Bytes_in_front_of_the_archive_or_behind_it_are_refused()
    {
        Assert.NotEmpty(Refused([.. "PK\u0003\u0004"u8, .. Torch.Bytes()]));
        Assert.Contains("breaks off", Refused([.. Torch.Bytes(), 0]));
    }

    [Fact]
    public void An_archive_that_is_no_checkpoint_says_what_it_holds()
    {
        Assert.Contains("'word/document.xml'", Refused(new RawZip().Add("word/document.xml", [1]).Bytes()));
        Assert.Contains("holds nothing", Refused(new RawZip().Bytes()));
        Assert.Contains("PyTorch 1.0-1.2", Refused(new RawZip().Add("m/model.json", [1]).Bytes()));
    }
}
