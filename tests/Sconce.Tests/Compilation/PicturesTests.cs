using Sconce.Compilation;
using Sconce.Tests.Common;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>Compiled networks whose first layers go through few pictures of a batch at a time (native/pictures.cpp).</summary>
public sealed class PicturesTests
{
    public PicturesTests() => TorchRuntime.ManualSeed(9);

    public static TheoryData<int, int> Batches => new() { { 1, 1 }, { 2, 1 }, { 5, 1 }, { 1, 2 }, { 2, 2 }, { 5, 2 }, { 7, 3 } };

    [Theory]
    [MemberData(nameof(Batches))]
    public void Each_picture_of_a_batch_is_answered_as_the_eager_network_answers_it_alone(int batch, int threads) => With(threads, () =>
    {
        using var scope = new TensorScope();
        var network = Network();
        using var traced = new Traced(network);
        using var compiled = traced.Compile(Tensor.Randn([1, 3, 192, 160]), anyBatch: true);
        var x = Tensor.Randn([batch, 3, 192, 160]);
        var answers = compiled.Call(x);
        for (int k = 0; k < batch; k++) Near(network(x.Narrow(0, k, 1)), answers.Narrow(0, k, 1));
    });

    [Fact]
    public void A_value_that_is_read_much_later_is_there_for_every_picture() => With(2, () =>
    {
        using var scope = new TensorScope();
        Tensor stem = Kernels(32, 3), first = Kernels(32, 32), second = Kernels(32, 32), last = Kernels(32, 32);
        using var traced = new Traced(Answer);
        using var compiled = traced.Compile(Tensor.Randn([1, 3, 200, 200]), anyBatch: true);
        var x = Tensor.Randn([3, 3, 200, 200]);
        Near(Answer(x), compiled.Call(x));

        Tensor Answer(Tensor x)
        {
            var early = Convolved(x, stem).Relu();
            var y = Convolved(Convolved(early, first).Relu(), second).Relu();
            return (Convolved(y, last) + early).Relu().Mean([2, 3]) + early.Amax([2, 3]);
        }
    });

    [Fact]
    public void Pictures_of_other_sizes_than_the_example_and_in_another_order_are_answered_too() => With(2, () =>
    {
        using var scope = new TensorScope();
        var network = Network();
        using var traced = new Traced(network);
        using var compiled = traced.Compile(Tensor.Randn([2, 3, 160, 160]), anyBatch: true);
        var turned = Tensor.Randn([4, 160, 160, 3]).Permute([0, 3, 1, 2]);
        Near(network(turned), compiled.Call(turned));
        Assert.Equal(0, compiled.Call(Tensor.Randn([0, 3, 160, 160])).Size(0));
    });

    [Fact]
    public void What_is_no_number_in_one_picture_stays_in_its_own_answer() => With(2, () =>
    {
        using var scope = new TensorScope();
        var network = Network();
        using var traced = new Traced(network);
        using var compiled = traced.Compile(Tensor.Randn([1, 3, 160, 160]), anyBatch: true);
        var x = Tensor.Randn([4, 3, 160, 160]);
        x[2].FillInPlace(double.NaN);
        float[] answers = compiled.Call(x).ToArray<float>();
        int each = answers.Length / 4;
        for (int k = 0; k < answers.Length; k++) Assert.Equal(k / each == 2, float.IsNaN(answers[k]));
    });

    public static TheoryData<int, int, int, int, int, bool> Poolings => new()
    {
        { 8, 3, 2, 1, 1, false }, { 19, 3, 2, 1, 1, true }, { 24, 2, 2, 0, 1, true }, { 21, 5, 1, 2, 1, false }, { 16, 3, 2, 1, 3, true },
        { 17, 2, 3, 0, 2, false },
    };

    [Theory]
    [MemberData(nameof(Poolings))]
    public void The_largest_of_a_window_is_libtorchs_for_every_window_and_what_is_no_number_is_the_largest(
        int channels, int size, int stride, int padding, int dilation, bool ceil) => With(2, () =>
    {
        using var scope = new TensorScope();
        Tensor stem = Kernels(channels, 3), point = Tensor.Randn([8, channels, 1, 1]);
        using var traced = new Traced(Answer);
        using var compiled = traced.Compile(Tensor.Randn([1, 3, 30, 41]), anyBatch: true);
        if (ScriptModule.CanFuse) Assert.Equal(CompiledFormKind.Packed, compiled.Form.Kind);
        foreach (double odd in (double[])[0, double.NaN, double.PositiveInfinity, double.NegativeInfinity])
        {
            var x = Tensor.Randn([3, 3, 30, 41]);
            x[1, 0, 7, 11].FillInPlace(odd);
            Tensor expected = Answer(x), answer = compiled.Call(x);
            Assert.Equal(expected.Shape.ToArray(), answer.Shape.ToArray());
            Assert.Equal(expected.Isnan().ToArray<bool>(), answer.Isnan().ToArray<bool>());
            Near(expected.NanToNum(0, 0, 0), answer.NanToNum(0, 0, 0));
        }

        Tensor Answer(Tensor x)
        {
            var y = Convolved(x, stem);
            for (int k = 0; k < 2; k++)
            {
                y = y.MaxPool2d([size, size], [stride, stride], [padding, padding], [dilation, dilation], ceil);
            }

            return Functional.Conv2d(y, point, null, [1, 1], [0, 0], [1, 1], 1).Relu();
        }
    });

