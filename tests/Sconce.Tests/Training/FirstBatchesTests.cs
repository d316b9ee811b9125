using System.Runtime.CompilerServices;
using Sconce.Data;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

public sealed class FirstBatchesTests
{
    [Fact]
    public void The_first_batches_outlive_their_stream_and_are_freed_with_their_group()
    {
        var source = new Counted(3);
        var group = source.FirstBatches(2, TestContext.Current.CancellationToken);
        Assert.True(source.IsEnded);
        Assert.Equal([0, 1], group.Batches.Select(batch => batch.Number));
        Assert.All(group.Batches, batch => Assert.False(batch.IsFreed));
        group.Dispose();
        Assert.All(source.Given, batch => Assert.True(batch.IsFreed));
    }

    [Fact]
    public void A_source_that_ends_too_soon_says_so_and_leaves_nothing_behind()
    {
        var source = new Counted(1);
        var error = Assert.Throws<TrainingException>(() => source.FirstBatches(2, TestContext.Current.CancellationToken));
        Assert.Contains("ended after 1 batches", error.Message, StringComparison.Ordinal);
        Assert.True(source.IsEnded);
        Assert.True(Assert.Single(source.Given).IsFreed);
    }

    private sealed class Numbered(int number) : IDisposable
    {
        public int Number => number;

        public bool IsFreed { get; private set; }

        public void Dispose() => IsFreed = true;
    }

    private sealed class Counted(int batches) : IBatchSource<Numbered>
    {
        public List<Numbered> Given { get; } = [];

        public bool IsEnded { get; private set; }

        public int BatchesPerEpoch => batches;

        public IAsyncEnumerable<Numbered> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default) =>
            Read(first, cancellationToken);

        private async IAsyncEnumerable<Numbered> Read(int first, [EnumeratorCancellation] CancellationToken cancellation)
        {
            try
            {
                for (int k = first; k < batches; k++)
                {
                    await Task.Delay(1, cancellation);
                    Given.Add(new Numbered(k));
                    yield return Given[^1];
                }
            }
            finally
            {
                IsEnded = true;
            }
        }
    }
}
