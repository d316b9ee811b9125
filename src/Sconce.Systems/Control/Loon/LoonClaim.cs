using System.Globalization;
using Sconce.Claims;
using Sconce.Control;
using Sconce.Torch;

namespace Sconce.Systems.Control.Loon;

/// <summary>
/// QR-DQN learns to keep a balloon near its station in a reduced world, about as well as the controller that people made.
/// </summary>
public sealed class LoonClaim : Claim
{
    private const int Worlds = 64, Unseen = 256, UnseenSeed = 10_000_000, Batch = 128, Kept = 1600;
    private const double Discount = 0.97;
    private const string Within = "time within 50 km", Reward = "mean reward", Learnt = "QR-DQN", Seeker = "StationSeeker",
        Chance = "random";

    /// <inheritdoc/>
    public override string Statement =>
        "An agent of quantile regression learns to keep a balloon near its station by riding the winds, as well as the controller that " +
            "flew before it.";

    /// <inheritdoc/>
    public override string Rule =>
        "On 256 unseen worlds of 16 heights. Holds if the learnt agent is within 50 km at least 30 % of the time, at least 2.2 times as " +
            "much as a random one, and its mean reward is at most " +
        "0.05 below StationSeeker's. Does not hold if a mean misses by more than its standard error. That it beats StationSeeker is not " +
            "claimed at this budget.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int updates = options.Quick ? 30 : 4000, unseen = options.Quick ? 8 : Unseen;
        TorchRuntime.ManualSeed((ulong)seed);
        using var learner = new QuantileLearner(new QuantileNetworkConfig(SmallWorld.Numbers, 3, 3, 128, 32),
            new QuantileLearnerSettings(5e-4, 1e-8));
        var losses = Train(learner, updates, seed, progress, cancellation);
        var random = new Random(seed + 77);
        (string Name, Func<SmallWorld, float[], int> Act)[] arms =
            [(Learnt, (_, seen) => (int)learner.Act(seen)[0]), (Seeker, (world, _) => world.Seek()), (Chance, (_, _) => random.Next(3))];
        var rows = new List<ClaimRow>();
        foreach (var (name, act) in arms)
        {
            var (within, reward) = Fly(act, unseen, cancellation);
            rows.Add(new ClaimRow(name, Within, [within]) { IsMethod = name == Learnt });
            rows.Add(new ClaimRow(name, Reward, [reward]) { IsMethod = name == Learnt });
        }

        return new SeedResult(rows)
        {
            Network = ClaimNetwork.Of("loon_claim", learner.Network),
            Curves = [new ClaimCurve("loss", $"seed {seed}", [.. Enumerable.Range(0, losses.Count).Select(step => (double)step)], losses)],
            Configuration =
            [
                ("world", "16 heights, 96 steps of 15 minutes, winds of a base and four waves a component; start within 60 km"),
                ("agent",
                    $"101-128-128-3x32, discount {Discount}, Adam at 5e-4, {Worlds} worlds at once, {updates} updates of {Batch}, " +
                        $"exploration from 1 to 0.05 over 1,200"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Within), table.ByArm(Reward));
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> within, IReadOnlyDictionary<string,
        List<double>> reward)
    {
        var verdict = ByMargins(
            within[Learnt].Select(share => share - 0.30),
            within[Learnt].Zip(within[Chance], (learnt, chance) => learnt - (2.2 * chance)),
            reward[Learnt].Zip(reward[Seeker], (learnt, seeker) => learnt - seeker + 0.05));
        string Means(IReadOnlyDictionary<string, List<double>> figures) =>
            string.Join(", ", figures.Select(arm => string.Create(CultureInfo.InvariantCulture, $"{arm.Key} {arm.Value.Average():0.000}")));
        return (verdict, $"within 50 km: {Means(within)}; mean reward: {Means(reward)}");
    }

    private static List<double> Train(QuantileLearner learner, int updates, int seed, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var random = new Random(seed);
        var worlds = new SmallWorld[Worlds];
        var replays = new ReplayBuffer[Worlds];
        int episodes = 0;
        for (int k = 0; k < Worlds; k++)
        {
            (worlds[k], replays[k]) = (new SmallWorld(),
                new ReplayBuffer(Kept, SmallWorld.Numbers, 1, Discount, (ulong)((seed * Worlds) + k)));
            worlds[k].Reset(Next());
        }

        var seen = new float[Worlds * SmallWorld.Numbers];
        var losses = new List<double>();
        for (int update = 0; update < updates; update++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int k = 0; k < Worlds; k++) worlds[k].Observe(Row(seen, k));
            double explore = Math.Max(0.05, 1 - (0.95 * update / 1200));
            long[] best = learner.Act(seen);
            for (int k = 0; k < Worlds; k++)
            {
                int action = random.NextDouble() < explore ? random.Next(3) : (int)best[k];
                var result = worlds[k].Step(action);
                replays[k].Add(Row(seen, k), action, result);
                if (result.Stops) worlds[k].Reset(Next());
            }

            if (update < 3) continue; // a step needs one after it
            losses.Add(learner.Update(Joined(replays)));
            if (update % 50 == 0)
            {
                progress?.Report(new WorkProgress($"seed {seed}", update, updates,
                    string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}")));
            }
        }

        return losses;

        int Next() => (seed * 100_003) + episodes++;
    }

    /// <summary>Equal parts from every world's own replay.</summary>
    private static ReplayBatch Joined(ReplayBuffer[] replays)
    {
        ReplayBatch[] parts = [.. replays.Select(replay => replay.Sample(Batch / Worlds))];
        return new ReplayBatch(
            [.. parts.SelectMany(part => part.Observations)], [.. parts.SelectMany(part => part.Actions)],
                [.. parts.SelectMany(part => part.Rewards)],
            [.. parts.SelectMany(part => part.Next)], [.. parts.SelectMany(part => part.Discounts)]);
    }

    private static (double Within, double Reward) Fly(Func<SmallWorld, float[], int> act, int count, CancellationToken cancellation)
    {
        double reward = 0;
        int within = 0;
        var seen = new float[SmallWorld.Numbers];
        for (int k = 0; k < count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            var world = new SmallWorld();
            world.Reset(UnseenSeed + k);
            bool stops = false;
            while (!stops)
            {
                world.Observe(seen);
                (double value, _, stops) = world.Step(act(world, seen));
                reward += value;
            }

            within += world.Within;
        }

        return ((double)within / (count * SmallWorld.Steps), reward / (count * SmallWorld.Steps));
    }

    private static Span<float> Row(float[] rows, int k) => rows.AsSpan(k * SmallWorld.Numbers, SmallWorld.Numbers);
}
