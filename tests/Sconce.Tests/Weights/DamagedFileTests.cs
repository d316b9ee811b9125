using FsCheck;
using FsCheck.Fluent;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Files that are incomplete, altered, or of another kind.</summary>
public class DamagedFileTests
{
    static readonly byte[] Numbers = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    static byte[] Pickle => new PickleBuilder().Op(PickleOp.EmptyDict).Text("weight").Tensor("FloatStorage", "0", 4, [4], [1])
        .Op(PickleOp.SetItem).Stop();

    static CheckpointException Refused(string name, byte[] bytes, CheckpointOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(name, bytes);
        var e = Assert.Throws<CheckpointException>(() => ReadAll(path, options));
        Assert.Equal(path, e.Path);
        return e;
    }

    static void ReadAll(string path, CheckpointOptions? options = null)
    {
        using var checkpoint = Checkpoint.Open(path, options);
        foreach (var tensor in checkpoint.Tensors)
            tensor.CopyTo(new byte[tensor.ByteLength]);
    }

    [Theory]
    [InlineData("empty.pth")]
    [InlineData("empty.safetensors")]
    [InlineData("empty.npz")]
    public void An_empty_file_says_that_it_is_empty(string name) => Assert.Contains("is empty", Refused(name, []).Message);

    [Fact]
    public void A_missing_file_is_answered_with_its_neighbours()
    {
        using var folder = new TemporaryFolder();
        folder.Write("resnet20.pth", [1]);
        var e = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File("resnet02.pth")));
        Assert.Contains("no such file", e.Message);
        Assert.Contains("Did you mean resnet20.pth?", e.Message);
        Assert.Contains("is a folder", Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path)).Message);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><head><title>Sign in</title>", "web page")]
    [InlineData("\n  <html>", "web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1", "git lfs pull")]
    [InlineData("{\"error\": \"rate limit\"}", "JSON")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0", "not finished")]
    [InlineData("some text", "no known checkpoint")]
    public void A_file_of_another_kind_named_pth_is_told_what_it_is(string content, string answer) =>
        Assert.Contains(answer, Refused("model.pth", System.Text.Encoding.UTF8.GetBytes(content)).Message);

    [Fact]
    public void A_tar_archive_is_named_as_one()
    {
        var tar = new byte[1024];
        tar[0] = (byte)'s';
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Contains("tar archive", Refused("old.pth", tar).Message);
    }

    [Fact]
    public void A_truncated_zip_names_the_file_and_the_record()
    {
        var zip = RawZip.Torch(Pickle, ("0", Numbers));
        foreach (var (record, next) in new[] { ("archive/data.pkl", "archive/data/0"), ("archive/data/0", "archive/version") })
        {
            var end = zip.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(next)) - 30;
            Assert.Contains($"'{record}'", Refused("cut.pth", zip[..(end - 1)]).Message);
        }
        Assert.Contains("'archive/version'", Refused("cut.pth", zip[..^1]).Message);
    }

    public static TheoryData<string> Files =>
        new("training.pth", "training-legacy.th", "training-protocol4.pth", "script.pt", "module.pt", "arrays.npz");

    [Theory, MemberData(nameof(Files))]
    public void A_file_cut_anywhere_is_refused(string name)
    {
        var whole = File.ReadAllBytes(ReferenceFiles.Of(name));
        using var folder = new TemporaryFolder();
        for (var length = 1; length < whole.Length; length += length < 300 ? 1 : 37)
        {
            var path = folder.Write("cut.pth", whole[..length]);
            var e = Record.Exception(() => ReadAll(path));
            Assert.True(e is CheckpointException, $"{name} cut at {length}: {e}");
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void Flipped_bytes_are_refused_or_read_and_never_crash(string name)
    {
        var whole = File.ReadAllBytes(ReferenceFiles.Of(name));
        Altered(whole);
    }

    [Fact]
    public void Flipped_bytes_of_safetensors_and_npy_are_refused_or_read_and_never_crash()
    {
        using var folder = new TemporaryFolder();
        CheckpointWriter.SaveSafetensors(folder.File("w.safetensors"),
            [TensorData.Of<float>("a", Torch.DType.Float32, [2, 3], new float[6]),
                TensorData.Of<byte>("b", Torch.DType.UInt8, [5], new byte[5])]);
        NpyWriter.Save(folder.File("a.npy"), TensorData.Of<float>("a", Torch.DType.Float32, [2, 3], new float[6]));
        Altered(File.ReadAllBytes(folder.File("w.safetensors")));
        Altered(File.ReadAllBytes(folder.File("a.npy")));
    }

    /// <summary>How many alterations of each file are tried; SCONCE_FUZZ asks for more.</summary>
    static int Tries => int.TryParse(Environment.GetEnvironmentVariable("SCONCE_FUZZ"), out var tries) ? tries : 300;

    static void Altered(byte[] whole)
    {
        using var folder = new TemporaryFolder();
        var changes = Gen.Two(Gen.Choose(0, int.MaxValue)).ListOf().Select(l => l.Take(6).ToList());
        var unchecksummed = new CheckpointOptions
        {
            Checksums = ChecksumScope.None,
            Limits = new CheckpointLimits { MaxNodes = 200_000, MaxExpandedBytes = 1 << 20, MaxInflatedBytes = 1 << 24 }
        };
        Prop.ForAll(changes.ToArbitrary(), list =>
        {
            var bytes = (byte[])whole.Clone();
            foreach (var (place, value) in list)
                bytes[place % bytes.Length] = (byte)value;
            var path = folder.Write("altered.pth", bytes);
            try
            {
                ReadAll(path, unchecksummed);
            }
            catch (CheckpointException e)
            {
                Assert.StartsWith(path, e.Message);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));
    }

    [Fact]
    public void A_flipped_byte_of_the_pickle_is_found_by_its_checksum()
    {
        var zip = RawZip.Torch(Pickle, ("0", Numbers));
        var at = zip.AsSpan().IndexOf("weight"u8);
        zip[at] = (byte)'W';
        Assert.Contains("'archive/data.pkl': the checksum is wrong", Refused("flipped.pth", zip).Message);
        using var folder = new TemporaryFolder();
        using var checkpoint = Checkpoint.Open(folder.Write("trusted.pth", zip), new CheckpointOptions { Checksums = ChecksumScope.None });
        Assert.Equal("Weight", Assert.Single(checkpoint.Tensors).Name);
    }

    [Fact]
    public void A_flipped_weight_is_found_where_every_checksum_is_asked_for()
    {
        var zip = RawZip.Torch(Pickle, ("0", Numbers));
        zip[zip.AsSpan().IndexOf(Numbers)] ^= 1;
        Assert.Contains("'archive/data/0': the checksum is wrong",
            Refused("flipped.pth", zip, new CheckpointOptions { Checksums = ChecksumScope.Everything }).Message);
    }

    [Fact]
    public void A_legacy_file_cut_between_its_parts_names_the_part()
    {
        var storage = ("0", 4L, Numbers);
        var whole = Legacy.Write(Pickle, storage);
        var withoutStorage = Legacy.Write(Pickle, ("0", 4L, Array.Empty<byte>()));
        Assert.Contains("storage '0': 16 bytes, where the file ends after 15", Refused("cut.th", whole[..^1]).Message);
        Assert.Contains("storage '0': the file ends before it", Refused("cut.th", withoutStorage[..^8]).Message);
        Assert.Contains("protocol version: the file ends", Refused("cut.th", whole[..15]).Message);
        Assert.Contains("protocol version", Refused("cut.th", whole[..18]).Message);
        Assert.Contains("system facts", Refused("cut.th", whole[..25]).Message);
        Assert.Contains("object pickle", Refused("cut.th", whole[..40]).Message);
    }

    [Fact]
    public void Legacy_storages_that_disagree_are_refused()
    {
        Assert.Contains("has 5 elements, but the pickle declares 4", Refused("a.th", Legacy.Write(Pickle, ("0", 5, Numbers))).Message);
        Assert.Contains("has -1 elements", Refused("a.th", Legacy.Write(Pickle, ("0", -1, Numbers))).Message);
        Assert.Contains("no tensor's storage", Refused("a.th", Legacy.Write(Pickle, ("1", 4, Numbers))).Message);
        Assert.Contains("not in the file", Refused("a.th", Legacy.Write(Pickle)).Message);
        Assert.Contains("twice", Refused("a.th", Legacy.Write(Pickle, ("0", 4, Numbers), ("0", 4, Numbers))).Message);
        var huge = new PickleBuilder().Tensor("FloatStorage", "0", 1L << 50, [1], [1]).Stop();
        Assert.Contains("more than the file has", Refused("a.th", Legacy.Write(huge, ("0", 1L << 50, Numbers))).Message);
    }

    [Fact]
    public void A_pickle_of_something_else_is_refused() =>
        Assert.Contains("not a checkpoint's", Refused("a.pkl", [.. new PickleBuilder().Op(PickleOp.None).Stop(), 1, 2, 3]).Message);
}
