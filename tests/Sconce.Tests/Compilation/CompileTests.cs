using System.Diagnostics;
using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

public sealed class CompileTests
{
    [Fact]
    public void A_compiled_network_answers_as_the_eager_one_and_keeps_its_gradients_wanted()
    {
        using var scope = new TensorScope();
        using var network = Network();
        var example = Tensor.Randn([2, 3, 16, 16]);
        using var compiled = network.Compile(example);
        var other = Tensor.Randn([2, 3, 16, 16]);
        using (Gradients.Off()) Assert.Equal(0, (compiled.Call(other) - network.Call(other)).Abs().Max().Item<double>(), 1e-5);
        Assert.All(network.Parameters(), parameter => Assert.True(parameter.RequiresGrad));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_network_that_writes_into_its_input_compiles_and_then_leaves_inputs_as_they_were(bool anyBatch)
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new InPlaceHalf(), new Conv2d(3, 4, 3, padding: 1), new Relu(inPlace: true));
        var example = Tensor.Randn([2, 3, 16, 16]);
        float[] before = example.ToArray<float>();
        using var compiled = network.Compile(example, anyBatch: anyBatch);
        Assert.Equal(before, example.ToArray<float>());
        using var off = Gradients.Off();
        var expected = network.Call(example.Clone());
        Assert.Equal(0, (compiled.Call(example) - expected).Abs().Max().Item<double>(), 1e-5);
        Assert.Equal(before, example.ToArray<float>());
    }

    [Fact]
    public void A_network_that_answers_with_the_input_it_wrote_into_compiles_too()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new InPlaceHalf());
        var example = Tensor.Randn([2, 3, 4, 4]);
        using var compiled = network.Compile(example);
        using var off = Gradients.Off();
        var expected = network.Call(example.Clone());
        Assert.Equal(0, (compiled.Call(example.Clone()) - expected).Abs().Max().Item<double>(), 1e-6);
    }

    [Fact]
    public void Compiling_in_bfloat16_states_its_change_and_leaves_the_weights_as_they_were()
    {
        using var scope = new TensorScope();
        using var network = Network();
        var before = network.Parameters().First().ToArray<float>();
        using var compiled = network.Compile(Tensor.Randn([1, 3, 16, 16]), CompilePrecision.BFloat16);
        Assert.InRange(compiled.Change, 1e-6, 0.1);
        Assert.Equal(DType.Float32, network.Parameters().First().DType);
        Assert.Equal(before, network.Parameters().First().ToArray<float>());
    }

    [Fact]
    public void An_input_of_another_shape_is_refused_with_both_shapes()
    {
        using var scope = new TensorScope();
        using var network = Network();
        using var compiled = network.Compile(Tensor.Randn([1, 3, 16, 16]));
        var error = Assert.Throws<TorchException>(() => compiled.Call(Tensor.Randn([1, 3, 8, 8])));
        Assert.Contains("[1, 3, 8, 8]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[1, 3, 16, 16]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompilePrecision.Full, 1e-5)]
    [InlineData(CompilePrecision.BFloat16, 0.1)]
    public void Compiled_for_any_batch_it_answers_for_batches_that_were_not_traced(CompilePrecision precision, double tolerance)
    {
        using var scope = new TensorScope();
        using var network = Network();
        using var compiled = network.Compile(Tensor.Randn([1, 3, 16, 16]), precision, anyBatch: true);
        Assert.Equal([-1, 3, 16, 16], compiled.InputShape);
        using var off = Gradients.Off();
        foreach (int batch in new[] { 1, 2, 7 })
        {
            var x = Tensor.Randn([batch, 3, 16, 16]);
            Assert.InRange((compiled.Call(x) - network.Call(x)).Abs().Max().Item<double>(), 0, tolerance);
        }

        Assert.Throws<TorchException>(() => compiled.Call(Tensor.Randn([2, 3, 8, 8])));
    }

    [Fact]
    public void A_network_that_takes_another_way_for_another_batch_is_not_compiled_for_any()
    {
        using var scope = new TensorScope();
        using var network = new OneByOne();
        var error = Assert.Throws<TorchException>(() => network.Compile(Tensor.Randn([1, 4]), anyBatch: true));
        Assert.Contains("steps for 2 examples", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_network_with_nothing_to_rewrite_compiles_in_another_form_with_the_same_answer(bool anyBatch)
    {
        using var scope = new TensorScope();
        using var network = new Shifted();
        using var traced = Compiler.Trace(network, Tensor.Randn([2, 3]));
        using var frozen = traced.Freeze();
        Assert.Throws<TorchException>(() => frozen.Fuse());
        using var compiled = network.Compile(Tensor.Randn([2, 3]), anyBatch: anyBatch);
        var other = Tensor.Randn([anyBatch ? 7 : 2, 3]);
        using var off = Gradients.Off();
        Assert.InRange((compiled.Call(other) - network.Call(other)).Abs().Max().Item<double>(), 0, 1e-5);
    }

    [Fact]
    public void Numbers_from_outside_libtorch_are_constants_of_the_trace()
    {
        using var scope = new TensorScope();
        using var network = new Shifted();
        using var compiled = network.Compile(Tensor.Randn([2, 3]));
        Assert.Equal([1f, 2f, 3f], compiled.Call(Tensor.Zeros([2, 3])).ToArray<float>()[..3]);
    }

    [Fact]
    public void A_saved_network_loads_again_here_and_in_Python_with_the_same_answer()
    {
        using var scope = new TensorScope();
        using var network = Network();
        var example = Tensor.Ones([1, 3, 16, 16]);
        string path = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.pt");
        try
        {
            using var compiled = network.Compile(example);
            compiled.Save(path);
            using var loaded = ScriptModule.Load(path);
            float[] expected = compiled.Call(example).ToArray<float>();
            Assert.Equal(expected[0], loaded.Run(example)[0].ToArray<float>()[0], 1e-5f);
            if (!HasTorch()) Assert.Skip("Python has no torch here");
            string answer = Python($"import torch; print(float(torch.jit.load('{path}')(torch.ones(1, 3, 16, 16))[0, 0]))");
            Assert.Equal(expected[0], float.Parse(answer), 1e-5f);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void An_exception_inside_the_traced_function_comes_out_as_itself()
    {
        using var scope = new TensorScope();
        var thrown = Assert.Throws<InvalidDataException>(() =>
            ScriptModule.Trace(_ => throw new InvalidDataException("mine"), Tensor.Ones([1])));
        Assert.Equal("mine", thrown.Message);
    }

    private sealed class OneByOne : Module<Tensor, Tensor>
    {
        protected override Tensor Forward(Tensor x)
        {
            var sum = x[0];
            for (int k = 1; k < x.Size(0); k++) sum += x[k];
            return sum;
        }
    }

    private sealed class Shifted : Module<Tensor, Tensor>
    {
        protected override Tensor Forward(Tensor x) => x + Tensor.From([1f, 2f, 3f]);
    }

    private static Sequential Network()
    {
        TorchRuntime.ManualSeed(3);
        return new Sequential(new Conv2d(3, 8, 3, padding: 1), new BatchNorm2d(8), new Relu(), new Conv2d(8, 8, 3, stride: 2), new Gelu(),
            new Flatten(), new Linear(8 * 7 * 7, 5));
    }

    private static bool HasTorch() =>
        File.Exists("/usr/bin/python3") && Python("import importlib.util as u; print(u.find_spec('torch') is not None)") == "True";

    private static string Python(string program)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", program])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text.Trim();
    }

    private sealed class InPlaceHalf : Module<Tensor, Tensor>
    {
        protected override Tensor Forward(Tensor input) => input.MulInPlace(0.5);
    }
}
