using System.Text;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

public class NpyTests
{
    static readonly float[] Six = [0, 1, 2, 3, 4, 5];

    static byte[] FileOf(string header, int data, byte version = 1)
    {
        var text = Encoding.Latin1.GetBytes(header + "\n");
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. new byte[data]];
    }

    static string Refused(string header, int data, byte version = 1)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.npy", FileOf(header, data, version));
        var e = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
        Assert.Equal(path, e.Path);
        return e.Message;
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void An_array_comes_back_in_either_order_of_elements_and_bytes(bool fortran, bool big)
    {
        using var folder = new TemporaryFolder();
        NpyWriter.Save(folder.File("a.npy"), TensorData.Of("a", DType.Float32, [2, 3], Six),
            new NpyOptions { FortranOrder = fortran, BigEndian = big });
        using var checkpoint = Checkpoint.Open(folder.File("a.npy"));
        Assert.Equal(CheckpointFormat.Npy, checkpoint.Format);
        Assert.Equal([2L, 3L], checkpoint.Tensors[0].Shape);
        Assert.Equal(Six, checkpoint.Tensors[0].ToArray<float>());
        Assert.Equal(!fortran, checkpoint.Tensors[0].IsContiguous);
    }

    [Fact]
    public void NumPy_reads_what_is_written()
    {
        using var folder = new TemporaryFolder();
        long[] shape = [2, 3];
        NpyWriter.Save(folder.File("c.npy"), TensorData.Of("a", DType.Float32, shape, Six));
        NpyWriter.Save(folder.File("f.npy"), TensorData.Of("a", DType.Float32, shape, Six),
            new NpyOptions { FortranOrder = true, BigEndian = true });
        NpyWriter.Save(folder.File("s.npy"), new TensorData("a", DType.Float32, [], StorageData.Of(BitConverter.GetBytes(7f))));
        NpyWriter.Save(folder.File("x.npy"),
            TensorData.Of("a", DType.Complex64, [3],
                Six[..6].Chunk(2).Select(p => BitConverter.SingleToUInt32Bits(p[0]) | (ulong)BitConverter.SingleToUInt32Bits(p[1]) << 32)
                    .ToArray()), new NpyOptions { BigEndian = true });
        Assert.Equal("[[0, 1, 2], [3, 4, 5]] <f4 False [[0, 1, 2], [3, 4, 5]] >f4 True 7.0 [1j, (2+3j), (4+5j)]", Python.Run($"""
            import numpy as np
            c, f, s, x = (np.load(r"{folder.Path}/" + n + ".npy") for n in "cfsx")
            print(c.astype(int).tolist(), c.dtype.str, c.flags.f_contiguous, f.astype(int).tolist(), f.dtype.str, f.flags.f_contiguous, float(s), x.tolist())
            """));
    }

    [Fact]
    public void A_compressed_archive_of_arrays_gives_its_names()
    {
        using var checkpoint = Checkpoint.Open(ReferenceFiles.Of("arrays.npz"));
        Assert.Equal(CheckpointFormat.Npz, checkpoint.Format);
        Assert.Equal(["a/kernel", "bias"], checkpoint.Tensors.Select(t => t.Name));
        Assert.Equal(Six, checkpoint["a/kernel"].ToArray<float>());
        Assert.Equal([0, 1, 2], checkpoint["bias"].ToArray<long>());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 2)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)}", 3)]
    [InlineData("{\"shape\": (2L,), \"fortran_order\": True, \"descr\": \"|i1\"}   ", 1, 2)]
    public void Every_version_of_the_header_is_read(string header, byte version, int bytes = 8)
    {
        using var folder = new TemporaryFolder();
        using var checkpoint = Checkpoint.Open(folder.Write("a.npy", FileOf(header, bytes, version)));
        Assert.Equal(2, checkpoint.Tensors[0].ElementCount);
    }

    [Fact]
    public void Hostile_arrays_are_refused()
    {
        string Header(string code, string shape) => $"{{'descr': '{code}', 'fortran_order': False, 'shape': {shape}, }}";
        Assert.Contains("Python objects", Refused(Header("|O", "(2,)"), 8));
        Assert.Contains("'<U5'", Refused(Header("<U5", "(2,)"), 40));
        Assert.Contains("takes 8 bytes, but 7", Refused(Header("<f4", "(2,)"), 7));
        Assert.Contains("takes 8 bytes, but 9", Refused(Header("<f4", "(2,)"), 9));
        Assert.Contains("too large", Refused(Header("<f4", "(9000000000000000000, 9)"), 8));
        Assert.Contains("not a NumPy array's", Refused(Header("<f4", "(-2,)"), 8));
        Assert.Contains("not a NumPy array's", Refused(Header("<f4", "(2, x)"), 8));
        Assert.Contains("not a NumPy array's", Refused("__import__('os').system('x')", 8));
        Assert.Contains("array of records", Refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", 8));
        Assert.Contains("format version 9", Refused(Header("<f4", "(2,)"), 8, 9));
        Assert.Contains("not a NumPy array's", Refused("{'descr': '<f4', 'shape': (2,)}", 8));
        using var folder = new TemporaryFolder();
        var cut = folder.Write("cut.npy", [0x93, .. "NUMPY"u8, 1, 0, 200, 0, (byte)'{']);
        Assert.Contains("a header of 200 bytes", Assert.Throws<CheckpointException>(() => Checkpoint.Open(cut)).Message);
    }
}
