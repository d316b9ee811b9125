using Sconce.Control;
using Xunit;

namespace Sconce.Tests.Control;

public class ReplayBufferTests
{
    private static ReplayBuffer Filled(int steps, int added, ulong seed = 3)
    {
        var replay = new ReplayBuffer(20, 2, steps, 0.5, seed);
        for (int k = 0; k < added; k++) replay.Add([k, -k], k % 3, new StepResult(k, k % 7 == 6, k % 7 == 6 || k % 11 == 10));
        return replay;
    }

    [Fact]
    public void Returns_are_discounted_sums_that_end_with_the_episode_and_never_reach_into_another()
    {
        var batch = Filled(3, 50).Sample(500);
        for (int row = 0; row < batch.Actions.Length; row++)
        {
            int first = (int)batch.Observations[2 * row], end = first;
            while (end < first + 2 && end % 7 != 6) end++;
            double expected = Enumerable.Range(first, end - first + 1).Sum(k => k * Math.Pow(0.5, k - first));
            Assert.Equal(expected, batch.Rewards[row], 1e-4);
            Assert.Equal(end % 7 == 6 ? 0 : 0.125, batch.Discounts[row]);
            if (batch.Discounts[row] > 0) Assert.Equal(first + 3, batch.Next[2 * row]);
            Assert.InRange(first, 30, 49);
            Assert.DoesNotContain(Enumerable.Range(first, end - first + 1), k => k % 11 == 10 && k % 7 != 6);
            Assert.Equal(first % 3, batch.Actions[row]);
        }
    }

    [Fact]
    public void What_is_saved_goes_on_bit_for_bit()
    {
        var replay = Filled(2, 33);
        replay.Sample(5);
        using var stream = new MemoryStream();
        replay.Save(stream);
        stream.Position = 0;
        var other = new ReplayBuffer(20, 2, 2, 0.5, 99);
        other.Load(stream);
        foreach (var each in (ReplayBuffer[])[replay, other]) each.Add([7, 7], 1, new StepResult(1, false, false));
        for (int round = 0; round < 3; round++)
        {
            var (a, b) = (replay.Sample(16), other.Sample(16));
            Assert.Equal(a.Observations, b.Observations);
            Assert.Equal(a.Rewards, b.Rewards);
            Assert.Equal(a.Next, b.Next);
            Assert.Equal(a.Discounts, b.Discounts);
        }
    }

    [Fact]
    public void A_damaged_or_other_replay_changes_nothing()
    {
        using var stream = new MemoryStream();
        Filled(2, 33).Save(stream);
        byte[] whole = stream.ToArray();
        var target = Filled(2, 5, 1);
        Assert.Throws<InvalidDataException>(() => target.Load(new MemoryStream(whole[..^1])));
        Assert.Throws<InvalidDataException>(() => target.Load(new MemoryStream([1, 2, 3])));
        Assert.Throws<InvalidDataException>(() => new ReplayBuffer(21, 2, 2, 0.5, 0).Load(new MemoryStream(whole)));
        whole[20] = 0xFF;
        Assert.Throws<InvalidDataException>(() => target.Load(new MemoryStream(whole)));
        Assert.Equal(5, target.Count);
        Assert.Equal(Filled(2, 5, 1).Sample(8).Observations, target.Sample(8).Observations);
        Assert.Throws<InvalidOperationException>(() => Filled(3, 2).Sample(1));
    }
}
