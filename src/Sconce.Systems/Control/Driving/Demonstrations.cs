using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sconce.Data;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Control.Driving;

/// <summary>Some views with the expert's steering.</summary>
/// <param name="Views">Where the cars are.</param>
/// <param name="Expert">What the expert steers there.</param>
internal sealed record DriveBatch(IReadOnlyList<CarView> Views, float[] Expert);

/// <summary>
/// What the expert showed, and with DAgger at each epoch after the first what it says of places that the learner drove to; 1011.0686. It
/// depends on the learner, so it is saved: places and roads, of which pictures are made again.
/// </summary>
/// <param name="policy">The learner, as it is when it is asked.</param>
/// <param name="settings">How many drives.</param>
/// <param name="asksOnTheWay">Whether with DAgger.</param>
internal sealed class Demonstrations(DrivingPolicy policy, ImitationSettings settings, bool asksOnTheWay)
    : IBatchSource<DriveBatch>, ISavedState
{
    private const int Numbers = 3 + WindingRoad.Numbers + 1, RoundSteps = 25;
    private readonly List<double> views = []; // a row of numbers each: pose, road, steering

    /// <inheritdoc/>
    public int BatchesPerEpoch => settings.Updates;

    /// <summary>How many views there are.</summary>
    public int Count => views.Count / Numbers;

    /// <inheritdoc/>
    public async IAsyncEnumerable<DriveBatch> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        if (first == 0) Gather(epoch);
        for (int k = first; k < settings.Updates; k++)
        {
            var random = new AugmentationRandom(settings.Run.Seed, epoch, k, 1);
            int[] rows = new int[settings.Run.Batch];
            for (int row = 0; row < rows.Length; row++) rows[row] = (int)(random.NextUInt32() % (uint)Count);
            yield return Batch(rows);
        }
    }

    /// <inheritdoc/>
    public void Save(SavedState state) => state.Set("views", MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(views)));

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        var read = MemoryMarshal.Cast<byte, double>(state.Bytes("views"));
        if (read.Length % Numbers != 0) throw new ArgumentException($"the saved drives hold {read.Length} numbers, no rows of {Numbers}");
        views.Clear();
        views.AddRange(read);
    }

    /// <summary>Drives cars and keeps every place with what the expert says.</summary>
    public void Add(LaneCars cars, int steps, Func<LaneCars, double[]> steer) => LaneDrive.Run(cars, steps, steer, watch: (now, _) =>
    {
        double[] expert = now.Expert;
        foreach (var (k, view) in now.Views.Index())
        {
            views.AddRange([view.Pose.X, view.Pose.Y, view.Pose.Heading, .. view.Road, expert[k]]);
        }
    });

    /// <summary>Some of the views.</summary>
    public DriveBatch Batch(IReadOnlyList<int> rows)
    {
        var chosen = new CarView[rows.Count];
        var expert = new float[rows.Count];
        for (int k = 0; k < rows.Count; k++)
        {
            var row = CollectionsMarshal.AsSpan(views).Slice(rows[k] * Numbers, Numbers);
            chosen[k] = new CarView((row[0], row[1], row[2]), row[3..^1].ToArray());
            expert[k] = (float)row[^1];
        }

        return new DriveBatch(chosen, expert);
    }

    private void Gather(int epoch)
    {
        var random = new Random(unchecked((int)(settings.Run.Seed * 1009) + epoch));
        double curviness = settings.Roads.Curviness;
        if (epoch == 0)
        {
            int drives = asksOnTheWay ? settings.Demonstrations / 2 : settings.Demonstrations;
            if (Count == 0) Add(new LaneCars(drives, curviness, false, random), settings.Length, cars => cars.Expert);
        }
        else if (asksOnTheWay)
        {
            Add(new LaneCars(settings.Demonstrations, curviness, true, random), RoundSteps, cars => LaneDrive.Steer(policy, cars));
        }
    }
}

/// <summary>The squared difference from the expert's steering.</summary>
internal static class Imitation
{
    /// <summary><c>-> ()</c></summary>
    public static Tensor Loss(DrivingPolicy policy, DriveBatch batch)
    {
        using var scope = new TensorScope();
        var steering = policy.Call(CarView.See(batch.Views));
        return scope.Keep((steering - Tensor.From(batch.Expert, [batch.Expert.Length, 1])).Square().Mean());
    }
}
