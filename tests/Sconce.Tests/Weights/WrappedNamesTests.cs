using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Files whose names others wrapped: in a module, in data parallelism, in an average.</summary>
public sealed class WrappedNamesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Sequential network = Network();

    public void Dispose()
    {
        network.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("module.", "")]
    [InlineData("_orig_mod.", "")]
    [InlineData("model.", "")]
    [InlineData("backbone.", "")]
    [InlineData("net.", "")]
    [InlineData("model.backbone.", "")]
    [InlineData("module.model._orig_mod.", "")]
    [InlineData("student.net.module.", "")]
    [InlineData("model.", "module.")]
    [InlineData("", "_orig_mod.")]
    [InlineData("", "module.")]
    [InlineData("_forward_module.", "_fsdp_wrapped_module.")]
    public void A_wrapper_in_front_of_the_names_or_inside_them_comes_off(string front, string inside)
    {
        using var filled = Network(1);
        using var scope = new TensorScope();
        Save("a.safetensors", filled, name => front + name.Replace(".", "." + inside, StringComparison.Ordinal));
        ModelWeights.Load(network, folder.File("a.safetensors"));
        AssertEqual(filled, network);
    }

    [Theory]
    [InlineData("n_averaged", "module.")]
    [InlineData("num_updates", "")]
    [InlineData("step", "ema_model.")]
    public void An_average_s_counter_beside_the_weights_is_no_weight(string counter, string front)
    {
        using var filled = Network(1);
        using var scope = new TensorScope();
        Save("a.safetensors", filled, name => front + name, TensorData.Of<long>(counter, DType.Int64, [], [10]));
        ModelWeights.Load(network, folder.File("a.safetensors"));
        AssertEqual(filled, network);
    }

    [Fact]
    public void What_lies_beside_the_network_is_set_apart()
    {
        using var filled = Network(1);
        using var scope = new TensorScope();
        Save("a.safetensors", filled, name => "model." + name, TensorData.Of<float>("loss.weight", DType.Float32, [3], [1, 2, 3]));
        using var checkpoint = Checkpoint.Open(folder.File("a.safetensors"));
        var fitted = checkpoint.Under(network.StateDict().Select(entry => entry.Name));
        Assert.Equal("model.", fitted.Prefix);
        Assert.Equal(["loss.weight"], fitted.Outside.Select(tensor => tensor.Name));
        ModelWeights.Load(network, checkpoint);
        AssertEqual(filled, network);
    }

    [Fact]
    public void A_classifier_beside_a_wrapped_trunk_is_the_network_s_where_it_has_the_name()
    {
        using var filled = Network(1);
        using var scope = new TensorScope();
        Save("a.safetensors", filled, name => name.StartsWith("head.", StringComparison.Ordinal) ? name : "backbone." + name);
        ModelWeights.Load(network, folder.File("a.safetensors"));
        AssertEqual(filled, network);
    }

    [Fact]
    public void Two_networks_in_one_file_are_asked_about_and_a_prefix_says_which()
    {
        using var student = Network(1);
        using var teacher = Network(2);
        using var scope = new TensorScope();
        List<TensorData> both = [.. Describe(student, name => "student." + name), .. Describe(teacher, name => "teacher." + name)];
        CheckpointWriter.SaveSafetensors(folder.File("a.safetensors"), both);
        var error = Assert.Throws<CheckpointException>(() => ModelWeights.Load(network, folder.File("a.safetensors")));
        Assert.Contains("'student.…', 'teacher.…'", error.Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.Prefix, error.Remedy);
        ModelWeights.Load(network, folder.File("a.safetensors"),
            new LoadOptions { Checkpoint = new CheckpointOptions { StripPrefix = "teacher." } });
        AssertEqual(teacher, network);
        using (CheckpointChoice.For(folder.File("a.safetensors"), null, "student."))
            ModelWeights.Load(network, folder.File("a.safetensors"));
        AssertEqual(student, network);
    }

    [Fact]
    public void A_choice_speaks_of_one_file_and_ends()
    {
        using var first = Network(1);
        using var second = Network(2);
        using var scope = new TensorScope();
        CheckpointWriter.SavePyTorchTree(folder.File("a.pth"), new OrderedDictionary<string, object?>
        {
            ["model"] = new StateDict([.. Describe(first, name => name)]),
            ["ema"] = new StateDict([.. Describe(second, name => name)]),
        });
        using (CheckpointChoice.For(folder.File("a.pth"), "ema", null))
        {
            ModelWeights.Load(network, folder.File("a.pth"), new LoadOptions { Checkpoint = new CheckpointOptions { Wrapper = "model" } });
            AssertEqual(second, network);
        }

        ModelWeights.Load(network, folder.File("a.pth"));
        AssertEqual(first, network);
    }

    [Fact]
    public void A_prefix_that_no_name_has_is_refused_with_a_name_that_is_there()
    {
        using var scope = new TensorScope();
        Save("a.safetensors", network, name => name);
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.File("a.safetensors"),
            new CheckpointOptions { StripPrefix = "nothing." }));
        Assert.Contains("'nothing.'", error.Message, StringComparison.Ordinal);
        Assert.Contains("the first is", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_like_names_are_no_wrapper_and_no_wrapper_hides_what_is_missing()
    {
        using var scope = new TensorScope();
        Save("a.safetensors", network, name => name.StartsWith("a.", StringComparison.Ordinal) ? "part." + name : "x" + name);
        Assert.Contains("6 missing", Assert.Throws<CheckpointException>(() => ModelWeights.Load(network,
            folder.File("a.safetensors"))).Message, StringComparison.Ordinal);
        CheckpointWriter.SaveSafetensors(folder.File("b.safetensors"), Describe(network, name => "model." + name).Skip(1));
        Assert.Contains("1 missing", Assert.Throws<CheckpointException>(() => ModelWeights.Load(network,
            folder.File("b.safetensors"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_would_fall_together_without_a_wrapper_s_part_stay()
    {
        CheckpointWriter.SaveSafetensors(
            folder.File("a.safetensors"),
                [TensorData.Of<float>("_orig_mod.x", DType.Float32, [1], [1]), TensorData.Of<float>("x", DType.Float32, [1], [2])]);
        using var checkpoint = Checkpoint.Open(folder.File("a.safetensors"));
        Assert.Equal(["_orig_mod.x", "x"], checkpoint.Tensors.Select(tensor => tensor.Name));
    }

    private static Sequential Network(ulong seed = 0)
    {
        TorchRuntime.ManualSeed(seed);
        return new Sequential { ["a"] = new Linear(2, 3), ["b"] = new Linear(3, 3), ["head"] = new Linear(3, 2) };
    }

    private static IEnumerable<TensorData> Describe(Module module, Func<string, string> named) =>
        module.StateDict().Select(entry => ModelWeights.Describe(named(entry.Name), entry.Tensor));

    private void Save(string file, Module module, Func<string, string> named, params TensorData[] beside) =>
        CheckpointWriter.SaveSafetensors(folder.File(file), [.. Describe(module, named), .. beside]);

    private static void AssertEqual(Module expected, Module actual)
    {
        foreach (var (one, other) in expected.StateDict().Zip(actual.StateDict()))
            Assert.Equal(one.Tensor.ToArray<float>(), other.Tensor.ToArray<float>());
    }
}
