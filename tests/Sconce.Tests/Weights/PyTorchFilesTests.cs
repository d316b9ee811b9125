using System.Numerics;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Files that PyTorch wrote (Files/make.py), in each of its formats.</summary>
public class PyTorchFilesTests
{
    public static TheoryData<string, CheckpointFormat> Training => new()
    {
        { "training.pth", CheckpointFormat.PyTorchZip },
        { "training-protocol4.pth", CheckpointFormat.PyTorchZip },
        { "training-legacy.th", CheckpointFormat.PyTorchLegacy },
    };

    [Theory, MemberData(nameof(Training))]
    public void The_state_dict_is_found_and_its_prefix_taken_off(string name, CheckpointFormat format)
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of(name));
        Assert.Equal(format, checkpoint.Format);
        Assert.Equal("state_dict", checkpoint.Wrapper);
        Assert.Equal(["state_dict", "state_dict_ema"], checkpoint.Wrappers);
        Assert.Equal("module.", checkpoint.StrippedPrefix);
        Assert.Equal("uint8", checkpoint.Tensors[0].Name);
        Assert.Equal("array", checkpoint.Tensors[^1].Name);
        Assert.Equal(19, checkpoint.Tensors.Count);
    }

    [Theory, MemberData(nameof(Training))]
    public void Every_dtype_keeps_its_numbers(string name, CheckpointFormat format)
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of(name));
        Assert.Equal(format, checkpoint.Format);
        Assert.Equal([0, 1, 2], Read<byte>("uint8", DType.UInt8));
        Assert.Equal([0, 1, 2], Read<sbyte>("int8", DType.Int8));
        Assert.Equal([0, 1, 2], Read<short>("int16", DType.Int16));
        Assert.Equal([0, 1, 2], Read<int>("int32", DType.Int32));
        Assert.Equal([0, 1, 2], Read<long>("int64", DType.Int64));
        Assert.Equal([(Half)0, (Half)1, (Half)2], Read<Half>("float16", DType.Float16));
        Assert.Equal([0, 0x3F80, 0x4000], Read<ushort>("bfloat16", DType.BFloat16));
        Assert.Equal([0, 1, 2], Read<float>("float32", DType.Float32));
        Assert.Equal([0, 1, 2], Read<double>("float64", DType.Float64));
        Assert.Equal([0, 0, 1, 0, 2, 0], Halves<float>("complex64", DType.Complex64));
        Assert.Equal([Complex.Zero, Complex.One, new Complex(2, 0)], Read<Complex>("complex128", DType.Complex128));
        Assert.Equal([0, 1, 1], Read<byte>("bool", DType.Bool));

        T[] Read<T>(string key, DType dtype) where T : unmanaged
        {
            Assert.Equal(dtype, checkpoint[key].DType);
            return checkpoint[key].ToArray<T>();
        }

        T[] Halves<T>(string key, DType dtype) where T : unmanaged =>
            System.Runtime.InteropServices.MemoryMarshal.Cast<long, T>(Read<long>(key, dtype)).ToArray();
    }

    [Theory, MemberData(nameof(Training))]
    public void Shared_and_strided_tensors_are_windows_on_one_storage(string name, CheckpointFormat format)
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of(name));
        Assert.Equal(format, checkpoint.Format);
        var (whole, transposed, window) = (checkpoint["whole"], checkpoint["transposed"], checkpoint["window"]);
        Assert.Same(whole.Storage, transposed.Storage);
        Assert.Same(whole.Storage, window.Storage);
        Assert.True(whole.IsContiguous);
        Assert.False(transposed.IsContiguous);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), whole.ToArray<float>());
        Assert.Equal(from c in Enumerable.Range(0, 6) from r in Enumerable.Range(0, 4) select r * 6f + c, transposed.ToArray<float>());
        Assert.Equal([8, 9, 10, 14, 15, 16], window.ToArray<float>());
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], checkpoint["repeated"].ToArray<float>());
        Assert.Empty(checkpoint["empty"].ToArray<float>());
        Assert.Equal([0, 1], checkpoint["parameter"].ToArray<float>());
        Assert.Equal([0, 1, 2, 3, 4, 5], checkpoint["array"].ToArray<float>().Order());
        // arange(6).reshape((2, 3), order='F'): big-endian, column-major
        Assert.Equal([0, 2, 4, 1, 3, 5], checkpoint["array"].ToArray<float>());
    }

    [Theory, MemberData(nameof(Training))]
    public void What_is_no_tensor_is_metadata_and_tree(string name, CheckpointFormat format)
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of(name));
        Assert.Equal(format, checkpoint.Format);
        Assert.Equal(12L, checkpoint.Metadata["epoch"]);
        Assert.Equal(0.1, checkpoint.Metadata["args.lr"]);
        Assert.Equal("vit", checkpoint.Metadata["args.name"]);
        Assert.Equal("/a/b", checkpoint.Metadata["args.out"]);
        Assert.Equal(3.5, checkpoint.Metadata["score"]);
        Assert.Equal(-3L, checkpoint.Metadata["hits"]);
        Assert.Equal("cuda:0", checkpoint.Metadata["device"]);
        Assert.Equal(DType.Float16, checkpoint.Metadata["dtype"]);
        Assert.Equal(BigInteger.Pow(2, 70), checkpoint.Metadata["big"]);
        var root = Assert.IsType<CheckpointDictionary>(checkpoint.Root);
        Assert.Equal(new object[] { "cat", "dog" }, (IReadOnlyList<object?>)root["labels"]!);
        Assert.Equal(new object[] { 1L, 2L }, (IReadOnlyList<object?>)root["size"]!);
        Assert.Equal([76.5f], Assert.IsType<CheckpointTensor>(root["best_acc1"]).ToArray<float>());
    }

    [Fact]
    public void Another_wrapper_can_be_asked_for()
    {
        using var ema = Checkpoint.Open(ReferenceFiles.Of("training.pth"),
            new CheckpointOptions { Wrapper = "state_dict_ema", StripPrefix = "" });
        Assert.Equal("module.whole", Assert.Single(ema.Tensors).Name);
        Assert.Equal(46, ema.Tensors[0].ToArray<float>()[^1]);
    }

    [Fact]
    public void A_wrapper_that_is_not_there_is_answered_with_those_that_are()
    {
        var e = Assert.Throws<CheckpointException>(() =>
            Checkpoint.Open(ReferenceFiles.Of("training.pth"), new CheckpointOptions { Wrapper = "state_dict_emma" }));
        Assert.Contains("'epoch'", e.Message);
        Assert.Contains("Did you mean state_dict_ema or state_dict?", e.Message);
    }

    [Fact]
    public void A_TorchScript_archive_gives_its_modules_state_dict()
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of("script.pt"));
        Assert.Equal(CheckpointFormat.TorchScript, checkpoint.Format);
        Assert.Equal(
            ["0.scale", "0.fc.weight", "0.fc.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
            checkpoint.Tensors.Select(t => t.Name));
        Assert.Equal(DType.Float16, checkpoint["0.fc.weight"].DType);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => (Half)i), checkpoint["0.fc.weight"].ToArray<Half>());
        Assert.Equal([(Half)10, (Half)11, (Half)12], checkpoint["0.fc.bias"].ToArray<Half>());
        Assert.Equal(DType.Int64, checkpoint["1.num_batches_tracked"].DType);
        var root = Assert.IsType<CheckpointObject>(checkpoint.Root);
        Assert.Equal("__torch__.torch.nn.modules.container.Sequential", root.ClassName);
        var block = Assert.IsType<CheckpointObject>(Assert.IsType<CheckpointDictionary>(root.State)["0"]);
        var attributes = Assert.IsType<CheckpointDictionary>(block.State);
        Assert.Equal(7L, attributes["size"]);
        Assert.Equal(new object[] { 1L, 2L }, (IReadOnlyList<object?>)attributes["sizes"]!);
    }

    [Fact]
    public void A_whole_pickled_module_gives_its_state_dict_without_running_its_class()
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of("module.pt"));
        Assert.Equal("model", checkpoint.Wrapper);
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
            checkpoint.Tensors.Select(t => t.Name));
        Assert.Equal([10, 11], checkpoint["0.bias"].ToArray<float>());
    }

    [Fact]
    public void The_published_ResNet20_opens()
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Shared("data/checkpoints/resnet20-12fca82f.th"));
        Assert.Equal(CheckpointFormat.PyTorchLegacy, checkpoint.Format);
        Assert.Equal(97, checkpoint.Tensors.Count);
        Assert.Equal(271_098, checkpoint.Tensors.Sum(t => t.ElementCount));
        Assert.Equal(["conv1.weight", "bn1.weight", "bn1.bias"], checkpoint.Tensors.Take(3).Select(t => t.Name));
        Assert.Equal(91.78, Assert.IsType<double>(checkpoint.Metadata["best_prec1"]), 1e-3);
        Assert.Equal([10L, 64L], checkpoint["linear.weight"].Shape);
        var bias = checkpoint["linear.bias"].ToArray<float>();
        Assert.Equal(0.1936, bias[0], 1e-4);
        Assert.Equal(-0.2703, bias[9], 1e-4);
        Assert.Equal(1.3101, checkpoint["conv1.weight"].ToArray<float>().Sum(x => (double)x), 1e-4);
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_answered_with_the_nearest_names()
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of("training.pth"));
        Assert.Contains("Did you mean window?", Assert.Throws<CheckpointException>(() => checkpoint["windwo"]).Message);
    }

    [Fact]
    public void A_closed_checkpoint_refuses_to_read()
    {
        var checkpoint = Checkpoint.Open(ReferenceFiles.Of("training.pth"));
        var tensor = checkpoint["whole"];
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray<float>());
        checkpoint.Dispose();
    }

    [Fact]
    public void A_big_endian_archive_is_turned()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark)
            .Text("w").Tensor("FloatStorage", "0", 2, [2], [1])
            .Text("c").Tensor("ComplexFloatStorage", "1", 1, [1], [1]).Op(PickleOp.SetItems).Stop();
        var zip = new RawZip().Add("x/data.pkl", pickle).Add("x/byteorder", "big"u8.ToArray())
            .Add("x/data/0", [0x3F, 0x80, 0, 0, 0x40, 0, 0, 0]).Add("x/data/1", [0x3F, 0x80, 0, 0, 0x40, 0, 0, 0]);
        using var checkpoint = Checkpoint.Open(folder.Write("big.pt", zip.Bytes()));
        Assert.Equal([1, 2], checkpoint["w"].ToArray<float>());
        Assert.Equal(BitConverter.SingleToUInt32Bits(1) | (long)BitConverter.SingleToUInt32Bits(2) << 32,
            checkpoint["c"].ToArray<long>()[0]);
    }

    [Fact]
    public void A_repacked_compressed_archive_reads_the_same()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("w").Tensor("FloatStorage", "0", 256, [256], [1])
            .Op(PickleOp.SetItem).Stop();
        var zip = new RawZip().Add("x/data.pkl", pickle, deflate: true).Add("x/data/0", new byte[1024], deflate: true);
        using var checkpoint = Checkpoint.Open(folder.Write("packed.pt", zip.Bytes()));
        Assert.Equal(new float[256], checkpoint["w"].ToArray<float>());
    }
}
