using Sconce.Metrics;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Metrics;

public sealed class RepetitionTests
{
    [Fact]
    public void Copies_are_nearer_than_all_others_and_new_pictures_as_near()
    {
        double[] others = [.. Enumerable.Range(1, 100).Select(k => (double)k)];
        Assert.Equal(new Repetition(1, 1), Repetition.Of([0, 0.1, 0.2], others));
        Assert.Equal(new Repetition(0.5, 0.05), Repetition.Of(others, others));
        Assert.Equal(new Repetition(0, 0), Repetition.Of([200, 300], others));
        var some = Repetition.Of([.. others, .. Enumerable.Repeat(0.0, 50)], others); // a third of them copies
        Assert.True(some.IsSuspicious && some.Nearer is > 0.6 and < 0.7, $"{some}");
        Assert.False(Repetition.Of(others, others).IsSuspicious);
        Assert.Throws<ArgumentException>(() => Repetition.Of([], others));
        Assert.Throws<ArgumentException>(() => Repetition.Of(others, []));
    }

    [Fact]
    public void A_picture_is_not_its_own_neighbour_and_batches_do_not_matter()
    {
        using var scope = new TensorScope();
        var learned = Tensor.From((float[])[0, 0, 3, 4, 0, 1, 10, 10], [4, 2]);
        var asked = new NearestLearned(learned, [0, 1, 2, 3]);
        asked.Add(learned.Narrow(0, 0, 1), [0]);
        asked.Add(learned.Narrow(0, 1, 3), [1, 2, 3]);
        Assert.Equal([1, Math.Sqrt(18), 1, Math.Sqrt(85)], asked.Distances);
        var painted = new NearestLearned(learned.Narrow(0, 1, 1), [-1]);
        painted.Add(learned, [0, 1, 2, 3]);
        Assert.Equal([0.0], painted.Distances); // a copy has no distance at all
    }
}
