using System.Security.Cryptography;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>What fitting needs to know.</summary>
/// <param name="Method">PatchCore or PaDiM.</param>
/// <param name="Backbone">The network.</param>
/// <param name="Normality">What is kept.</param>
/// <param name="Size">The pictures' side in pixels.</param>
/// <param name="Seed">What is drawn is drawn from.</param>
public sealed record InspectionPlan(
    InspectionMethod Method, BackboneSettings Backbone, NormalitySettings Normality, int Size = 224, int Seed = 0)
{
    /// <summary>The network's name.</summary>
    public string Network => Backbone.Backbone ?? (Method == InspectionMethod.Padim ? "resnet18" : "wide_resnet50_2");

    /// <summary>PaDiM's channels.</summary>
    public int Channels => Normality.Channels ?? (Network == "resnet18" ? 100 : 550);
}

/// <summary>
/// Fits models of good parts: one pass, no gradients. Pictures are read in batches and not kept; a bank is thinned as it grows.
/// </summary>
public sealed class InspectionFitting(InspectionPlan plan)
{
    private const int Folds = 3, FewPictures = 60;

    /// <summary>Fits a model and finds its threshold.</summary>
    /// <param name="parts">Pictures of good parts, and of others to set the threshold by.</param>
    /// <param name="data">Where they came from, for the contract.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DataException">Fewer than two unlike good pictures, or a mask of another size.</exception>
    public InspectionModel Fit(
        PartsFolder parts, string data, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return Fit(parts.Good.Count, k => Image.Load(parts.Good[k].Path), parts.Test, data, progress, cancellation);
    }

    /// <summary>Fits a model to pictures in memory.</summary>
    public InspectionModel Fit(
        IReadOnlyList<Image> good, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) =>
        Fit(good.Count, k => good[k], [], "memory", progress, cancellation);

