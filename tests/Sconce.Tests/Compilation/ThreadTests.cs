using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Tests.Common;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>One network asked by several threads at once, as docs/threads.md promises.</summary>
public sealed class ThreadTests
{
    public static TheoryData<int> Callers => [1, 2, 3, 5, 8];

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_compiled_network_answers_every_thread_as_it_answers_one(int callers)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        TorchRuntime.ManualSeed(2);
        Tensor stem = Tensor.Randn([32, 3, 7, 7]) * 0.1, square = Tensor.Randn([32, 32, 3, 3]) * 0.1, each =
            Tensor.Randn([32, 1, 3, 3]) * 0.3, down = Tensor.Randn([64, 32, 3, 3]) * 0.1;
        Tensor point = Tensor.Randn([64, 64, 1, 1]) * 0.1, project = Tensor.Randn([192, 64]) * 0.1, head = Tensor.Randn([10, 64]);
        using var network = new Traced(Answer);
        using var compiled = network.Compile(Tensor.Randn([2, 3, 64, 64]), anyBatch: true);
        Tensor[] inputs = [Tensor.Randn([2, 3, 64, 64]), Tensor.Randn([1, 3, 64, 64]), Tensor.Randn([3, 3, 64, 64])];
        Asked(callers, inputs, compiled.Call, exactly: true);

        Tensor Answer(Tensor x)
        {
            long batch = x.Size(0);
            var y = Functional.Conv2d(x, stem, null, [2, 2], [3, 3], [1, 1], 1).Relu();       // oneDNN's own convolution
            y = (Functional.Conv2d(y, square, null, [1, 1], [1, 1], [1, 1], 1) + y).Relu();    // Winograd's filtering
            y *= y.Mean([2, 3], keepdim: true).Sigmoid();                                       // a gate in one pass
            y = Functional.Conv2d(y, each, null, [1, 1], [1, 1], [1, 1], 32).Silu();            // each channel for itself
            y = Functional.Conv2d(y, down, null, [4, 4], [1, 1], [1, 1], 1).Hardswish();        // over patches
            y = Functional.Conv2d(y, point, null, [1, 1], [0, 0], [1, 1], 1);                   // a product of rows
            var tokens = Functional.Linear(y.Flatten(2).Transpose(1, 2), project).Reshape([batch, 64, 3, 4, 16]).Permute([2, 0, 3, 1, 4]);
            var seen = (tokens[0].Matmul(tokens[1].Transpose(-2, -1)) * 0.25).Softmax(-1).Matmul(tokens[2]).Transpose(1,
                2).Reshape([batch, 64, 64]);
            return Functional.Linear(seen.Mean([1]), head);
        }
    }

    [Fact]
    public void A_network_in_evaluation_answers_every_thread_as_it_answers_one()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new Sequential(new Conv2d(32, 32, 3, padding: 1), new BatchNorm2d(32), new Relu(), new Flatten(),
            new Linear(32 * 64 * 64, 5));
        network.Eval();
        Asked(4, [Tensor.Randn([2, 32, 64, 64]), Tensor.Randn([4, 32, 64, 64])], network.Call, exactly: false);
    }

    [Fact]
    public void A_scope_and_the_switch_for_gradients_belong_to_their_thread()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        bool elsewhere = false;
        Tensor? kept = null;
        var thread = new Thread(() =>
        {
            elsewhere = Gradients.Enabled;
            using var own = new TensorScope();
            kept = own.Keep(Tensor.Ones([3]));
        });
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
        Assert.False(Gradients.Enabled);
        using (kept) Assert.Equal(3, kept!.Sum().Item<double>());
    }

    // Each thread has libtorch's usual number of threads besides.
    private static void Asked(int callers, Tensor[] inputs, Func<Tensor, Tensor> call, bool exactly)
    {
        using var kept = new KeptThreads();
        TorchRuntime.Threads = Math.Max(2, TorchRuntime.Threads);
        float[][] expected = [.. inputs.Select(x => call(x).ToArray<float>())];
        int wrong = 0;
        Exception? failure = null;
        var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
        {
            try
            {
                for (int k = 0; k < 6; k++)
                {
                    using var scope = new TensorScope();
                    using var inference = Gradients.Inference();
                    int which = (caller + k) % inputs.Length;
                    float[] answer = call(inputs[which]).ToArray<float>();
                    for (int i = 0; i < answer.Length; i++)
                    {
                        if (exactly ? answer[i] != expected[which][i]
                            : Math.Abs(answer[i] - expected[which][i]) > 1e-5f) Interlocked.Increment(ref wrong);
                    }
                }
            }
            catch (Exception error)
            {
                failure = error;
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Null(failure);
        Assert.Equal(0, wrong);
    }
}
