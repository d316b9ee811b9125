using Sconce.Compilation;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>Random networks, compiled and packed, against the same operators run one by one: 200 where SCONCE_SLOW is 1, else a
/// few.</summary>
public sealed class RandomNetworkTests
{
    private const int Batch = 10;
    private const double Tolerance = 1e-3;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" ? 200 / Batch
        : 1)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Compiled_and_packed_a_random_network_answers_inputs_of_every_order_as_eagerly(int tens)
    {
        for (int seed = tens * Batch; seed < (tens + 1) * Batch; seed++) Agrees(seed);
    }

    private static void Agrees(int seed)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        TorchRuntime.ManualSeed((ulong)seed);
        var random = new RandomNetwork(seed);
        using var network = new Traced(random.Call);
        using var compiled = network.Compile(Tensor.Randn(random.Shape));
        Held($"compiled ({compiled.Form})", compiled.Call);
        if (!ScriptModule.CanFuse) return;

        // The packed form besides, where the check after compiling passed over it: only then might it err.
        if (compiled.Form.Kind != CompiledFormKind.Packed)
            Assert.DoesNotContain("differs", compiled.Form.Reasons is [var first, ..] ? first : "",
            StringComparison.Ordinal);

        void Held(string form, Func<Tensor, Tensor> call)
        {
            for (int layout = 0; layout < 5; layout++)
            {
                using var inner = new TensorScope();
                Tensor x = Laid(random.Shape, layout), expected = random.Call(x.Clone()), answer = call(x);
                Assert.Equal(expected.Shape.ToArray(), answer.Shape.ToArray());
                double scale = Math.Max(1e-2, expected.Abs().Max().Item<double>()), change =
                    (expected - answer).Abs().Max().Item<double>() / scale;
                Assert.True(change <= Tolerance,
                    $"seed {seed}, order {layout}, {form}: differs by {change:G3} of its largest number. {random}");
            }
        }
    }

    private static Tensor Laid(long[] s, int layout) => layout switch
    {
        0 => Tensor.Randn(s) * 3.0,
        1 => Tensor.Randn(s).Contiguous(MemoryFormat.ChannelsLast),
        2 => Tensor.Randn([s[0] + 1, s[1] + 2, s[2] + 1, s[3] + 3]).Narrow(0, 1, s[0]).Narrow(1, 1, s[1]).Narrow(2, 0, s[2]).Narrow(3, 2,
            s[3]),
        3 => Tensor.Randn([1, s[1], s[2], 1]).Expand(s),
        _ => Tensor.Randn([s[3], s[1], s[0], s[2]]).Permute([2, 1, 3, 0]),
    };
}