    private InspectionModel Fit(
        int count, Func<int, Image> good, IReadOnlyList<PartPicture> test, string data, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        Refuse(count, good, data);
        var layers = plan.Backbone.Layers.Count > 0 ? plan.Backbone.Layers : BackboneFeatures.LayersOf(plan.Network, plan.Method);
        var preprocessing = BackboneFeatures.Preprocessing(plan.Network, plan.Size) with
        {
            CropFraction = plan.Backbone.Crop,
            Mode = plan.Backbone.Crop < 1 ? ResizeMode.ShortSide : ResizeMode.Squash,
        };
        TorchRuntime.ManualSeed((ulong)plan.Seed);
        var network = Created(layers);
        try
        {
            var contract = new InspectionContract(plan.Method, plan.Network, layers, preprocessing)
            {
                Neighbours = plan.Normality.Neighbours,
                Sigma = plan.Normality.Sigma,
                Pictures = count,
                Data = data,
                Weights = plan.Backbone.BackboneWeights ?? "random, with statistics of the good parts",
            };
            if (plan.Backbone.BackboneWeights is { } weights) BackboneFeatures.Load(network, weights);
            else Adapt(network, contract, count, good, cancellation);
            contract = contract with { NetworkHash = InspectionModel.Hash(network) };
            using var known = new GoodFeatures(contract, network, plan, count, good, progress, cancellation);
            var whole = known.Fit([.. Enumerable.Range(0, count)]);
            var model = new InspectionModel(contract, network, whole);
            var line = Line(known, model, count, test, progress, cancellation);
            return new InspectionModel(line, network, whole);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private FeatureExtractor Created(IReadOnlyList<string> layers)
    {
        using var unset = plan.Backbone.BackboneWeights is null ? null : Init.Skipped();
        return BackboneFeatures.Create(plan.Network, layers, plan.Size);
    }

    /// <summary>Two pictures that differ are the least: what is alike everywhere says nothing of what may vary.</summary>
    private static void Refuse(int count, Func<int, Image> good, string data)
    {
        if (count == 0) throw new DataException(data, "there are no pictures of good parts: thirty are a good start");
        if (count == 1)
        {
            throw new DataException(data, "one picture says nothing of how good parts vary: two are the least, thirty a good start");
        }

        byte[] Digest(int k) => SHA256.HashData(good(k).Bytes);
        byte[] first = Digest(0);
        if (Enumerable.Range(1, count - 1).All(k => Digest(k).AsSpan().SequenceEqual(first)))
        {
            throw new DataException(data, $"all {count} pictures of good parts are the same picture: take pictures of several parts");
        }
    }

    /// <summary>Statistics of random features, once, on the good parts: a network without weights sees textures so.</summary>
    private static void Adapt(
        FeatureExtractor network, InspectionContract contract, int count, Func<int, Image> good, CancellationToken cancellation)
    {
        BatchNormStatistics.Recompute(network, Enumerable.Range(0, count).Chunk(GoodFeatures.Batch).Select(chunk => (Action)(() =>
        {
            cancellation.ThrowIfCancellationRequested();
            _ = network.Maps(Tensor.Stack([.. chunk.Select(k => contract.Preprocessing.Apply(good(k)))]));
        })));
        network.Eval();
    }

    /// <summary>
    /// Threshold and colours: by the best F1 where there are defects, else by a quantile of good parts that were held out.
    /// </summary>
    private InspectionContract Line(
        GoodFeatures known, InspectionModel model, int count, IReadOnlyList<PartPicture> test,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var held = HeldOut(known, count);
        double[] scores = [.. held.Select(one => one.Score)], peaks = [.. held.Select(one => (double)one.Map.Max())];
        var (score, pixel) = (Beyond(scores), Beyond(peaks));
        var contract = model.Contract with
        {
            Threshold = Math.BitIncrement(score),
            ThresholdFrom = FormattableString.Invariant(
                $"{plan.Normality.Quantile} of {held.Count} held-out good parts, or three deviations"),
            PixelThreshold = Math.BitIncrement(pixel),
        };
        if (test.Any(part => !part.IsGood))
        {
            var figures = InspectionFigures.Of(model, test, progress, cancellation);
            contract = contract with
            {
                Threshold = Between(figures),
                ThresholdFrom = FormattableString.Invariant($"the best F1, {figures.BestF1:0.000}, on {test.Count} pictures"),
                PixelThreshold = double.IsFinite(figures.BestPixelThreshold) ? figures.BestPixelThreshold : contract.PixelThreshold,
            };
        }

        double low = Quantile([.. held.SelectMany(one => one.Map.Where((_, k) => k % 16 == 0)).Select(value => (double)value)], 0.5);
        return contract with { ScaleLow = low, ScaleHigh = Math.Max(low + 1e-6, low + (2 * (contract.PixelThreshold - low))) };
    }

    /// <summary>The quantile; of too few parts to tell it, three deviations above the mean at least.</summary>
    private double Beyond(double[] scores)
    {
        double quantile = Quantile(scores, plan.Normality.Quantile), mean = scores.Average();
        if (scores.Length * (1 - plan.Normality.Quantile) >= 1) return quantile;
        return Math.Max(quantile, mean + (3 * Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)))));
    }

    /// <summary>Halfway from the best threshold, which is some part's score, to the next lower score.</summary>
    private static double Between(InspectionFigures figures)
    {
        double[] lower = [.. figures.Scores.Where(score => score < figures.BestThreshold)];
        return lower.Length == 0 ? figures.BestThreshold : (figures.BestThreshold + lower.Max()) / 2;
    }

    /// <summary>Every part is looked at by a model that has not seen it: in thirds, or a fifth alone where there are many.</summary>
    private static List<(double Score, float[] Map)> HeldOut(GoodFeatures known, int count)
    {
        int folds = count <= FewPictures ? Math.Min(Folds, count) : 1, every = folds > 1 ? folds : 5;
        var found = new List<(double, float[])>();
        for (int fold = 0; fold < folds; fold++)
        {
            int[] asked = [.. Enumerable.Range(0, count).Where(k => k % every == fold)];
            int[] kept = [.. Enumerable.Range(0, count).Where(k => k % every != fold)];
            // PaDiM's covariance takes two pictures; of two, both are kept.
            using var fitted = known.Fit(kept.Length < 2 ? [.. Enumerable.Range(0, count)] : kept);
            found.AddRange(known.Ask(fitted, asked));
        }

        return found;
    }

    internal static double Quantile(double[] values, double share)
    {
        double[] sorted = [.. values.Order()];
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }
}
