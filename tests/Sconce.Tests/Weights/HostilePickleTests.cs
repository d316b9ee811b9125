using System.Text;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Pickles made to do harm. Each is refused with one error that names the file and the fault.</summary>
public class HostilePickleTests
{
    static readonly byte[] Storage = new byte[16];

    static CheckpointException Refused(byte[] pickle, params (string, byte[])[] storages)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("hostile.pth", RawZip.Torch(pickle, storages));
        var e = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path).Dispose());
        Assert.Equal(path, e.Path);
        Assert.StartsWith(path, e.Message);
        return e;
    }

    static PickleBuilder OneTensor(long count, long[] shape, long[] strides, long offset = 0) =>
        new PickleBuilder().Op(PickleOp.EmptyDict).Text("weight").Tensor("FloatStorage", "0", count, shape, strides, offset)
        .Op(PickleOp.SetItem);

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("nt", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "exec")]
    [InlineData("__builtin__", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("builtins", "__import__")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch._utils", "_rebuild_tensor_v9")]
    [InlineData("numpy.core.multiarray", "fromfile")]
    [InlineData("my.own", "function")]
    public void A_pickle_that_calls_anything_is_refused_by_name(string module, string name)
    {
        byte[] reduce = new PickleBuilder().Global(module, name).Text("touch /tmp/harm").Op(PickleOp.Tuple1, PickleOp.Reduce).Stop();
        Assert.Contains($"calls '{module}.{name}'", Refused(reduce).Message);
        byte[] byStack = new PickleBuilder().Text(module).Text(name).Op(PickleOp.StackGlobal).Text("x")
            .Op(PickleOp.Tuple1, PickleOp.Reduce).Stop();
        Assert.Contains($"calls '{module}.{name}'", Refused(byStack).Message);
        byte[] inside = new PickleBuilder().Op(PickleOp.EmptyDict).Text("a").Global(module, name)
            .Op(PickleOp.EmptyTuple, PickleOp.Reduce, PickleOp.SetItem).Stop();
        Assert.Contains($"calls '{module}.{name}'", Refused(inside).Message);
    }

    [Theory]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    public void A_class_of_Pythons_own_is_not_made_a_record(string module, string name) =>
        Assert.Contains($"'{module}.{name}'",
            Refused(new PickleBuilder().Global(module, name).Op(PickleOp.EmptyTuple, PickleOp.NewObj).Stop()).Message);

    [Fact]
    public void A_call_in_a_legacy_file_is_refused_as_well()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("legacy.th",
            Legacy.Write(new PickleBuilder().Global("os", "system").Text("x").Op(PickleOp.Tuple1, PickleOp.Reduce).Stop()));
        Assert.Contains("calls 'os.system'", Assert.Throws<CheckpointException>(() => Checkpoint.Open(path)).Message);
    }

    [Fact]
    public void The_old_instructions_that_call_classes_are_refused()
    {
        Assert.Contains("Inst",
            Refused(new PickleBuilder().Op(PickleOp.Mark, PickleOp.Inst).Raw("os\nsystem\n"u8.ToArray()).Stop()).Message);
        Assert.Contains("Obj", Refused(new PickleBuilder().Op(PickleOp.Mark).Global("os", "system").Op(PickleOp.Obj).Stop()).Message);
        Assert.Contains("extension registry", Refused(new PickleBuilder().Op(PickleOp.Ext1).Raw(1).Stop()).Message);
    }

    [Fact]
    public void An_unknown_class_is_a_record_and_nothing_of_it_runs()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("cfg").Global("my.pkg", "Config")
            .Op(PickleOp.EmptyTuple, PickleOp.NewObj)
            .Op(PickleOp.EmptyDict).Text("depth").Int(12).Op(PickleOp.SetItem, PickleOp.Build, PickleOp.SetItem).Stop();
        using var checkpoint = Checkpoint.Open(folder.Write("record.pth", RawZip.Torch(pickle)));
        var record = Assert.IsType<CheckpointObject>(Assert.IsType<CheckpointDictionary>(checkpoint.Root)["cfg"]);
        Assert.Equal("my.pkg.Config", record.ClassName);
        Assert.Equal(12L, Assert.IsType<CheckpointDictionary>(record.State)["depth"]);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Deep_nesting_is_refused(int depth)
    {
        var lists = new PickleBuilder();
        for (var i = 0; i < depth; i++)
            lists.Op(PickleOp.EmptyList);
        for (var i = 1; i < depth; i++)
            lists.Op(PickleOp.Append);
        Assert.Contains("nested deeper than 256", Refused(lists.Stop()).Message);

        var tuples = new PickleBuilder().Op(PickleOp.EmptyTuple);
        for (var i = 0; i < depth; i++)
            tuples.Op(PickleOp.Tuple1);
        Assert.Contains("nested deeper than 256", Refused(tuples.Stop()).Message);
    }

    [Fact]
    public void Deep_nesting_through_shared_containers_is_refused()
    {
        // Each level is finished, and short, before the next holds it.
        var pickle = new PickleBuilder().Op(PickleOp.EmptyList, PickleOp.Mark, PickleOp.EmptyList, PickleOp.BinPut).Raw(0);
        for (var i = 0; i < 500; i++)
            pickle.Op(PickleOp.BinGet).Raw(0).Op(PickleOp.Tuple1, PickleOp.BinPut).Raw(0);
        Assert.Contains("nested deeper", Refused(pickle.Op(PickleOp.Appends).Stop()).Message);
    }

    [Fact]
    public void A_container_that_holds_itself_is_refused() =>
        Assert.Contains("holds itself",
            Refused(new PickleBuilder().Op(PickleOp.EmptyList, PickleOp.BinPut).Raw(0).Op(PickleOp.BinGet).Raw(0).Op(PickleOp.Append)
                .Stop()).Message);

    [Fact]
    public void A_memo_bomb_does_not_unfold()
    {
        // Billion laughs: 40 dictionaries, each holding the one before ten times, round one tensor.
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("w").Tensor("FloatStorage", "0", 4, [4], [1]).Op(PickleOp.SetItem);
        for (byte level = 0; level < 40; level++)
        {
            pickle.Op(PickleOp.BinPut).Raw(level).Op(PickleOp.Pop, PickleOp.EmptyDict, PickleOp.Mark);
            for (var i = 0; i < 10; i++)
                pickle.Text(i.ToString()).Op(PickleOp.BinGet).Raw(level);
            pickle.Op(PickleOp.SetItems);
        }
        Assert.Contains("more than", Refused(pickle.Stop(), ("0", Storage)).Message);
    }

    [Fact]
    public void A_memo_bomb_without_tensors_opens_as_the_small_thing_it_is()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict);
        for (byte level = 0; level < 40; level++)
        {
            pickle.Op(PickleOp.BinPut).Raw(level).Op(PickleOp.Pop, PickleOp.EmptyDict, PickleOp.Mark);
            for (var i = 0; i < 10; i++)
                pickle.Text(i.ToString()).Op(PickleOp.BinGet).Raw(level);
            pickle.Op(PickleOp.SetItems);
        }
        var path = folder.Write("laughs.pth", RawZip.Torch(pickle.Stop()));
        var e = Record.Exception(() =>
            Checkpoint.Open(path, new CheckpointOptions { Limits = new CheckpointLimits { MaxNodes = 100_000 } }).Dispose());
        Assert.IsType<CheckpointException>(e);
    }

    [Fact]
    public void A_list_copied_again_and_again_is_refused()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyList, PickleOp.BinPut).Raw(0).Op(PickleOp.Mark);
        for (var i = 0; i < 20_000; i++)
            pickle.Op(PickleOp.None);
        pickle.Op(PickleOp.Appends);
        for (var i = 0; i < 20_000; i++)
            pickle.Global("builtins", "list").Op(PickleOp.BinGet).Raw(0).Op(PickleOp.Tuple1, PickleOp.Reduce, PickleOp.Pop);
        Assert.Contains("copy more than", Refused(pickle.Stop()).Message);
    }

    [Fact]
    public void A_million_keys_made_to_collide_do_not_hang()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark);
        for (long i = 1; i <= 1_000_000; i++)
            pickle.Int(i << 32 | i).Op(PickleOp.None);    // the two halves of each cancel in .NET's own hash
        using var checkpoint = Checkpoint.Open(folder.Write("keys.pth", RawZip.Torch(pickle.Op(PickleOp.SetItems).Stop())));
        Assert.Equal(1_000_000, Assert.IsType<CheckpointDictionary>(checkpoint.Root).Count);
    }

    [Fact]
    public void More_values_than_the_limit_are_refused()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op(PickleOp.EmptyList, PickleOp.Mark).Op([.. Enumerable.Repeat(PickleOp.None, 5000)])
            .Op(PickleOp.Appends).Stop();
        var path = folder.Write("many.pth", RawZip.Torch(pickle));
        Checkpoint.Open(path).Dispose();
        var e = Assert.Throws<CheckpointException>(() =>
            Checkpoint.Open(path, new CheckpointOptions { Limits = new CheckpointLimits { MaxNodes = 1000 } }));
        Assert.Contains("more than 1000 values", e.Message);
    }

    [Fact]
    public void Huge_declared_sizes_are_refused_without_being_allocated()
    {
        byte[] huge = [.. BitConverter.GetBytes(long.MaxValue)], max = [.. BitConverter.GetBytes(ulong.MaxValue)];
        foreach (var size in new[] { huge, max })
        {
            foreach (var op in new[] { PickleOp.BinUnicode8, PickleOp.BinBytes8, PickleOp.ByteArray8, PickleOp.Frame })
                Assert.Contains("breaks off", Refused(new PickleBuilder().Op(op).Raw(size).Stop()).Message);
        }
        byte[] large = BitConverter.GetBytes(0x7FFFFFFF), largest = BitConverter.GetBytes(0xFFFFFFFF);
        foreach (var size in new[] { large, largest })
        {
            foreach (var op in new[] { PickleOp.BinUnicode, PickleOp.BinBytes, PickleOp.BinString })
                Assert.Contains("breaks off", Refused(new PickleBuilder().Op(op).Raw(size).Stop()).Message);
            Assert.Contains("a number of", Refused(new PickleBuilder().Op(PickleOp.Long4).Raw(size).Stop()).Message);
        }
        Assert.Contains("a line of",
            Refused(new PickleBuilder().Op(PickleOp.Long).Raw(Encoding.ASCII.GetBytes(new string('9', 100_000) + "L\n")).Stop()).Message);
        Assert.Contains("memo 4294967295 was never set",
            Refused(new PickleBuilder().Op(PickleOp.LongBinGet).Raw(255, 255, 255, 255).Stop()).Message);
    }

    [Theory]
    [InlineData(new long[] { 5 }, new long[] { 1 }, 0)]
    [InlineData(new long[] { 2 }, new long[] { 4 }, 0)]
    [InlineData(new long[] { 4 }, new long[] { 1 }, 1)]
    [InlineData(new long[] { 2, 2 }, new long[] { 3, 1 }, 0)]
    [InlineData(new long[] { 2 }, new long[] { long.MaxValue }, 0)]
    [InlineData(new long[] { 4294967296, 2 }, new long[] { 4294967296, 1 }, 0)]
    [InlineData(new long[] { 1 }, new long[] { 1 }, long.MaxValue)]
    [InlineData(new long[] { 1 }, new long[] { 1 }, 4)]
    public void A_tensor_outside_its_storage_is_refused(long[] shape, long[] strides, long offset)
    {
        var e = Refused(OneTensor(4, shape, strides, offset).Stop(), ("0", Storage));
        Assert.Contains("outside its storage", e.Message);
        Assert.Contains("'weight'", e.Message);
    }

    [Theory]
    [InlineData(new long[] { -1 }, new long[] { 1 }, 0)]
    [InlineData(new long[] { 2 }, new long[] { -1 }, 2)]
    [InlineData(new long[] { 2 }, new long[] { 1 }, -1)]
    public void Negative_shapes_strides_and_offsets_are_refused(long[] shape, long[] strides, long offset) =>
        Assert.Matches("negative|at offset -1", Refused(OneTensor(4, shape, strides, offset).Stop(), ("0", Storage)).Message);

    [Fact]
    public void Shapes_that_overflow_or_disagree_with_strides_are_refused()
    {
        Assert.Contains("too large", Refused(OneTensor(4, [1L << 40, 1L << 40], [0, 0]).Stop(), ("0", Storage)).Message);
        Assert.Contains("repeats a storage", Refused(OneTensor(4, [1L << 20, 1L << 20], [0, 0]).Stop(), ("0", Storage)).Message);
        Assert.Contains("2 dimensions but 1 strides", Refused(OneTensor(4, [2, 2], [1]).Stop(), ("0", Storage)).Message);
        Assert.Contains("65 dimensions",
            Refused(OneTensor(4, [.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)]).Stop(), ("0", Storage)).Message);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(0)]
    [InlineData(1L << 40)]
    public void A_storage_that_disagrees_with_its_record_is_refused(long declared)
    {
        var e = Refused(OneTensor(declared, [1], [1]).Stop(), ("0", Storage));
        Assert.Contains("'archive/data/0' has 16 bytes", e.Message);
        Assert.Contains($"{declared} elements", e.Message);
    }

    [Fact]
    public void Storages_that_are_absurd_or_absent_are_refused()
    {
        Assert.Contains("declares -1 elements", Refused(OneTensor(-1, [1], [1]).Stop(), ("0", Storage)).Message);
        Assert.Contains("declares", Refused(OneTensor(long.MaxValue, [1], [1]).Stop(), ("0", Storage)).Message);
        Assert.Contains("record 'archive/data/0' is missing", Refused(OneTensor(4, [4], [1]).Stop()).Message);
        var climbing = new PickleBuilder().Tensor("FloatStorage", "../../etc/passwd", 4, [4], [1]).Stop();
        Assert.Contains("is missing", Refused(climbing, ("0", Storage)).Message);
        var typed = new PickleBuilder().Tensor("Q7Storage", "0", 16, [16], [1]).Stop();
        Assert.Contains("torch.Q7Storage", Refused(typed, ("0", Storage)).Message);
    }

    [Fact]
    public void A_machine_that_runs_wild_is_stopped()
    {
        Assert.Contains("a value that is not there", Refused(new PickleBuilder().Op(PickleOp.Pop).Stop()).Message);
        Assert.Contains("a value that is not there",
            Refused(new PickleBuilder().Op(PickleOp.None, PickleOp.Mark, PickleOp.Pop).Stop()).Message);
        Assert.Contains("a mark that is not there", Refused(new PickleBuilder().Op(PickleOp.Tuple).Stop()).Message);
        Assert.Contains("a key without a value",
            Refused(new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark, PickleOp.None, PickleOp.SetItems).Stop()).Message);
        Assert.Contains("no dictionary",
            Refused(new PickleBuilder().Op(PickleOp.None, PickleOp.None, PickleOp.None, PickleOp.SetItem).Stop()).Message);
        Assert.Contains("no list", Refused(new PickleBuilder().Op(PickleOp.None, PickleOp.None, PickleOp.Append).Stop()).Message);
        Assert.Contains("no function", Refused(new PickleBuilder().Op(PickleOp.None, PickleOp.EmptyTuple, PickleOp.Reduce).Stop()).Message);
        Assert.Contains("no tuple", Refused(new PickleBuilder().Global("os", "system").Op(PickleOp.None, PickleOp.Reduce).Stop()).Message);
        Assert.Contains("state for something",
            Refused(new PickleBuilder().Op(PickleOp.None, PickleOp.None, PickleOp.Build).Stop()).Message);
        Assert.Contains("0xff is no instruction", Refused(new PickleBuilder().Raw(0xFF).Stop()).Message);
        Assert.Contains("breaks off", Refused(new PickleBuilder().Op(PickleOp.None).CutOff()).Message);
        Assert.Contains("protocol 6", Refused(new PickleBuilder().Op(PickleOp.Proto).Raw(6).Stop()).Message);
        Assert.Contains("not UTF-8", Refused(new PickleBuilder().Op(PickleOp.ShortBinUnicode).Raw(1, 0xFF).Stop()).Message);
        Assert.Contains("bytes after the pickle's end", Refused([.. new PickleBuilder().Op(PickleOp.None).Stop(), 0]).Message);
    }

    [Fact]
    public void A_name_that_grows_without_end_is_refused()
    {
        var name = new string('x', 5000);
        var e = Refused(new PickleBuilder().Op(PickleOp.EmptyDict).Text(name).Tensor("FloatStorage", "0", 4, [4], [1]).Op(PickleOp.SetItem)
            .Stop(), ("0", Storage));
        Assert.Contains("longer than 4096", e.Message);
        Assert.True(e.Message.Length < 1000, "the message is short though the name is long");
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark)
            .Text("a.b").Tensor("FloatStorage", "0", 4, [4], [1])
            .Text("a").Op(PickleOp.EmptyDict).Text("b").Tensor("FloatStorage", "0", 4, [4], [1]).Op(PickleOp.SetItem, PickleOp.SetItems);
        Assert.Contains("both named 'a.b'", Refused(pickle.Stop(), ("0", Storage)).Message);
    }

    [Fact]
    public void NumPy_arrays_are_held_against_their_bytes()
    {
        PickleBuilder Array(long size, string code) => new PickleBuilder()
            .Global("numpy.core.multiarray", "_reconstruct").Op(PickleOp.Mark).Global("numpy", "ndarray").Numbers(0).Text("b")
            .Op(PickleOp.Tuple, PickleOp.Reduce)
            .Op(PickleOp.Mark).Int(1).Numbers(size).Global("numpy", "dtype").Text(code).Op(PickleOp.Tuple1, PickleOp.Reduce)
            .Op(PickleOp.NewFalse).Op(PickleOp.ShortBinBytes).Raw(8, 1, 2, 3, 4, 5, 6, 7, 8).Op(PickleOp.Tuple, PickleOp.Build);
        Assert.Contains("takes 12 bytes, but 8", Refused(Array(3, "<f4").Stop()).Message);
        Assert.Contains("too large", Refused(Array(long.MaxValue, "<f4").Stop()).Message);
        Assert.Contains("no tuple of sizes", Refused(Array(-1, "<f4").Stop()).Message);
        using var folder = new TemporaryFolder();
        using var checkpoint = Checkpoint.Open(folder.Write("array.pth", RawZip.Torch(Array(2, "<f4").Stop())));
        Assert.Equal([2L], checkpoint["tensor"].Shape);
    }
}