    [Theory]
    [InlineData(16, 1)]
    [InlineData(16, 3)]
    [InlineData(96, 1)]
    [InlineData(96, 3)]
    public void A_sum_may_take_the_place_of_what_it_adds_only_where_nothing_reads_that_later(int channels, int window) => With(2, () =>
    {
        using var scope = new TensorScope();
        Tensor stem = Kernels(channels, 3);
        Tensor[] kernels = [.. Enumerable.Range(0, 6).Select(_ => Kernel())];
        using var traced = new Traced(Answer);
        using var compiled = traced.Compile(Tensor.Randn([1, 3, 24, 24]), anyBatch: true);
        if (ScriptModule.CanFuse) Assert.Equal(CompiledFormKind.Packed, compiled.Form.Kind); // a wrong one would be passed over
        foreach (int batch in (int[])[1, 5])
        {
            foreach (double odd in (double[])[1, double.NaN])
            {
                var x = Tensor.Randn([batch, 3, 24, 24]);
                x[0, 0, 5, 5].FillInPlace(odd);
                Tensor expected = Answer(x), answer = compiled.Call(x);
                Assert.Equal(expected.Isnan().ToArray<bool>(), answer.Isnan().ToArray<bool>());
                Near(expected.NanToNum(), answer.NanToNum());
            }
        }

        Tensor Kernel() => Tensor.Randn([channels, channels, window, window]) * (0.7 / Math.Sqrt(window * window * channels));

        Tensor Answer(Tensor x)
        {
            var y = Convolved(x, stem).Relu();
            y = (Through(Through(y, 0).Relu(), 1) + y).Relu();              // the usual block: y is read by the sum last
            y = (Through(y, 2) + y).Relu();                                 // by the layer and the sum at once
            var later = (Through(Through(y, 3).Relu(), 4) + y).Relu();      // y is read once more below
            return (Through(later, 5) + y).Relu();
        }

        Tensor Through(Tensor y, int k) =>
            Functional.Conv2d(y, kernels[k], null, [1, 1], [window / 2, window / 2], [1, 1], 1);
    });

    /// <summary>A stem, a pooling, two blocks that make much of a picture with few weights, one with many weights, a head.</summary>
    private static Func<Tensor, Tensor> Network()
    {
        Tensor stem = Tensor.Randn([32, 3, 7, 7]) * 0.1, first = Kernels(32, 32), second = Kernels(32, 32), down = Kernels(64, 32),
            project = Tensor.Randn([64, 32, 1, 1]) * 0.2, heavy = Kernels(512, 64), point = Tensor.Randn([64, 512, 1, 1]) * 0.05,
            head = Tensor.Randn([10, 64]) * 0.2;
        return x =>
        {
            var y = Functional.Conv2d(x, stem, null, [2, 2], [3, 3], [1, 1], 1).Relu().MaxPool2d([3, 3], [2, 2], [1, 1], [1, 1], true);
            y = (Convolved(Convolved(y, first).Relu(), second) + y).Relu();
            y = (Functional.Conv2d(y, down, null, [2, 2], [1, 1], [1, 1], 1)
                + Functional.Conv2d(y, project, null, [2, 2], [0, 0], [1, 1], 1)).Relu();
            y = (Functional.Conv2d(Convolved(y, heavy).Relu(), point, null, [1, 1], [0, 0], [1, 1], 1) + y).Relu();
            return Functional.Linear(y.Mean([2, 3]), head);
        };
    }

    private static Tensor Kernels(int outputs, int inputs) => Tensor.Randn([outputs, inputs, 3, 3]) * (0.7 / Math.Sqrt(9 * inputs));

    private static Tensor Convolved(Tensor x, Tensor kernels) => Functional.Conv2d(x, kernels, null, [1, 1], [1, 1], [1, 1], 1);

    private static void Near(Tensor expected, Tensor answer)
    {
        Assert.Equal(expected.Shape.ToArray(), answer.Shape.ToArray());
        double size = Math.Sqrt(expected.Square().Mean().Item<double>());
        Assert.True((expected - answer).Abs().Max().Item<double>() <= 1e-4 * size);
    }

    private static void With(int threads, Action test)
    {
        using var kept = new KeptThreads();
        TorchRuntime.Threads = threads;
        using var off = Gradients.Off();
        test();
    }
}
