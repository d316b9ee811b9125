using System.Runtime.CompilerServices;
using Xunit;

namespace Sconce.Torch.Tests.Tensors;

public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_inside_and_keeps_what_was_let_out()
    {
        long before = TensorDiagnostics.Unfreed;
        Tensor kept;
        using (var scope = new TensorScope())
        {
            var a = Tensor.Ones([2, 3]);
            var b = a + a;
            kept = scope.Keep(b * 2);
            Assert.Equal(3, TensorDiagnostics.Unfreed - before);
            Assert.Equal(2, scope.Count);
        }

        Assert.Equal(1, TensorDiagnostics.Unfreed - before);
        Assert.Equal([4f, 4f, 4f, 4f, 4f, 4f], kept.ToArray<float>());
        kept.Dispose();
        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void What_is_let_out_belongs_to_the_scope_around()
    {
        long before = TensorDiagnostics.Unfreed;
        Tensor a, b;
        using (var outer = new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                a = inner.Keep(Tensor.Ones([1]));
                b = inner.KeepForever(Tensor.Ones([1]));
            }

            Assert.False(a.IsDisposed);
            Assert.Equal(1, outer.Count);
        }

        Assert.True(a.IsDisposed);
        Assert.False(b.IsDisposed);
        b.Dispose();
        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void Tuples_lists_and_containers_are_let_out_whole()
    {
        using var outer = new TensorScope();
        (Tensor First, (Tensor[] List, int Number) Second) tuple;
        List<Tensor?> list;
        Pair pair;
        Tensor lost;
        using (var scope = new TensorScope())
        {
            tuple = scope.Keep((Tensor.Ones([1]), (new[] { Tensor.Ones([1]), Tensor.Ones([1]) }, 7)));
            list = scope.Keep(new List<Tensor?> { Tensor.Ones([1]) });
            pair = scope.Keep(new Pair(Tensor.Ones([1]), Tensor.Ones([1])));
            Assert.Equal(3, scope.Keep(3));
            Assert.Null(scope.Keep<Tensor?>(null));
            lost = Tensor.Ones([1]);
            Assert.Contains(nameof(ITensorContainer), Assert.Throws<InvalidOperationException>(Refused).Message);
        }

        Assert.True(lost.IsDisposed);
        Tensor[] all = [tuple.First, .. tuple.Second.List, list[0]!, pair.Left, pair.Right];
        Assert.All(all, tensor => Assert.False(tensor.IsDisposed));

        static void Refused()
        {
            using var scope = new TensorScope();
            scope.Keep(new Uri("https://example.org"));
        }
    }

    [Fact]
    public void An_exception_frees_what_was_made()
    {
        long before = TensorDiagnostics.Unfreed;
        Assert.Throws<TorchException>(() =>
        {
            using var outer = new TensorScope();
            using var inner = new TensorScope();
            Tensor.Ones([2]).Add(Tensor.Ones([3]));
        });
        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void Closing_a_scope_closes_those_left_open_inside()
    {
        long before = TensorDiagnostics.Unfreed;
        var outer = new TensorScope();
        var inner = new TensorScope();
        var innermost = new TensorScope();
        var a = Tensor.Ones([1]);
        outer.Dispose();
        Assert.True(a.IsDisposed);
        innermost.Dispose();
        inner.Dispose();
        outer.Dispose();
        Assert.Equal(before, TensorDiagnostics.Unfreed);
        default(TensorScope).Dispose();
    }

    [Fact]
    public void Closing_twice_leaves_the_next_scope_alone()
    {
        var first = new TensorScope();
        first.Dispose();
        using var second = new TensorScope();
        var a = Tensor.Ones([1]);
        first.Dispose();
        Assert.False(a.IsDisposed);
    }

    [Fact]
    public void Tensors_disposed_inside_are_not_freed_again()
    {
        long before = TensorDiagnostics.Unfreed;
        using (new TensorScope())
        {
            for (int k = 0; k < 1000; k++) Tensor.Ones([1]).Dispose();
            Assert.Equal(before, TensorDiagnostics.Unfreed);
        }

        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void Many_tensors_are_freed_together()
    {
        long before = TensorDiagnostics.Unfreed;
        using (var scope = new TensorScope())
        {
            for (int k = 0; k < 1000; k++)
            {
                var made = Tensor.Ones([1]);
                if (k % 3 == 0) made.Dispose();
            }

            Assert.Equal(666, scope.Count);
        }

        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void Every_thread_has_its_own_scopes_and_the_counts_add_up()
    {
        long before = TensorDiagnostics.Unfreed;
        using var scope = new TensorScope();
        var mine = Tensor.Ones([1]);
        using var ready = new Barrier(5);
        using var done = new Barrier(5);
        var threads = Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            using var inner = new TensorScope();
            for (int k = 0; k < 10; k++) Tensor.Ones([1]);
            ready.SignalAndWait();
            done.SignalAndWait();
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        ready.SignalAndWait();
        Assert.Equal(before + 41, TensorDiagnostics.Unfreed);
        Assert.Equal(1, scope.Count);
        done.SignalAndWait();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(before + 1, TensorDiagnostics.Unfreed);
        Assert.False(mine.IsDisposed);
    }

    [Fact]
    public void A_tensor_may_be_disposed_on_another_thread()
    {
        long before = TensorDiagnostics.Unfreed;
        var made = Tensor.Ones([1]);
        var thread = new Thread(made.Dispose);
        thread.Start();
        thread.Join();
        Assert.True(made.IsDisposed);
        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void A_thousand_training_steps_end_with_the_live_count_of_the_first()
    {
        using var scope = new TensorScope();
        var weight = Figures.Numbers("w", 4, 4).Float().WithGrad();
        var x = Figures.Numbers("x", 2, 4).Float();
        long after = 0;
        for (int step = 0; step < 1000; step++)
        {
            using (new TensorScope())
            {
                weight.Grad = null;
                var loss = Functional.Linear(x, weight).Tanh().Square().Mean();
                loss.Backward();
                using var noGrad = Gradients.Off();
                weight.SubInPlace(weight.Grad! * 0.1);
            }

            if (step == 0) after = TensorDiagnostics.Unfreed;
        }

        Assert.Equal(after, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void What_nobody_freed_the_finaliser_counts_with_its_stack()
    {
        long leaked = TensorDiagnostics.Leaked, live = TensorDiagnostics.Live;
        var stacks = new List<string>();
        void Hear(string stack)
        {
            lock (stacks) stacks.Add(stack);
        }

        TensorDiagnostics.LeakFound += Hear;
        TensorDiagnostics.RecordStacks = true;
        try
        {
            Forget();
            Collect(() => TensorDiagnostics.Leaked > leaked);
        }
        finally
        {
            TensorDiagnostics.RecordStacks = false;
            TensorDiagnostics.LeakFound -= Hear;
        }

        AssertForgotten(1, leaked, live);
        Assert.Contains(nameof(Forget), Assert.Single(stacks));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget() => Tensor.Ones([1]);
    }

    [Fact]
    public void A_thread_that_ends_with_a_scope_open_is_cleared_up()
    {
        long leaked = TensorDiagnostics.Leaked, live = TensorDiagnostics.Live;
        Run();
        Collect(() => TensorDiagnostics.Leaked >= leaked + 3);
        AssertForgotten(3, leaked, live);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Run()
        {
            var thread = new Thread(() =>
            {
                _ = new TensorScope();
                Tensor.Ones([1]);
                _ = new TensorScope();
                Tensor.Ones([1]);
                Tensor.Ones([1]);
            });
            thread.Start();
            thread.Join();
        }
    }

    /// <summary>What an earlier test left behind may be found in the same collection: it lowers the living as it raises the leaked, and
    /// nothing else does.</summary>
    private static void AssertForgotten(int count, long leaked, long live)
    {
        long others = TensorDiagnostics.Leaked - leaked - count;
        Assert.InRange(others, 0, long.MaxValue);
        Assert.Equal(live - others, TensorDiagnostics.Live);
    }

    private static void Collect(Func<bool> done)
    {
        for (int k = 0; k < 50 && !done(); k++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(5);
        }
    }

    private sealed record Pair(Tensor Left, Tensor Right) : ITensorContainer
    {
        public IEnumerable<Tensor> Tensors => [Left, Right];
    }
}
