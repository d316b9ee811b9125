using System.Text;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>One entry that libtorch has no type for, or that is no tensor, must not hide the rest.</summary>
public sealed class OddEntriesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("F8_E4M3", 0x00, 0f)]
    [InlineData("F8_E4M3", 0x01, 0.001953125f)]
    [InlineData("F8_E4M3", 0x38, 1f)]
    [InlineData("F8_E4M3", 0xB8, -1f)]
    [InlineData("F8_E4M3", 0x7E, 448f)]
    [InlineData("F8_E4M3", 0x7F, float.NaN)]
    [InlineData("F8_E5M2", 0x01, 1.52587890625e-5f)]
    [InlineData("F8_E5M2", 0x3C, 1f)]
    [InlineData("F8_E5M2", 0x7B, 57344f)]
    [InlineData("F8_E5M2", 0x7C, float.PositiveInfinity)]
    [InlineData("F8_E5M2", 0xFC, float.NegativeInfinity)]
    [InlineData("F8_E5M2", 0x7D, float.NaN)]
    [InlineData("F8_E4M3FNUZ", 0x40, 1f)]
    [InlineData("F8_E4M3FNUZ", 0x80, float.NaN)]
    [InlineData("F8_E5M2FNUZ", 0x40, 1f)]
    [InlineData("F8_E8M0", 0x7F, 1f)]
    [InlineData("F8_E8M0", 0x80, 2f)]
    [InlineData("F8_E8M0", 0xFF, float.NaN)]
    public void Eight_bit_numbers_become_float32(string type, int bits, float expected)
    {
        using var checkpoint = Checkpoint.Open(Safetensors(type, [1], [(byte)bits]));
        var odd = checkpoint["odd"];
        Assert.Equal(type, odd.StoredType);
        Assert.Equal(DType.Float32, odd.DType);
        Assert.Equal([expected], odd.ToArray<float>());
        Assert.Equal([7], checkpoint["plain"].ToArray<byte>());
    }

    [Fact]
    public void Whole_numbers_without_a_sign_are_widened()
    {
        using (var checkpoint = Checkpoint.Open(Safetensors("U16", [2], [0xFF, 0xFF, 1, 0])))
            Assert.Equal([65535, 1], checkpoint["odd"].ToArray<int>());
        using (var checkpoint = Checkpoint.Open(Safetensors("U32", [1], [0xFE, 0xFF, 0xFF, 0xFF])))
            Assert.Equal([4294967294L], checkpoint["odd"].ToArray<long>());
        using (var checkpoint = Checkpoint.Open(Safetensors("U64", [1], [1, 0, 0, 0, 0, 0, 0, 0x40])))
            Assert.Equal([0x4000000000000001L], checkpoint["odd"].ToArray<long>());
    }

    [Fact]
    public void A_number_that_no_type_holds_is_refused_by_its_key_when_it_is_asked_for()
    {
        using var checkpoint = Checkpoint.Open(Safetensors("U64", [1], [0, 0, 0, 0, 0, 0, 0, 0x80]));
        var error = Assert.Throws<CheckpointException>(() => checkpoint["odd"].ToArray<long>());
        Assert.Contains("'odd'", error.Message, StringComparison.Ordinal);
        Assert.Contains("9223372036854775808", error.Message, StringComparison.Ordinal);
        Assert.Equal([7], checkpoint["plain"].ToArray<byte>());
    }

    [Theory]
    [InlineData("F4")]
    [InlineData("F6_E3M2")]
    [InlineData("Q9_NEW")]
    [InlineData("f32")]
    public void A_type_of_which_nothing_can_be_made_is_listed_and_refused_by_its_key(string type)
    {
        using var checkpoint = Checkpoint.Open(Safetensors(type, [4], [1, 2]));
        Assert.Equal($"odd (4) {type}", checkpoint["odd"].ToString());
        Assert.False(checkpoint["odd"].IsReadable);
        var error = Assert.Throws<CheckpointException>(() => checkpoint["odd"].ToArray<byte>());
        Assert.Contains("'odd'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{type}'", error.Message, StringComparison.Ordinal);
        Assert.Equal([7], checkpoint["plain"].ToArray<byte>());
    }

    [Fact]
    public void The_newer_types_of_PyTorch_s_own_files_are_widened_as_well()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark)
            .Text("half").Op(PickleOp.None)
            .Text("x");
        TensorOfType(pickle, "uint16", "0", bytes: 8, shape: 2, offset: 1);
        pickle.Text("y");
        TensorOfType(pickle, "float8_e4m3fn", "1", bytes: 2, shape: 2, offset: 0);
        pickle.Text("z");
        TensorOfType(pickle, "bits16", "1", bytes: 2, shape: 1, offset: 0);
        byte[] words = [1, 0, 2, 0, 3, 0, 4, 0];
        using var checkpoint = Checkpoint.Open(folder.Write("a.pth",
            RawZip.Torch(pickle.Op(PickleOp.SetItems).Stop(), ("0", words), ("1", [0x38, 0xB8]))));
        Assert.Equal([2, 3], checkpoint["x"].ToArray<int>());
        Assert.Equal([1f, -1f], checkpoint["y"].ToArray<float>());
        Assert.Contains("'bits16'", Assert.Throws<CheckpointException>(() => checkpoint["z"].ToArray<byte>()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantised_tensor_does_not_hide_the_others()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark)
            .Text("weight").Tensor("FloatStorage", "0", 1, [1], [1])
            .Text("quantised").Global("torch._utils", "_rebuild_qtensor").Op(PickleOp.Mark)
            .Op(PickleOp.Mark).Text("storage").Global("torch", "QInt8Storage").Text("1").Text("cpu").Int(4).Op(PickleOp.Tuple,
                PickleOp.BinPersId)
            .Int(0).Numbers(4).Numbers(1).Op(PickleOp.Tuple, PickleOp.Reduce).Op(PickleOp.SetItems);
        using var checkpoint = Checkpoint.Open(folder.Write("a.pth",
            RawZip.Torch(pickle.Stop(), ("0", [0, 0, 0x80, 0x3F]), ("1", [1, 2, 3, 4]))));
        Assert.Equal([1f], checkpoint["weight"].ToArray<float>());
        Assert.False(checkpoint["quantised"].IsReadable);
        Assert.Contains("'quantised'", Assert.Throws<CheckpointException>(() => checkpoint["quantised"].ToArray<byte>()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_of_texts_and_of_unsigned_numbers_do_not_hide_the_others_of_an_archive()
    {
        var zip = new RawZip().Add("names.npy", Npy("<U3", "(2,)", new byte[24])).Add("count.npy",
            Npy(">u2", "(2,)", [0xFF, 0xFF, 0, 1])).Add("w.npy", Npy("<f4", "(1,)", [0, 0, 0x80, 0x3F]));
        using var checkpoint = Checkpoint.Open(folder.Write("a.npz", zip.Bytes()));
        Assert.Equal([1f], checkpoint["w"].ToArray<float>());
        Assert.Equal([65535, 1], checkpoint["count"].ToArray<int>());
        Assert.Contains("'names'", Assert.Throws<CheckpointException>(() => checkpoint["names"].ToArray<byte>()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Dates_slices_decimals_and_members_of_enumerations_are_skipped_and_named()
    {
        var pickle = new PickleBuilder().Op(PickleOp.EmptyDict, PickleOp.Mark)
            .Text("saved").Global("datetime", "datetime").Op(PickleOp.ShortBinBytes).Raw(2, 7, 230).Op(PickleOp.Tuple1, PickleOp.Reduce)
            .Text("range").Global("builtins", "slice").Op(PickleOp.None).Int(3).Op(PickleOp.None, PickleOp.Tuple3, PickleOp.Reduce)
            .Text("rate").Global("decimal", "Decimal").Text("0.1").Op(PickleOp.Tuple1, PickleOp.Reduce)
            .Text("mode").Global("torchvision.transforms.functional", "InterpolationMode").Text("bilinear").Op(PickleOp.Tuple1,
                PickleOp.Reduce)
            .Text("id").Global("uuid", "UUID").Op(PickleOp.EmptyTuple,
                PickleOp.NewObj).Op(PickleOp.EmptyDict).Text("int").Int(5).Op(PickleOp.SetItem, PickleOp.Build)
            .Text("weight").Tensor("FloatStorage", "0", 1, [1], [1]).Op(PickleOp.SetItems);
        using var checkpoint = Checkpoint.Open(folder.Write("a.pth", RawZip.Torch(pickle.Stop(), ("0", [0, 0, 0x80, 0x3F]))));
        Assert.Equal([1f], Assert.Single(checkpoint.Tensors).ToArray<float>());
        Assert.Equal(
            [("saved", "datetime.datetime"), ("range", "builtins.slice"), ("rate", "decimal.Decimal"),
                ("mode", "torchvision.transforms.functional.InterpolationMode")],
            checkpoint.Skipped.Where(one => one.Name != "id").Select(one => (one.Name, one.ClassName)));
    }

    [Theory]
    [InlineData("subprocess", "Popen")]
    [InlineData("multiprocessing.pool", "Pool")]
    [InlineData("ctypes", "CDLL")]
    [InlineData("my.own", "run")]
    public void A_class_that_does_things_is_no_member_of_an_enumeration(string module, string name)
    {
        var pickle = new PickleBuilder().Global(module, name).Text("x").Op(PickleOp.Tuple1, PickleOp.Reduce).Stop();
        Assert.Contains($"calls '{module}.{name}'", Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Write("a.pth",
            RawZip.Torch(pickle)))).Message, StringComparison.Ordinal);
    }

    private static void TensorOfType(PickleBuilder pickle, string type, string key, int bytes, int shape, int offset) => pickle
        .Global("torch._utils", "_rebuild_tensor_v3").Op(PickleOp.Mark)
        .Op(PickleOp.Mark).Text("storage").Global("torch.storage", "UntypedStorage").Text(key).Text("cpu").Int(bytes).Op(PickleOp.Tuple,
            PickleOp.BinPersId)
        .Int(offset).Numbers(shape).Numbers(1).Op(PickleOp.NewFalse).Op(PickleOp.EmptyDict).Global("torch", type).Op(PickleOp.Tuple,
            PickleOp.Reduce);

    private string Safetensors(string type, long[] shape, byte[] bytes)
    {
        var header = $"{{\"odd\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[0,{bytes.Length}]}},"
            + $"\"plain\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{bytes.Length},{bytes.Length + 1}]}}}}";
        return folder.Write("a.safetensors",
            [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.ASCII.GetBytes(header), .. bytes, 7]);
    }

    internal static byte[] Npy(string code, string shape, byte[] data)
    {
        var text = Encoding.ASCII.GetBytes($"{{'descr': '{code}', 'fortran_order': False, 'shape': {shape}, }}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)text.Length), .. text, .. data];
    }
}
