using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Control.Driving;

/// <summary>A policy learns from the metres that it drives before it leaves the lane: DDPG, as 1807.00412 has it.</summary>
public sealed class DdpgMethod : DrivingMethod
{
    /// <inheritdoc/>
    public override string Name => "ddpg";

    /// <inheritdoc/>
    public override string Purpose =>
        "a policy learns from the metres driven before it leaves the lane (DDPG), best from the weights of one that imitates";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DdpgSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("driving_policy --method ddpg --pretrained run18/best.ckpt --out run20",
            "a policy that imitates, made better by reward")];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<IReadOnlyList<DriveStep>>.Open(owned => DdpgRun.Plan(Settled(setup), setup, owned));
}

/// <summary>What a step of a car came to.</summary>
/// <param name="Before">Where it was.</param>
/// <param name="Steering">What it steered.</param>
/// <param name="Reward">Metres.</param>
/// <param name="After">Where it came to.</param>
/// <param name="Ends">Whether it left the lane.</param>
internal readonly record struct DriveStep(CarView Before, double Steering, double Reward, CarView After, bool Ends);

/// <summary>The critic: what a steering is worth where the camera sees this. <c>(N, 1, 24, 48), (N, 1) -> (N, 1)</c></summary>
internal sealed partial class DrivingCritic : Module<Tensor, Tensor, Tensor>
{
    private const int Seen = 16 * 6 * 12;

    internal Conv2d C1 { get; } = new(1, 8, 5, stride: 2, padding: 2);

    internal Conv2d C2 { get; } = new(8, 16, 3, stride: 2, padding: 1);

    internal Linear F1 { get; } = new(Seen + 1, 32);

    internal Linear F2 { get; } = new(32, 1);

    protected override Tensor Forward(Tensor pictures, Tensor steering)
    {
        var seen = C2.Call(C1.Call(pictures).Relu()).Relu().Flatten(1, -1);
        return F2.Call(F1.Call(Tensor.Cat([seen, steering], 1)).Relu());
    }
}

/// <summary>Cars that the policy drives with noise, and what they remember; saved whole with the cars' places.</summary>
internal sealed class DriveReplay : IBatchSource<IReadOnlyList<DriveStep>>, ISavedState
{
    private const int Numbers = 3 + WindingRoad.Numbers + 1 + 1 + 3 + 1, LongestDrive = 200;
    private readonly DrivingPolicy policy;
    private readonly DdpgSettings settings;
    private readonly List<double> steps = []; // a ring of rows
    private readonly LaneCars[] cars;
    private readonly long[] ages;
    private readonly List<double>[] steered;
    private readonly int[] seeds;
    private long turns, drives, oldest;

    public DriveReplay(DrivingPolicy policy, DdpgSettings settings)
    {
        (this.policy, this.settings) = (policy, settings);
        (cars, ages, seeds) = (new LaneCars[settings.Cars], new long[settings.Cars], new int[settings.Cars]);
        steered = [.. cars.Select(_ => new List<double>())];
        for (int k = 0; k < cars.Length; k++) Begin(k);
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch => settings.Updates;

    private int Count => steps.Count / Numbers;

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<DriveStep>> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        for (int k = first; k < settings.Updates; k++)
        {
            do Turn();
            while (Count < Math.Min(settings.LearnAfter, settings.Replay));
            var random = new AugmentationRandom(settings.Run.Seed, epoch, k, 2);
            var batch = new DriveStep[settings.Run.Batch];
            for (int row = 0; row < batch.Length; row++) batch[row] = Step((int)(random.NextUInt32() % (uint)Count));
            yield return batch;
        }
    }

    /// <inheritdoc/>
    public void Save(SavedState state)
    {
        state.Set("steps", MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(steps)));
        state.Set("turns", turns).Set("drives", drives).Set("oldest", oldest);
        for (int k = 0; k < cars.Length; k++)
        {
            // A car is its seed and what was steered: it is driven again when the run goes on.
            state.New($"car{k}").Set("seed", (long)seeds[k]).Set("steered", MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(steered[k])));
        }
    }

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        var read = MemoryMarshal.Cast<byte, double>(state.Bytes("steps"));
        if (read.Length % Numbers != 0) throw new ArgumentException($"the saved replay holds {read.Length} numbers, no rows of {Numbers}");
        steps.Clear();
        steps.AddRange(read);
        for (int k = 0; k < cars.Length; k++)
        {
            var car = state.Part($"car{k}");
            Begin(k, checked((int)car.Count("seed")));
            foreach (double steering in MemoryMarshal.Cast<byte, double>(car.Bytes("steered"))) Drive(k, steering);
        }

        (turns, drives, oldest) = (state.Count("turns"), state.Count("drives"), state.Count("oldest"));
    }

    private void Turn()
    {
        double[] best;
        using (new TensorScope())
        using (Gradients.Inference())
        {
            best = policy.Call(CarView.See([.. cars.Select(car => car.Views[0])])).To(DType.Float64).Flatten().ToArray<double>();
        }

        var random = new Random(unchecked((int)(settings.Run.Seed * 7919) ^ (int)(turns * 104729)));
        for (int k = 0; k < cars.Length; k++)
        {
            double noise = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double steering = Math.Clamp(best[k] + (settings.Noise * noise), -1, 1);
            var before = cars[k].Views[0];
            Drive(k, steering);
            bool ends = Math.Abs(cars[k].Offsets[0]) > LaneCars.HalfWidth;
            Remember(before, steering, ends ? 0 : LaneCars.Speed * LaneCars.Step, cars[k].Views[0].Pose, ends);
            if (ends || ages[k] >= LongestDrive) Begin(k);
        }

        turns++;
    }

    private void Drive(int car, double steering)
    {
        cars[car].Drive([steering]);
        steered[car].Add(steering);
        ages[car]++;
    }

    private void Begin(int car, int? seed = null)
    {
        seeds[car] = seed ?? unchecked((int)((settings.Run.Seed * 100_003) + (ulong)drives++) & 0x7FFF_FFFF);
        cars[car] = new LaneCars(1, settings.Roads.Curviness, true, new Random(seeds[car]));
        steered[car].Clear();
        ages[car] = 0;
    }

    private void Remember(CarView before, double steering, double reward, (double X, double Y, double Heading) after, bool ends)
    {
        double[] row =
        [
            before.Pose.X, before.Pose.Y, before.Pose.Heading, .. before.Road, steering, reward,
            after.X, after.Y, after.Heading, ends ? 1 : 0,
        ];
        if (Count < settings.Replay) steps.AddRange(row);
        else
        {
            row.CopyTo(CollectionsMarshal.AsSpan(steps)[((int)oldest * Numbers)..]);
            oldest = (oldest + 1) % settings.Replay;
        }
    }

    private DriveStep Step(int place)
    {
        var row = CollectionsMarshal.AsSpan(steps).Slice(place * Numbers, Numbers);
        double[] road = row[3..9].ToArray();
        return new DriveStep(
            new CarView((row[0], row[1], row[2]), road), row[9], row[10], new CarView((row[11], row[12], row[13]), road), row[14] > 0);
    }
}

