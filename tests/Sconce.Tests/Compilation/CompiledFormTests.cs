using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>The form of a compiled network follows from a rule, and it says why it is no better one.</summary>
public sealed class CompiledFormTests
{
    [Fact]
    public void What_can_be_packed_is_packed_for_every_batch_and_every_time_with_the_same_digits()
    {
        Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");
        using var scope = new TensorScope();
        using var network = new Sequential(new Conv2d(3, 16, 3, padding: 1), new BatchNorm2d(16), new Relu(), new Conv2d(16, 8, 3),
            new Flatten(), new Linear(8 * 14 * 14, 5));
        for (int batch = 1; batch <= 5; batch++)
        {
            var x = Tensor.Randn([batch, 3, 16, 16]);
            float[]? first = null;
            for (int time = 0; time < 3; time++)
            {
                using var compiled = network.Compile(x);
                Assert.Equal(CompiledFormKind.Packed, compiled.Form.Kind);
                Assert.Empty(compiled.Form.Reasons);
                float[] answer = compiled.Call(x).ToArray<float>();
                Assert.Equal(first ??= answer, answer);
            }
        }
    }

    [Fact]
    public void What_cannot_be_packed_says_why()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Linear(4, 3));
        using var half = network.Compile(Tensor.Randn([2, 4]), CompilePrecision.BFloat16);
        Assert.NotEqual(CompiledFormKind.Packed, half.Form.Kind);
        Assert.Contains("32 bits", Assert.Single(half.Form.Reasons), StringComparison.Ordinal);
        using var doubles = new Traced(x => x * 2.0);
        using var wide = doubles.Compile(Tensor.Randn([2, 4]).To(DType.Float64));
        Assert.Contains("32-bit numbers", wide.Form.Reasons[0], StringComparison.Ordinal);
        Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");
        using var sine = new Traced(x => x.Sin());
        using var compiled = sine.Compile(Tensor.Randn([2, 4]));
        Assert.Contains("no layer", compiled.Form.Reasons[0], StringComparison.Ordinal);
        Assert.StartsWith("optimised (packed:", compiled.Form.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_chooses_by_its_input_is_not_compiled_though_its_example_agrees()
    {
        using var scope = new TensorScope();
        using var network = new Traced(x => x.Sum().Item<double>() == 0 ? x * 2.0 : x * 3.0);
        var error = Assert.Throws<TorchException>(() => network.Compile(Tensor.Zeros([2, 4])));
        Assert.Contains("random batch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compiling_draws_no_number_from_the_global_generator()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Linear(4, 3));
        TorchRuntime.ManualSeed(9);
        float[] expected = Tensor.Randn([5]).ToArray<float>();
        TorchRuntime.ManualSeed(9);
        using var compiled = network.Compile(Tensor.Zeros([2, 4]));
        Assert.Equal(expected, Tensor.Randn([5]).ToArray<float>());
    }
}
