using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation;

/// <summary>An autoencoder with a codebook, for its figures.</summary>
/// <param name="Network">Brought into evaluation.</param>
/// <param name="Encode">Squares to codes: <c>(N, C, S, S) -> (N, h, w)</c>.</param>
/// <param name="Decode">Codes to pictures from -1 to 1, or to logits of labels.</param>
/// <param name="AreLabels">Whether it is of maps of labels.</param>
internal sealed record EvaluatedCodec(Module Network, Func<Tensor, Tensor> Encode, Func<Tensor, Tensor> Decode, bool AreLabels = false);

/// <summary>How well codes keep pictures that were held out.</summary>
internal static class CodecEvaluation
{
    internal const string Difference = "difference", Frechet = "rfid", Labels = "labels", Codes = "codes";

    /// <summary>The figures that there are, the watched one first.</summary>
    /// <param name="areLabels">Of maps of labels.</param>
    /// <param name="plays">Whether there is a discriminator, which trades differences of pixels for looks.</param>
    /// <param name="heldOut">Pictures that are asked about: of one alone there is no distribution.</param>
    internal static IReadOnlyList<string> Names(bool areLabels, bool plays, int heldOut) =>
        areLabels ? [Labels, Codes]
        : heldOut < 2 ? [Difference, Codes]
        : plays ? [Frechet, Difference, Codes] : [Difference, Frechet, Codes];

    /// <summary>A run's network on what the run held out, or on a folder of pictures.</summary>
    /// <param name="network">The run's.</param>
    /// <param name="own">Its configuration.</param>
    /// <param name="data">The folder; null for what was held out.</param>
    /// <param name="batch">Pictures at once.</param>
    /// <param name="codec">The network, still on the processor.</param>
    /// <param name="squares">Brings pictures to what the network sees.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static EvaluationReport Report(
        TrainedNetwork network, RunConfiguration own, string? data, int batch, EvaluatedCodec codec,
        Func<IDataset<ImageExample>, SquareRecipe> squares, CancellationToken cancellation)
    {
        string place = data ?? own.Data;
        var pictures = network.IsOwn(data)
            ? UnlabelledImages.Open(place, own.Run.Validation, own.Run.Seed, network.Kept).Test
            : FolderPictures.Open(place).Images;
        var device = network.RunsOn;
        codec.Network.To(device);
        using var features = PictureFeatures.Random(device);
        var loader = new DataLoader<float[], SquareBatch>(squares(pictures), new DataLoaderOptions { BatchSize = batch });
        return new EvaluationReport(place, pictures.Count, Run(codec, loader, features, device, cancellation))
        {
            Remarks = pictures.Count > 1 ? [$"rfid is measured in the features of {features.Name}, not in Inception's"] : [],
        };
    }

    /// <summary>
    /// The mean absolute difference in [0, 1] and Fréchet's distance of reconstructions, or the share of pixels with the right label; and
    /// how many different codes all pictures together use.
    /// </summary>
    internal static FigureSet Run(
        EvaluatedCodec codec, IBatchSource<SquareBatch> pictures, PictureFeatures features, Device device, CancellationToken cancellation)
    {
        codec.Network.Eval();
        var used = new HashSet<long>();
        double sum = 0;
        long count = 0;
        FeatureStatistics? original = null, painted = null;
        try
        {
            ClassifierEvaluation.Each(pictures, See, cancellation);
            var figures = new FigureSet();
            if (codec.AreLabels) figures.Add(Labels, sum / count);
            else figures.Add(Figure.Lower(Difference, sum / count));
            if (original is not null && painted is { Count: > 1 })
                figures.Add(Figure.Lower(Frechet, FrechetDistance.Of(painted, original)));
            figures.Add(Codes, used.Count);
            return figures;
        }
        finally
        {
            original?.Dispose();
            painted?.Dispose();
        }

        void See(SquareBatch batch)
        {
            var seen = batch.Pictures.To(device);
            var codes = codec.Encode(seen);
            used.UnionWith(codes.Cpu().ToArray<long>());
            var decoded = codec.Decode(codes);
            var each = codec.AreLabels
                ? decoded.Argmax(1).Eq(seen.Argmax(1)).To(DType.Float32)
                : (decoded.Clamp(-1, 1) - seen).Abs() / 2;
            sum += each.Mean().Item<double>() * batch.Names.Count;
            count += batch.Names.Count;
            if (codec.AreLabels) return;
            Add(ref original, features.Call(seen));
            Add(ref painted, features.Call(decoded));
        }
    }

    private static void Add(ref FeatureStatistics? statistics, Tensor rows) =>
        (statistics ??= new FeatureStatistics((int)rows.Size(1))).Add(rows);
}
