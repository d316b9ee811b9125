using Sconce.Files;
using Sconce.Nn;
using Sconce.Tests.Files;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>An index and the shards beside it; and files that stand in place of others.</summary>
public sealed class ShardIndexTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("model.safetensors.index.json", "model-0000{0}-of-00002.safetensors")]
    [InlineData("pytorch_model.bin.index.json", "pytorch_model-0000{0}-of-00002.bin")]
    public void An_index_loads_its_shards(string index, string shards)
    {
        using var filled = new Sequential { ["a"] = new Linear(2, 3), ["b"] = new Linear(3, 2) };
        using var empty = new Sequential { ["a"] = new Linear(2, 3), ["b"] = new Linear(3, 2) };
        string[] files = [string.Format(null, shards, 1), string.Format(null, shards, 2)];
        using var scope = new TensorScope();
        var all = filled.StateDict().Select(entry => ModelWeights.Describe("model." + entry.Name, entry.Tensor)).ToList();
        Write(files[0], all[..2]);
        Write(files[1], all[2..]);
        var map = string.Join(',', all.Select((tensor, i) => $"\"{tensor.Name}\":\"{files[i / 2]}\""));
        File.WriteAllText(folder.File(index), $"{{\"metadata\":{{\"total_size\":60}},\"weight_map\":{{{map}}}}}");
        using (var checkpoint = Checkpoint.Open(folder.File(index)))
        {
            Assert.Equal(CheckpointFormat.Sharded, checkpoint.Format);
            Assert.Equal(60L, checkpoint.Metadata["total_size"]);
            Assert.Equal(all.Select(tensor => tensor.Name), checkpoint.Tensors.Select(tensor => tensor.Name));
        }

        ModelWeights.Load(empty, folder.File(index));
        Assert.Equal(filled.StateDict()[3].Tensor.ToArray<float>(), empty.StateDict()[3].Tensor.ToArray<float>());
        var alone = Assert.Throws<CheckpointException>(() => ModelWeights.Load(empty, folder.File(files[0])));
        Assert.Contains("index", alone.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"weight_map\":{\"a\":\"gone.safetensors\"}}", "1 of its 1 shards are not beside it: 'gone.safetensors'")]
    [InlineData("{\"weight_map\":{\"a\":\"../x.safetensors\"}}", "no name of a shard")]
    [InlineData("{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "no name of a shard")]
    [InlineData("{\"weight_map\":{\"a\":\"x\\u0000.safetensors\"}}", "no name of a shard")]
    [InlineData("{\"weight_map\":{\"a\":\"a.index.json\"}}", "no name of a shard")]
    [InlineData("{\"weight_map\":{\"a\":3}}", "has no file's name")]
    [InlineData("{\"weight_map\":{\"\\ud800\":\"x.safetensors\"}}", "not JSON of that form")]
    [InlineData("{\"weight_map\":{\"a\":", "not JSON of that form")]
    [InlineData("{\"weight_map\":{}}", "no index of shards")]
    [InlineData("{}", "no index of shards")]
    public void A_damaged_or_hostile_index_is_refused(string json, string fault)
    {
        File.WriteAllText(folder.File("a.index.json"), json);
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File("a.index.json")));
        Assert.Equal(folder.File("a.index.json"), error.Path);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_its_shard_lacks_is_named_and_so_is_a_damaged_shard()
    {
        Write("x.safetensors", [TensorData.Of<float>("b", DType.Float32, [1], [1])]);
        File.WriteAllText(folder.File("a.index.json"), "{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        Assert.Contains("'a' is not in 'x.safetensors'",
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File("a.index.json"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("x.safetensors"), [1, 2, 3]);
        Assert.Equal(folder.File("x.safetensors"),
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File("a.index.json"))).Path);
    }

    [Theory]
    [InlineData("a.pth")]
    [InlineData("a.safetensors")]
    [InlineData("a.npz")]
    [InlineData("a.safetensors.index.json")]
    public void A_Git_LFS_pointer_is_named(string name)
    {
        File.WriteAllText(folder.File(name), "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
        Assert.Contains("Git LFS pointer", Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File(name))).Message,
            StringComparison.Ordinal);
        Assert.True(GitLfsPointer.IsAt(folder.File(name)));
    }

    [Theory]
    [InlineData("a.pth")]
    [InlineData("a.npy")]
    [InlineData("a.safetensors")]
    public void A_pipe_is_refused_at_once(string name)
    {
        RegularFileTests.MakePipe(folder.File(name));
        Assert.Contains("not a regular file", Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File(name))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_no_file_can_have_is_a_checkpoint_s_fault() =>
        Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File("a\0.pth")));

    private void Write(string name, IReadOnlyList<TensorData> tensors)
    {
        if (name.EndsWith(".bin", StringComparison.Ordinal))
            CheckpointWriter.SavePyTorch(folder.File(name), tensors);
        else
            CheckpointWriter.SaveSafetensors(folder.File(name), tensors);
    }
}
