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
    public void A_prioritised_replay_draws_in_proportion_to_the_roots_of_losses_and_new_steps_as_the_highest()
    {
        var replay = new ReplayBuffer(8, 1, 1, 0.5, 3, prioritised: true);
        for (int k = 0; k < 5; k++) replay.Add([k], 0, new StepResult(0, false, false));
        for (int round = 0; round < 20; round++)
        {
            var batch = replay.Sample(64);
            // the losses are 1, 4, 9 and 16 by step: roots that are in proportion 1 : 2 : 3 : 4
            batch.Learned!([.. batch.Observations.Select(step => (step + 1) * (step + 1))]);
        }

        int[] drawn = new int[6];
        for (int round = 0; round < 100; round++) foreach (float step in replay.Sample(100).Observations) drawn[(int)step]++;
        for (int k = 0; k < 4; k++) Assert.InRange(drawn[k], 1000 * (k + 1) - 150, 1000 * (k + 1) + 150);
        Assert.Equal(0, drawn[4]);    // nothing follows the newest yet

        replay.Add([5], 0, new StepResult(0, false, false));
        replay.Add([6], 0, new StepResult(0, false, false));
        var then = Enumerable.Range(0, 100).SelectMany(_ => replay.Sample(100).Observations).ToLookup(step => (int)step);
        Assert.InRange((double)then[5].Count() / then[3].Count(), 0.9, 1.1);
    }

    [Fact]
    public void A_prioritised_replay_goes_on_bit_for_bit_and_takes_one_that_drew_evenly()
    {
        var replay = Full(prioritised: true);
        for (int round = 0; round < 5; round++)
        {
            var batch = replay.Sample(16);
            batch.Learned!([.. batch.Rewards.Select(reward => reward * reward / 7)]);
        }

        var other = Full(prioritised: true);
        other.Load(Saved(replay));
        for (int round = 0; round < 4; round++)
        {
            var (a, b) = (replay.Sample(16), other.Sample(16));
            Assert.Equal(a.Observations, b.Observations);
            foreach (var batch in (ReplayBatch[])[a, b]) batch.Learned!([.. batch.Rewards]);
        }

        byte[] damaged = Saved(replay).ToArray();
        damaged.AsSpan(48, 8).Fill(0xFF);
        Assert.Throws<InvalidDataException>(() => other.Load(new MemoryStream(damaged)));
        other.Load(Saved(Full(prioritised: false)));
        Assert.InRange(other.Sample(200).Observations.Where((_, k) => k % 2 == 0).Distinct().Count(), 15, 20);

        static ReplayBuffer Full(bool prioritised)
        {
            var replay = new ReplayBuffer(20, 2, 2, 0.5, 5, prioritised);
            for (int k = 0; k < 33; k++) replay.Add([k, -k], k % 3, new StepResult(k, k % 7 == 6, k % 7 == 6));
            return replay;
        }

        static MemoryStream Saved(ReplayBuffer replay)
        {
            var stream = new MemoryStream();
            replay.Save(stream);
            stream.Position = 0;
            return stream;
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
