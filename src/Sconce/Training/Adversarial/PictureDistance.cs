using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// How far painted pictures are from the data, in features: Fréchet's distance (1706.08500), the kernel distance (1801.01401), precision
/// and recall (1904.06991), and how unlike each other they are.
/// </summary>
/// <param name="features">In which it is measured.</param>
/// <param name="pictures">All pictures.</param>
/// <param name="load">Reads pictures unchanged, in their order, about -1 to 1.</param>
/// <param name="device">Where networks are.</param>
public sealed class PictureDistance(
    PictureFeatures features,
    IDataset<ImageExample> pictures,
    Func<IDataset<ImageExample>, IBatchSource<ImageBatch>> load,
    Device device) : IDisposable
{
    private const int Batch = 32;

    // Neighbours are sought among all pairs: more would take more memory than they tell.
    private const int MostRows = 2000;
    private FeatureSample? known;

    /// <summary>Fréchet's distance of what a generator paints from a seed's latents, and how much that varies.</summary>
    /// <param name="painter"><c>(N, latent) -> (N, C, H, W)</c>, in evaluation.</param>
    /// <param name="latent">Numbers a picture.</param>
    /// <param name="count">How many pictures.</param>
    /// <param name="seed">Of the latents.</param>
    /// <param name="cancellation">Ends it.</param>
    public FigureSet Of(Module<Tensor, Tensor> painter, int latent, int count, ulong seed, CancellationToken cancellation = default)
    {
        var real = Known(cancellation);
        using var painted = Paint(painter, latent, count, seed, cancellation);
        return Brief(painted, real);
    }

    /// <summary>The same with the kernel distance, precision and recall, the last two of 2,000 pictures at most.</summary>
    /// <inheritdoc cref="Of"/>
    public FigureSet Whole(Module<Tensor, Tensor> painter, int latent, int count, ulong seed, CancellationToken cancellation = default)
    {
        using var painted = Paint(painter, latent, count, seed, cancellation);
        return Whole(painted, cancellation);
    }

    /// <summary>The same of what is painted already.</summary>
    internal FigureSet Whole(FeatureSample painted, CancellationToken cancellation)
    {
        var real = Known(cancellation);
        using var scope = new TensorScope();
        var figures = Brief(painted, real);
        figures.Add(Figure.Lower("kid", KernelDistance.Of(painted.Rows(), real.Rows()).Mean));
        if (Math.Min(painted.Kept, real.Kept) < LeastForManifolds) return figures;
        var (precision, recall) = ManifoldPrecision.Of(real.Rows(), painted.Rows());
        figures.Add("precision", precision);
        figures.Add("recall", recall);
        return figures;
    }

    /// <summary>Pictures of each kind that precision and recall take at least: a point has three neighbours.</summary>
    public static int LeastForManifolds => 4;

    /// <summary>
    /// For each painted picture the one of the data (of its first 2,000) whose features are nearest: <c>(N, C, H, W) -> (N, C, H,
    /// W)</c>. A generator that repeats them has learned by heart.
    /// </summary>
    public Tensor Nearest(Tensor painted)
    {
        var real = Known(default);
        using var scope = new TensorScope();
        var places = ManifoldPrecision.Nearest(features.Call(painted), real.Rows().To(device)).Places.ToArray<long>();
        // Each is read once, whoever resembles it.
        int[] several = [.. places.Select(place => real.Indices[(int)place]).Distinct()];
        Dictionary<int, Tensor> read = [];
        ClassifierEvaluation.Each(
            load(pictures.Subset(several)),
            batch =>
            {
                using var inner = new TensorScope();
                for (int k = 0; k < batch.Count; k++) read[several[batch.Indices[k]]] = inner.KeepForever(batch.Images[k].Clone());
            },
            default);
        try
        {
            return scope.Keep(Tensor.Stack([.. places.Select(place => read[real.Indices[(int)place]])]));
        }
        finally
        {
            foreach (var picture in read.Values) picture.Dispose();
        }
    }

    /// <summary>
    /// Whether what is painted repeats these pictures, all of which are looked at. Of what is painted and of the others the first 2,000
    /// are asked about.
    /// </summary>
    /// <param name="painted">In the same features.</param>
    /// <param name="unseen">Pictures that the generator never saw; null to ask these pictures about each other, doubles left out.</param>
    /// <param name="mirrored">Whether they were learned mirrored too.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where there is nothing to compare with: one picture, or doubles alone.</returns>
    internal Repetition? Repeated(FeatureSample painted, PictureDistance? unseen, bool mirrored, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var others = (unseen ?? this).Known(cancellation);
        var samples = new NearestLearned(painted.Rows(), [.. Enumerable.Repeat(-1, painted.Kept)]);
        var between = new NearestLearned(
            others.Rows(), unseen is null ? others.Indices : [.. Enumerable.Repeat(-1, others.Kept)]);
        ClassifierEvaluation.Each(
            load(pictures),
            batch =>
            {
                using var inner = new TensorScope();
                var images = batch.Images.To(device);
                foreach (var seen in mirrored ? (Tensor[])[images, images.Flip([3])] : [images])
                {
                    var found = features.Call(seen);
                    samples.Add(found, batch.Indices);
                    between.Add(found, batch.Indices);
                }
            },
            cancellation);
        // A picture that lies there twice says nothing of how far apart two pictures are.
        double[] apart = [.. between.Distances.Where(distance => double.IsFinite(distance) && (unseen is not null || distance > 0))];
        return apart.Length > 0 && painted.Kept > 0 ? Repetition.Of(samples.Distances, apart) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => known?.Dispose();

    private static FigureSet Brief(FeatureSample painted, FeatureSample real) => new()
    {
        Figure.Lower("fid", FrechetDistance.Of(painted.Statistics, real.Statistics)),
        { "spread", Spread(painted) / Math.Max(Spread(real), 1e-12) },
    };

    /// <summary>The root mean square of a feature's deviation: as a share of the data's, below a half all samples look alike.</summary>
    private static double Spread(FeatureSample sample)
    {
        using var scope = new TensorScope();
        return Math.Sqrt(Math.Max(0, sample.Statistics.Covariance().Trace().Item<double>()));
    }

    private FeatureSample Known(CancellationToken cancellation)
    {
        if (known is not null) return known;
        var gathered = new FeatureSample(MostRows);
        try
        {
            ClassifierEvaluation.Each(
                load(pictures), batch => gathered.Add(features.Call(batch.Images.To(device)), batch.Indices), cancellation);
        }
        catch
        {
            gathered.Dispose();
            throw;
        }

        return known = gathered;
    }

    /// <summary>Features of what a generator paints from a seed's latents.</summary>
    internal FeatureSample Paint(Module<Tensor, Tensor> painter, int latent, int count, ulong seed, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new Generator(seed);
        var painted = new FeatureSample(MostRows);
        try
        {
            for (int done = 0; done < count; done += Batch)
            {
                cancellation.ThrowIfCancellationRequested();
                using var inner = new TensorScope();
                var z = Tensor.Randn([Math.Min(Batch, count - done), latent], generator).To(device);
                painted.Add(features.Call(AdversarialProgram.Painted(painter, z)), []);
            }

            return painted;
        }
        catch
        {
            painted.Dispose();
            throw;
        }
    }
}
