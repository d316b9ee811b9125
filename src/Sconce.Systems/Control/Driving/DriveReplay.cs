using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sconce.Data;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Control.Driving;

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
