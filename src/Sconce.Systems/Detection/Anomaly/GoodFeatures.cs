using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>
/// Features of good parts by number, looked at in batches. Those of few pictures are kept, since each is asked for again where parts are
/// held out.
/// </summary>
internal sealed class GoodFeatures(
    InspectionContract contract, FeatureExtractor network, InspectionPlan plan, int count, Func<int, Image> good,
    IProgress<WorkProgress>? progress, CancellationToken cancellation) : IDisposable
{
    /// <summary>Pictures that the network sees at once.</summary>
    internal const int Batch = 8;

    private const int GrowsTo = 4;
    private const long MostKept = 512 << 20;
    private readonly Dictionary<int, Tensor> seen = [];
    private float[] room = [];
    private Tensor? channels;
    private int height, width;

    public void Dispose()
    {
        channels?.Dispose();
        foreach (var rows in seen.Values) rows.Dispose();
    }

    /// <summary>What is known of some of the pictures.</summary>
    public GoodPatches Fit(int[] pictures) => contract.Method == InspectionMethod.Padim ? Padim(pictures) : Bank(pictures);

    /// <summary>Scores and maps of pictures.</summary>
    public List<(double Score, float[] Map)> Ask(GoodPatches fitted, int[] pictures)
    {
        var found = new List<(double, float[])>();
        foreach (int[] chunk in pictures.Chunk(Batch))
        {
            using var scope = new TensorScope();
            found.AddRange(InspectionModel.Score(contract, fitted, Tensor.Stack(Rows(chunk)), height, width));
        }

        return found;
    }

    private GoodPatches Bank(int[] pictures)
    {
        int channels = 0, filled = 0, all = 0, done = 0, most = plan.Normality.MostPatches;
        foreach (int[] chunk in pictures.Chunk(Batch))
        {
            using var scope = new TensorScope();
            foreach (var picture in Rows(chunk))
            {
                var (patches, wide) = ((int)picture.Size(0), (int)picture.Size(1));
                // A stream of pictures never fills memory: what has grown to several banks is thinned to one.
                int bound = (int)Math.Min((long)GrowsTo * most, Array.MaxLength / wide / 2);
                channels = wide;
                long needed = (long)wide * Math.Min((long)pictures.Length * patches, bound + patches);
                if (room.Length < needed) room = GC.AllocateUninitializedArray<float>((int)needed);
                picture.Contiguous().AsSpan<float>().CopyTo(room.AsSpan(filled * wide));
                (filled, all) = (filled + patches, all + patches);
                if (filled <= bound) continue;
                float[] few = Thinned(room.AsMemory(0, filled * wide), wide, most);
                few.CopyTo(room, 0);
                filled = most;
            }

            progress?.Report(new WorkProgress("looking at good parts", done += chunk.Length, pictures.Length));
        }

        int wanted = Math.Clamp((int)(all * plan.Normality.Coreset), 1, Math.Min(most, filled));
        var held = room.AsMemory(0, filled * channels);
        float[] kept = wanted < filled ? Thinned(held, channels, wanted) : held.ToArray();
        using var around = new TensorScope();
        return new GoodPatches(around.KeepForever(Tensor.From(kept).Reshape([kept.Length / channels, channels])), null, null);
    }

    private GoodPatches Padim(int[] pictures)
    {
        using var scope = new TensorScope();
        channels ??= Drawn(pictures[0]);
        var parts = new List<Tensor>();
        foreach (int[] chunk in pictures.Chunk(Batch))
        {
            parts.AddRange(Rows(chunk));
            progress?.Report(new WorkProgress("looking at good parts", parts.Count, pictures.Length));
        }

        var fitted = PatchGaussians.Fit(parts, progress, cancellation);
        foreach (var tensor in (Tensor[])[fitted.Mean, fitted.Axes, fitted.Weights]) scope.KeepForever(tensor);
        return new GoodPatches(null, fitted, scope.KeepForever(channels.Clone()));
    }

    /// <summary>Each picture's rows <c>(patches, channels)</c>; in the scope around, or kept.</summary>
    private Tensor[] Rows(int[] pictures)
    {
        cancellation.ThrowIfCancellationRequested();
        int[] missing = [.. pictures.Where(picture => !seen.ContainsKey(picture))];
        if (missing.Length == 0) return [.. pictures.Select(picture => seen[picture])];
        using var scope = new TensorScope();
        (var batch, height, width) = InspectionModel.Embed(contract, network, channels, [.. missing.Select(good)], Device.Cpu);
        var rows = batch.Unbind(0);
        if (4 * batch.Elements / missing.Length * count > MostKept) return scope.Keep(rows);
        for (int k = 0; k < missing.Length; k++) seen.Add(missing[k], scope.KeepForever(rows[k]));
        return [.. pictures.Select(picture => seen[picture])];
    }

    /// <summary>Which channels PaDiM keeps: drawn once, without replacement.</summary>
    private Tensor Drawn(int picture)
    {
        using var scope = new TensorScope();
        int all = (int)InspectionModel.Embed(contract, network, null, [good(picture)], Device.Cpu).Rows.Size(2);
        long[] order = [.. Enumerable.Range(0, all).Select(k => (long)k)];
        new Random(plan.Seed).Shuffle(order);
        return scope.KeepForever(Tensor.From(order[..Math.Min(plan.Channels, all)]));
    }

    private float[] Thinned(ReadOnlyMemory<float> rows, int width, int wanted)
    {
        int count = rows.Length / width, components = SparseProjection.Components(count);
        // Of narrow rows a projection saves nothing.
        bool projects = components < width;
        var seen = projects ? new SparseProjection(width, components, plan.Seed).Apply(rows, width) : rows;
        int start = new Random(plan.Seed).Next(count);
        int[] chosen = Coreset.Choose(seen, projects ? components : width, wanted, start, progress, cancellation);
        var kept = new float[wanted * width];
        for (int k = 0; k < wanted; k++) rows.Span.Slice(chosen[k] * width, width).CopyTo(kept.AsSpan(k * width));
        return kept;
    }
}
