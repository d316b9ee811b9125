using Sconce.Imaging;
using Sconce.Metrics;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>How well a model tells good parts from bad.</summary>
/// <param name="ImageAuroc">Over pictures.</param>
/// <param name="AveragePrecision">Over pictures.</param>
/// <param name="BestThreshold">Where F1 is best.</param>
/// <param name="BestF1">There.</param>
/// <param name="PixelAuroc">Over the pixels of good parts and of those with masks; NaN without masks.</param>
/// <param name="Pro">The mean overlap of each defect's region, up to 30 % of false pixels; NaN without masks.</param>
/// <param name="BestPixelThreshold">Where pixels' F1 is best; NaN without masks.</param>
/// <param name="Scores">Each picture's, in their order.</param>
public sealed record InspectionFigures(
    double ImageAuroc, double AveragePrecision, double BestThreshold, double BestF1, double PixelAuroc, double Pro,
    double BestPixelThreshold, IReadOnlyList<double> Scores)
{
    /// <summary>Every how many pixels are compared each way: maps are blurred, and neighbours say the same.</summary>
    private const int Stride = 2;

    /// <summary>By name, for reports; those that cannot be told are left out.</summary>
    public IReadOnlyDictionary<string, double> ByName() => new (string Name, double Value)[]
    {
        ("image AUROC", ImageAuroc), ("average precision", AveragePrecision), ("F1", BestF1), ("threshold", BestThreshold),
        ("pixel AUROC", PixelAuroc), ("PRO", Pro),
    }.Where(figure => double.IsFinite(figure.Value)).ToDictionary(figure => figure.Name, figure => figure.Value);

    /// <summary>Asks a model about pictures.</summary>
    /// <exception cref="Data.DataException">A mask of another size than its picture.</exception>
    public static InspectionFigures Of(
        InspectionModel model, IReadOnlyList<PartPicture> parts, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parts);
        var scores = new List<double>();
        var (maps, masks) = (new List<float[]>(), new List<bool[]>());
        foreach (var part in parts)
        {
            cancellation.ThrowIfCancellationRequested();
            var picture = Image.Load(part.Path);
            var found = model.Inspect(picture);
            scores.Add(found.Score);
            var mask = part.ReadMask(picture);
            if (part.IsGood || mask is not null)
            {
                maps.Add([.. found.Map]);
                masks.Add(Seen(mask, found));
            }

            progress?.Report(new WorkProgress("asking about parts", scores.Count, parts.Count));
        }

        return Of([.. scores], [.. parts.Select(part => !part.IsGood)], maps, masks, model.Contract.Preprocessing.Size);
    }

    /// <summary>From scores and maps.</summary>
    /// <param name="scores">Of pictures.</param>
    /// <param name="bad">As many truths.</param>
    /// <param name="maps">Of some of the pictures, row by row.</param>
    /// <param name="masks">As many truths of pixels.</param>
    /// <param name="side">The maps' side.</param>
    public static InspectionFigures Of(double[] scores, bool[] bad, IReadOnlyList<float[]> maps, IReadOnlyList<bool[]> masks, int side)
    {
        var (threshold, f1) = RankingMetrics.BestF1(scores, bad);
        bool pixels = masks.Any(mask => mask.Contains(true));
        double auroc = double.NaN, pro = double.NaN, line = double.NaN;
        if (pixels)
        {
            int[] places = [.. Enumerable.Range(0, side * side).Where(k => k % side % Stride == 0 && k / side % Stride == 0)];
            double[] values = [.. maps.SelectMany(map => places.Select(k => (double)map[k]))];
            bool[] truths = [.. masks.SelectMany(mask => places.Select(k => mask[k]))];
            auroc = RankingMetrics.Auroc(values, truths);
            line = RankingMetrics.BestF1(values, truths).Threshold;
            pro = RegionOverlap.Of(maps, masks, side);
        }

        return new InspectionFigures(
            RankingMetrics.Auroc(scores, bad), RankingMetrics.AveragePrecision(scores, bad), threshold, f1, auroc, pro, line, scores);
    }

    /// <summary>A mask as the network sees its picture.</summary>
    private static bool[] Seen(bool[]? mask, Inspection found)
    {
        int side = found.Side;
        var seen = new bool[side * side];
        if (mask is null) return seen;
        for (int k = 0; k < seen.Length; k++)
        {
            int x = (int)(found.Seen.Left + (((k % side) + 0.5) * (found.Seen.Right - found.Seen.Left) / side));
            int y = (int)(found.Seen.Top + (((k / side) + 0.5) * (found.Seen.Bottom - found.Seen.Top) / side));
            seen[k] = x >= 0 && y >= 0 && x < found.Width && y < found.Height && mask[(y * found.Width) + x];
        }

        return seen;
    }
}
