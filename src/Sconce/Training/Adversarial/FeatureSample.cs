using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Features of pictures: the statistics of all, and the first ones themselves.</summary>
/// <param name="most">How many are kept themselves.</param>
internal sealed class FeatureSample(int most) : IDisposable
{
    private readonly List<Tensor> rows = [];
    private FeatureStatistics? statistics;

    /// <summary>Mean and covariance of all.</summary>
    public FeatureStatistics Statistics => statistics ?? throw new InvalidOperationException("no picture was looked at");

    /// <summary>The numbers, in their set, of those that are kept; none where they come from no set.</summary>
    public List<int> Indices { get; } = [];

    /// <summary>How many are kept.</summary>
    public int Kept { get; private set; }

    /// <summary>Adds features <c>(N, D)</c>.</summary>
    public void Add(Tensor features, IReadOnlyList<int> indices)
    {
        (statistics ??= new FeatureStatistics((int)features.Size(1))).Add(features);
        int kept = (int)Math.Min(features.Size(0), most - Kept);
        if (kept <= 0) return;
        using var scope = new TensorScope();
        rows.Add(scope.KeepForever(features.Narrow(0, 0, kept).Clone()));
        Indices.AddRange(indices.Take(kept));
        Kept += kept;
    }

    /// <summary>Those that are kept, <c>(Kept, D)</c>.</summary>
    public Tensor Rows() => Tensor.Cat([.. rows], 0);

    public void Dispose()
    {
        statistics?.Dispose();
        rows.ForEach(row => row.Dispose());
    }
}
