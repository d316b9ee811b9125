using System.Text;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

public class SafetensorsTests
{
    static byte[] FileOf(string header, int data, ulong? declared = null)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes(declared ?? (ulong)json.Length), .. json, .. Enumerable.Range(0, data).Select(i => (byte)i)];
    }

    static string Refused(string header, int data, ulong? declared = null)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("hostile.safetensors", FileOf(header, data, declared));
        var e = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path));
        Assert.Equal(path, e.Path);
        return e.Message;
    }

    static string Entry(string name, string dtype, string shape, string begin, string end) =>
        $"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";

    [Fact]
    public void Tensors_lie_in_the_mapped_file_and_texts_are_metadata()
    {
        using var folder = new TemporaryFolder();
        var header =
            $"{{\"__metadata__\":{{\"format\":\"pt\"}},{Entry("b", "U8", "[2,2]", "8", "12")},{Entry("a", "F32", "[2]", "0", "8")}}}  ";
        using var checkpoint = Checkpoint.Open(folder.Write("w.safetensors", FileOf(header, 12)));
        Assert.Equal(CheckpointFormat.Safetensors, checkpoint.Format);
        Assert.Equal(["b", "a"], checkpoint.Tensors.Select(t => t.Name));
        Assert.Equal([8, 9, 10, 11], checkpoint["b"].ToArray<byte>());
        Assert.Equal([2L, 2L], checkpoint["b"].Shape);
        Assert.Equal(DType.Float32, checkpoint["a"].DType);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], checkpoint["a"].Storage.Slice(0, 8).ToArray());
        Assert.Equal("pt", checkpoint.Metadata["format"]);
    }

    [Fact]
    public void Names_with_dots_and_wrapper_words_stay_as_they_are()
    {
        using var folder = new TemporaryFolder();
        var header = $"{{{Entry("model", "U8", "[0]", "0", "0")},{Entry("model.x", "U8", "[]", "0", "1")}}}";
        using var checkpoint = Checkpoint.Open(folder.Write("w.safetensors", FileOf(header, 1)));
        Assert.Equal(["model", "model.x"], checkpoint.Tensors.Select(t => t.Name));
    }

    [Fact]
    public void A_bad_header_length_is_refused()
    {
        Assert.Contains("a header of 100000001 bytes, where 100000000", Refused("{}", 0, 100_000_001));
        Assert.Contains("a header of 18446744073709551615", Refused("{}", 0, ulong.MaxValue));
        Assert.Contains("the file ends after 2", Refused("{}", 0, 3));
        Assert.Contains("does not begin", Refused("{}", 0, 0));
        using var folder = new TemporaryFolder();
        Assert.Contains("the file has 4 bytes",
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Write("s.safetensors", [9, 9, 9, 9]))).Message);
    }

    [Theory]
    [InlineData("0", "8", "4", "12", "overlap")]
    [InlineData("0", "8", "9", "17", "gap")]
    [InlineData("1", "9", "9", "17", "gap")]
    public void Tensors_that_overlap_or_leave_gaps_are_refused(string begin1, string end1, string begin2, string end2, string fault) =>
        Assert.Contains(fault, Refused($"{{{Entry("a", "F32", "[2]", begin1, end1)},{Entry("b", "F32", "[2]", begin2, end2)}}}", 17));

    [Fact]
    public void Sizes_that_overflow_or_disagree_are_refused()
    {
        Assert.Contains("takes 12 bytes, but 8", Refused($"{{{Entry("a", "F32", "[3]", "0", "8")}}}", 8));
        Assert.Contains("too large", Refused($"{{{Entry("a", "F32", "[4294967296,4294967296]", "0", "8")}}}", 8));
        Assert.Contains("no list of up to 64 sizes", Refused($"{{{Entry("a", "F32", "[18446744073709551615]", "0", "8")}}}", 8));
        Assert.Contains("no list of up to 64 sizes", Refused($"{{{Entry("a", "F32", "[-2]", "0", "8")}}}", 8));
        Assert.Contains("no list of up to 64 sizes", Refused($"{{{Entry("a", "F32", "[1.5]", "0", "8")}}}", 8));
        Assert.Contains("data_offsets", Refused($"{{{Entry("a", "F32", "[2]", "0", "18446744073709551615")}}}", 8));
        Assert.Contains("before they begin", Refused($"{{{Entry("a", "F32", "[2]", "8", "0")}}}", 8));
        Assert.Contains("cut off", Refused($"{{{Entry("a", "F32", "[2]", "0", "8")}}}", 7));
        Assert.Contains("cut off", Refused($"{{{Entry("a", "U8", "[9000000000000000000]", "0", "9000000000000000000")}}}", 7));
    }

    [Fact]
    public void Trailing_bytes_are_refused() => Assert.Contains("trailing bytes", Refused($"{{{Entry("a", "F32", "[2]", "0", "8")}}}", 9));

    [Theory]
    [InlineData("F8_E4M3", 2)]
    [InlineData("U16", 4)]
    [InlineData("U64", 16)]
    public void The_size_of_a_newer_dtype_is_held_against_its_shape(string dtype, int expected)
    {
        var message = Refused($"{{{Entry("head.weight", dtype, "[2]", "0", "9")}}}", 9);
        Assert.Contains($"of {dtype} takes {expected} bytes, but 9", message);
        Assert.Contains("'head.weight'", message);
    }

    [Fact]
    public void Keys_that_are_there_twice_are_refused()
    {
        Assert.Contains("key 'a' is there twice",
            Refused($"{{{Entry("a", "U8", "[1]", "0", "1")},{Entry("a", "U8", "[1]", "1", "2")}}}", 2));
        Assert.Contains("twice", Refused("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1));
        Assert.Contains("twice", Refused("{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}}", 0));
    }

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":{}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}")]
    [InlineData("{\"__metadata__\":{\"epoch\":3}}")]
    [InlineData("{\"__metadata__\":[]}")]
    [InlineData("{\"a\"")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    [InlineData("[]")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"x\":[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]}}")]
    public void A_header_of_another_form_is_refused(string header) => Assert.Contains("safetensors header", Refused(header, 1));
}