/// <summary>
/// DDPG's step: the critic follows the targets' word, the policy climbs the critic, the targets follow slowly.
/// 1509.02971.
/// </summary>
internal sealed class DdpgProgram : TrainingProgram<IReadOnlyList<DriveStep>>
{
    private const double Following = 0.005;
    private readonly DrivingPolicy policy, slowPolicy;
    private readonly DrivingCritic critic, slowCritic;
    private readonly Player actor, judge;
    private readonly DdpgSettings settings;

    public DdpgProgram(
        (DrivingPolicy Now, DrivingPolicy Slow) policies, (DrivingCritic Now, DrivingCritic Slow) critics, Player actor, Player judge,
        DdpgSettings settings)
    {
        ((policy, slowPolicy), (critic, slowCritic)) = (policies, critics);
        (this.actor, this.judge, this.settings) = (actor, judge, settings);
        Follow(slowPolicy, policy, 1);
        Follow(slowCritic, critic, 1);
    }

    public override IReadOnlyList<Player> Players => [judge, actor];

    public override IReadOnlyList<(string Name, Module Module)> Modules =>
        [("policy", policy), ("slow_policy", slowPolicy), ("critic", critic), ("slow_critic", slowCritic)];

    public override Module Product => policy;

    public override string Items => "steps";

    public override int Count(IReadOnlyList<DriveStep> batch) => batch.Count;

    protected override void Step(IReadOnlyList<DriveStep> batch, TrainingStep step)
    {
        var before = CarView.See([.. batch.Select(one => one.Before)]);
        step.Update(judge, () =>
        {
            Tensor wanted;
            using (Gradients.Off())
            {
                var after = CarView.See([.. batch.Select(one => one.After)]);
                var future = slowCritic.Call(after, slowPolicy.Call(after));
                wanted = Column(one => one.Reward) + (Column(one => one.Ends ? 0 : settings.Discount) * future);
            }

            return (critic.Call(before, Column(one => one.Steering)) - wanted).Square().Mean();
        });
        if (step.Number < settings.CriticFirst) return;
        step.Update(actor, () => -critic.Call(before, policy.Call(before)).Mean());

        Tensor Column(Func<DriveStep, double> of) => Tensor.From([.. batch.Select(one => (float)of(one))], [batch.Count, 1]);
    }

    protected override void Stepped(long step)
    {
        Follow(slowPolicy, policy, Following);
        Follow(slowCritic, critic, Following);
    }

    private static void Follow(Module slow, Module now, double share)
    {
        using var noGrad = Gradients.Off();
        using var scope = new TensorScope();
        foreach (var (kept, parameter) in slow.Parameters().Zip(now.Parameters()))
            kept.CopyInPlace((kept * (1 - share)) + (parameter * share));
    }
}

/// <summary>What a run of <see cref="DdpgMethod"/> is made of.</summary>
internal static class DdpgRun
{
    internal static RunPlan<IReadOnlyList<DriveStep>> Plan(RunConfiguration settled, TrainingSetup setup, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(settled);
        var settings = configuration.Of<DdpgSettings>();
        var policy = owned.Own(DrivingPolicies.Create(configuration, setup));
        var slowPolicy = owned.Own(new DrivingPolicy());
        var critic = owned.Own(new DrivingCritic());
        var slowCritic = owned.Own(new DrivingCritic());
        double rate = configuration.Optimization.LearningRate!.Value;
        var actor = owned.Own(ConfiguredParts.Player(
            "policy", policy, ConfiguredParts.Optimizer(policy, "", configuration), configuration, settings.Updates));
        var judge = owned.Own(new Player(
            "critic", critic, new Adam(critic.Parameters(), rate * settings.CriticFactor),
            LearningRateSchedule.Constant(rate * settings.CriticFactor)));
        var program = new DdpgProgram((policy, slowPolicy), (critic, slowCritic), actor, judge, settings);
        return new RunPlan<IReadOnlyList<DriveStep>>(configuration, program, new DriveReplay(policy, settings))
        {
            Summary = $"{configuration.Network} by ddpg, {settings.Cars} cars side by side, {settings.Updates:N0} updates an epoch from "
                + $"{settings.Replay:N0} remembered steps",
            Evaluate = _ => DrivingMethod.Figures(DrivingMethod.Drive(settings.Roads, cars => LaneDrive.Steer(policy, cars))),
            ChecksFirstSteps = true,
        };
    }
}
