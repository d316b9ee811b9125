using FsCheck;
using FsCheck.Fluent;
using Sconce.Files;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

public class CheckpointWriterTests
{
    static readonly float[] Six = [0, 1, 2, 3, 4, 5];

    static StorageData Storage(params float[] values) =>
        StorageData.Of(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    static List<TensorData> Tensors()
    {
        var shared = Storage(Six);
        return
        [
            new TensorData("conv.weight", DType.Float32, [2, 3], shared),
            new TensorData("conv.transposed", DType.Float32, [3, 2], shared, [1, 3]),
            new TensorData("conv.part", DType.Float32, [2], shared, default, 4),
            TensorData.Of<long>("steps", DType.Int64, [], [7]),
            TensorData.Of<Half>("half", DType.Float16, [2], [(Half)1, (Half)2]),
            TensorData.Of<ushort>("brain", DType.BFloat16, [2], [0x3F80, 0x4000]),
            TensorData.Of<byte>("flags", DType.Bool, [2], [0, 1]),
            TensorData.Of<ulong>("complex", DType.Complex64, [1], [0x3F80_0000_0000_0000]),
            TensorData.Of<float>("empty", DType.Float32, [0, 3], []),
        ];
    }

    [Fact]
    public void PyTorch_loads_what_is_written_with_weights_only()
    {
        using var folder = new TemporaryFolder();
        CheckpointWriter.SavePyTorch(folder.File("w.pth"), Tensors());
        Assert.Equal("ok", Python.Run($"""
            import torch
            d = torch.load(r"{folder.File("w.pth")}", weights_only=True)
            assert list(d) == ["conv.weight", "conv.transposed", "conv.part", "steps", "half", "brain", "flags", "complex", "empty"], list(d)
            w = torch.arange(6.).reshape(2, 3)
            assert torch.equal(d["conv.weight"], w) and torch.equal(d["conv.transposed"], w.t()) and torch.equal(d["conv.part"], torch.tensor([4., 5.]))
            assert d["conv.weight"].storage().data_ptr() == d["conv.part"].storage().data_ptr() == d["conv.transposed"].storage().data_ptr()
            assert d["steps"].dtype == torch.int64 and d["steps"].item() == 7 and d["steps"].dim() == 0
            assert d["half"].dtype == torch.float16 and d["half"].tolist() == [1, 2] and d["brain"].dtype == torch.bfloat16 and d["brain"].tolist() == [1, 2]
            assert d["flags"].tolist() == [False, True] and d["complex"].tolist() == [1j] and d["empty"].shape == (0, 3)
            import zipfile
            z = zipfile.ZipFile(r"{folder.File("w.pth")}")
            assert z.testzip() is None
            print("ok")
            """));
    }

    [Fact]
    public void PyTorch_loads_wrappers_and_plain_values()
    {
        using var folder = new TemporaryFolder();
        var metadata = new Dictionary<string, object?>
        {
            ["epoch"] = 3,
            ["lr"] = 0.5,
            ["name"] = "zwölf",
            ["none"] = null,
            ["on"] = true,
            ["big"] = long.MaxValue,
            ["list"] = new object?[] { 1, "two", new Dictionary<string, object?> { ["three"] = 3.5f } },
        };
        CheckpointWriter.SavePyTorch(folder.File("w.pth"), Tensors(), new PyTorchSaveOptions { Metadata = metadata });
        Assert.Equal("ok", Python.Run($$"""
            import torch
            d = torch.load(r"{{folder.File("w.pth")}}", weights_only=False)    # 1.13's weights_only knows no floats
            s = d.pop("state_dict")
            assert d == {"epoch": 3, "lr": 0.5, "name": "zwölf", "none": None, "on": True, "big": 2**63 - 1, "list": [1, "two", {"three": 3.5}]}, d
            assert len(s) == 9
            print("ok")
            """));
        using var back = Checkpoint.Open(folder.File("w.pth"));
        Assert.Equal("state_dict", back.Wrapper);
        Assert.Equal(3L, back.Metadata["epoch"]);
        Assert.Equal("zwölf", back.Metadata["name"]);
    }

    [Fact]
    public void Both_formats_read_back_as_written()
    {
        using var folder = new TemporaryFolder();
        CheckpointWriter.SavePyTorch(folder.File("w.pth"), Tensors());
        CheckpointWriter.SaveSafetensors(folder.File("w.safetensors"), Tensors(), new Dictionary<string, string> { ["format"] = "pt" });
        using var torch = Checkpoint.Open(folder.File("w.pth"), new CheckpointOptions { Checksums = ChecksumScope.Everything });
        using var safe = Checkpoint.Open(folder.File("w.safetensors"));
        foreach (var checkpoint in new[] { torch, safe })
        {
            Assert.Equal(Tensors().Select(t => t.Name).Order(), checkpoint.Tensors.Select(t => t.Name).Order());
            Assert.Equal(Six, checkpoint["conv.weight"].ToArray<float>());
            Assert.Equal([0, 3, 1, 4, 2, 5], checkpoint["conv.transposed"].ToArray<float>());
            Assert.Equal([4, 5], checkpoint["conv.part"].ToArray<float>());
            Assert.Equal([7], checkpoint["steps"].ToArray<long>());
            Assert.Equal(DType.BFloat16, checkpoint["brain"].DType);
        }
        Assert.Same(torch["conv.weight"].Storage, torch["conv.part"].Storage);
        Assert.Equal("pt", safe.Metadata["format"]);
    }

    [Fact]
    public void Stored_bytes_begin_at_multiples_of_64()
    {
        using var folder = new TemporaryFolder();
        CheckpointWriter.SavePyTorch(folder.File("w.pth"), Tensors());
        using var file = new CheckpointFile(folder.File("w.pth"), new CheckpointOptions());
        Assert.All(ZipDirectory.Read(file).Entries, e => Assert.Equal(0, e.DataOffset % 64));
    }

    /// <summary>A reader that shares nothing with the product's: Python's json and slices.</summary>
    [Fact]
    public void Safetensors_hold_to_the_formats_description()
    {
        using var folder = new TemporaryFolder();
        CheckpointWriter.SaveSafetensors(folder.File("w.safetensors"), Tensors(), new Dictionary<string, string> { ["a\"b"] = "ü" });
        Assert.Equal("ok", Python.Run($$"""
            import json, struct
            import numpy as np
            raw = open(r"{{folder.File("w.safetensors")}}", "rb").read()
            n, = struct.unpack("<Q", raw[:8])
            assert n % 8 == 0 and n <= 100_000_000 and raw[8:9] == b"{"
            head = json.loads(raw[8:8 + n].decode("utf-8"))
            assert head.pop("__metadata__") == {'a"b': "ü"}
            data, at = raw[8 + n:], 0
            size = {"F32": 4, "I64": 8, "F16": 2, "BF16": 2, "BOOL": 1, "C64": 8}
            for name, info in sorted(head.items(), key=lambda i: i[1]["data_offsets"]):
                begin, end = info["data_offsets"]
                assert begin == at and end - begin == size[info["dtype"]] * int(np.prod(info["shape"])), (name, info)
                assert begin % size[info["dtype"]] == 0
                at = end
            assert at == len(data)
            def get(name, t):
                begin, end = head[name]["data_offsets"]
                return np.frombuffer(data[begin:end], t).reshape(head[name]["shape"]).tolist()
            assert get("conv.transposed", "<f4") == [[0, 3], [1, 4], [2, 5]] and get("steps", "<i8") == 7 and get("half", "<f2") == [1, 2]
            print("ok")
            """));
    }

    [Fact]
    public void A_checkpoint_converts_to_another_format_with_its_sharing()
    {
        using var folder = new TemporaryFolder();
        using (var source = Checkpoint.Open(ReferenceFiles.Of("training.pth")))
        {
            CheckpointWriter.SavePyTorch(folder.File("copy.pth"), TensorData.FromCheckpoint(source));
            CheckpointWriter.SaveSafetensors(folder.File("copy.safetensors"),
                TensorData.FromCheckpoint(source).Where(t => t.DType != DType.Complex128));
            using var copy = Checkpoint.Open(folder.File("copy.pth"));
            using var safe = Checkpoint.Open(folder.File("copy.safetensors"));
            Assert.Same(copy["whole"].Storage, copy["transposed"].Storage);
            foreach (var tensor in source.Tensors)
            {
                Assert.Equal(Bytes(tensor), Bytes(copy[tensor.Name]));
                if (tensor.DType != DType.Complex128)
                    Assert.Equal(Bytes(tensor), Bytes(safe[tensor.Name]));
            }
        }

        static byte[] Bytes(CheckpointTensor tensor)
        {
            var bytes = new byte[tensor.ByteLength];
            tensor.CopyTo(bytes);
            return bytes;
        }
    }

    [Fact]
    public void A_cancelled_or_failing_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("w.pth", [1, 2, 3]);
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[1000]);
            source.Cancel();
        }, source.Token));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[1000]);
            throw new InvalidOperationException("broken");
        }, default));
        Assert.Throws<OperationCanceledException>(() => CheckpointWriter.SavePyTorch(path, Tensors(), null, source.Token));
        Assert.Throws<OperationCanceledException>(() => CheckpointWriter.SaveSafetensors(path, Tensors(), null, source.Token));
        Assert.Throws<ArgumentException>(() =>
            CheckpointWriter.SaveSafetensors(path, [TensorData.Of<UInt128>("c", DType.Complex128, [1], [0])]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_one_clear_error()
    {
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<CheckpointException>(() => CheckpointWriter.SavePyTorch(folder.File("no/such/w.pth"), Tensors()));
        Assert.Contains("cannot be written", e.Message);
    }

    [Fact]
    public void A_file_can_be_replaced_while_it_is_open()
    {
        using var folder = new TemporaryFolder();
        CheckpointWriter.SaveSafetensors(folder.File("w.safetensors"), [TensorData.Of("a", DType.Float32, [6], Six)]);
        using var old = Checkpoint.Open(folder.File("w.safetensors"));
        CheckpointWriter.SaveSafetensors(folder.File("w.safetensors"), [TensorData.Of<float>("a", DType.Float32, [1], [9])]);
        Assert.Equal(Six, old["a"].ToArray<float>());
    }

    [Fact]
    public void What_has_no_form_in_the_file_is_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        var twice = new[] { TensorData.Of("a", DType.Float32, [6], Six), TensorData.Of("a", DType.Float32, [6], Six) };
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => CheckpointWriter.SavePyTorch(folder.File("w"), twice)).Message);
        Assert.Throws<ArgumentException>(() => CheckpointWriter.SavePyTorchTree(folder.File("w"), new object()));
        var self = new List<object?>();
        self.Add(self);
        Assert.Contains("holds itself",
            Assert.Throws<ArgumentException>(() => CheckpointWriter.SavePyTorchTree(folder.File("w"), self)).Message);
        Assert.Throws<ArgumentException>(() =>
            CheckpointWriter.SaveSafetensors(folder.File("w"), [TensorData.Of("__metadata__", DType.Float32, [6], Six)]));
        Assert.Throws<ArgumentException>(() => new TensorData("a", DType.Float32, [7], Storage(Six)));
        Assert.Throws<ArgumentException>(() => new TensorData("a", DType.Float32, [2], Storage(Six), [-1], 1));
        Assert.Throws<ArgumentException>(() => new TensorData("a", DType.Float32, [2, long.MaxValue], Storage(Six), [0, 0]));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Any_strided_window_reads_back_as_indexing_says()
    {
        using var folder = new TemporaryFolder();
        var windows = from shape in Gen.Choose(0, 4).ArrayOf()
                      where shape.Length <= 4
                      from strides in Gen.Choose(0, 5).ArrayOf(shape.Length)
                      from offset in Gen.Choose(0, 7)
                      select (shape, strides, offset);
        Prop.ForAll(windows.ToArbitrary(), w =>
        {
            var values = Enumerable.Range(0, 8 + w.shape.Zip(w.strides, (n, s) => n * s).Sum()).Select(i => (float)i).ToArray();
            var tensor = new TensorData("a", DType.Float32, [.. w.shape.Select(n => (long)n)], Storage(values),
                [.. w.strides.Select(n => (long)n)], w.offset);
            CheckpointWriter.SavePyTorch(folder.File("w.pth"), [tensor]);
            CheckpointWriter.SaveSafetensors(folder.File("w.safetensors"), [tensor]);
            var expected = w.shape.Zip(w.strides).Aggregate(new[] { w.offset }, (places, d) =>
                [.. places.SelectMany(p => Enumerable.Range(0, d.First).Select(i => p + i * d.Second))]).Select(p => values[p]);
            foreach (var name in new[] { "w.pth", "w.safetensors" })
            {
                using var checkpoint = Checkpoint.Open(folder.File(name));
                Assert.Equal(expected, checkpoint["a"].ToArray<float>());
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }
}
