using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Small files that would unfold to much, each refused by a count before it costs memory.</summary>
public sealed class BoundedMemoryTests : IDisposable
{
    private static readonly CheckpointOptions Small = new()
    {
        Limits = new CheckpointLimits
        {
            MaxNodes = 20_000,
            MaxInflatedPickleBytes = 100_000,
            MaxNameCharacters = 50_000
        }
    };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Instances_made_of_one_long_tuple_count_it_each_time(bool byKeyword)
    {
        var pickle = new PickleBuilder().Op(PickleOp.Mark).Op([.. Enumerable.Repeat(PickleOp.None, 5000)]).Op(PickleOp.Tuple,
            PickleOp.BinPut).Raw(0).Global("my", "Class").Op(PickleOp.BinPut).Raw(1)
            .Op(PickleOp.EmptyDict).Text("k").Op(PickleOp.None, PickleOp.SetItem, PickleOp.BinPut).Raw(2);
        for (var i = 0; i < 100; i++)
        {
            pickle.Op(PickleOp.BinGet).Raw(1).Op(PickleOp.BinGet).Raw(0);
            if (byKeyword)
                pickle.Op(PickleOp.BinGet).Raw(2).Op(PickleOp.NewObjEx, PickleOp.Pop);
            else
                pickle.Op(PickleOp.NewObj, PickleOp.Pop);
        }
        Assert.Contains("copy more than", Refused(RawZip.Torch(pickle.Stop())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_memo_of_a_value_a_byte_is_bounded()
    {
        var pickle = new PickleBuilder().Op(PickleOp.None).Op([.. Enumerable.Repeat(PickleOp.Memoize, 30_000)]);
        Assert.Contains("kept for later", Refused(RawZip.Torch(pickle.Stop())), StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_thousands_of_tensors_share_are_counted()
    {
        var pickle = new PickleBuilder().Numbers([.. Enumerable.Repeat(1L, 64)]).Op(PickleOp.BinPut).Raw(0)
            .Op(PickleOp.Mark).Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Int(1).Op(PickleOp.Tuple,
                PickleOp.BinPersId, PickleOp.BinPut).Raw(1)
            .Global("torch._utils", "_rebuild_tensor").Op(PickleOp.BinPut).Raw(2);
        for (var i = 0; i < 1500; i++)
            pickle.Op(PickleOp.BinGet).Raw(2).Op(PickleOp.Mark, PickleOp.BinGet).Raw(1).Int(0).Op(PickleOp.BinGet).Raw(0)
                .Op(PickleOp.BinGet).Raw(0).Op(PickleOp.Tuple, PickleOp.Reduce, PickleOp.Pop);
        Assert.Contains("copy more than", Refused(RawZip.Torch(pickle.Stop(), ("0", new byte[4]))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_a_state_dict_are_bounded_together()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text(new string('x', 1000)).Op(PickleOp.EmptyDict, PickleOp.Mark);
        for (var i = 0; i < 100; i++)
            pickle.Text($"{i}").Tensor("FloatStorage", "0", 1, [1], [1]);
        pickle.Op(PickleOp.SetItems, PickleOp.SetItem);
        Assert.Contains("names of more than 50000 characters", Refused(RawZip.Torch(pickle.Stop(), ("0", new byte[4]))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_an_archive_are_bounded_together()
    {
        var zip = new RawZip();
        for (var i = 0; i < 100; i++)
            zip.Add(new string('x', 1000) + i, []);
        Assert.Contains("names of more than 50000 characters", Refused(zip.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_pickle_is_bounded_more_narrowly_than_a_stored_one()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("text").Text(new string('x', 200_000)).Op(PickleOp.SetItem).Stop();
        Assert.Contains("compressed", Refused(new RawZip().Add("archive/data.pkl", pickle, deflate: true).Bytes()),
            StringComparison.Ordinal);
        Checkpoint.Open(folder.Write("stored.pth", RawZip.Torch(pickle)), Small).Dispose();
    }

    [Fact]
    public void Listing_an_archive_of_arrays_unpacks_their_headers_alone()
    {
        var array = OddEntriesTests.Npy("<f4", "(50000000,)", new byte[200_000_000]);
        var path = folder.Write("a.npz", new RawZip().Add("a.npy", array, deflate: true).Add("b.npy", array, deflate: true).Bytes());
        Assert.True(new FileInfo(path).Length < 1_000_000);
        var before = Environment.WorkingSet;
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal([50_000_000L, 50_000_000L], checkpoint.Tensors.Select(tensor => tensor.ElementCount));
        Assert.True(Environment.WorkingSet - before < 150_000_000, "neither array was unpacked");
    }

    [Fact]
    public void A_header_whose_compressed_bytes_are_damaged_is_refused()
    {
        var bytes = new RawZip().Add("a.npy", OddEntriesTests.Npy("<f4", "(1,)", new byte[4]), deflate: true).Bytes();
        bytes.AsSpan(30 + 5, 20).Fill(0xFF);
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Write("a.npz", bytes)));
        Assert.Contains("a.npy", error.Message, StringComparison.Ordinal);
    }

    private string Refused(byte[] file) =>
        Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Write("a.pth", file), Small).Dispose()).Message;
}
