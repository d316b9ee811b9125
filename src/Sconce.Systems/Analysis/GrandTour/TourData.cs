using Sconce.Training;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>One layer's points through the epochs.</summary>
/// <param name="Name">Of the layer.</param>
/// <param name="Axes">What its dimensions are called, two to twelve.</param>
/// <param name="Epochs">For each epoch a row a point, all rows in one array.</param>
internal sealed record TourLayer(string Name, IReadOnlyList<string> Axes, IReadOnlyList<float[]> Epochs);

/// <summary>Brings a classifier's answers to points of a few dimensions that a tour can show.</summary>
internal static class TourData
{
    /// <summary>Dimensions of a layer at most: what the page's shader takes.</summary>
    public const int Most = 12;

    private const int Principal = 8;

    /// <summary>
    /// The layers: probabilities as they are, scores about their mean, others along their principal directions at the last epoch. Of very
    /// many classes the commonest stand alone, and the rest are one.
    /// </summary>
    /// <param name="epochs">Of the same pictures.</param>
    /// <param name="classes">The classes' names.</param>
    public static IReadOnlyList<TourLayer> Layers(IReadOnlyList<NetworkOutputs> epochs, IReadOnlyList<string> classes)
    {
        var layers = new List<TourLayer>();
        foreach (var (name, width, _) in epochs[^1].Layers)
        {
            float[][] rows = [.. epochs.Select(epoch => epoch.Layers.First(layer => layer.Name == name).Rows)];
            if (name == NetworkOutputs.Softmax) layers.Add(Probabilities(rows, width, classes));
            else if (name == NetworkOutputs.Logits && width is >= 2 and <= Most) layers.Add(Centred(name, rows, width, classes));
            else if (width > 2) layers.Add(Directions(name, rows, width));
        }

        return layers;
    }

    private static TourLayer Probabilities(float[][] epochs, int width, IReadOnlyList<string> classes)
    {
        if (width <= Most)
            return new TourLayer(NetworkOutputs.Softmax, [.. Enumerable.Range(0, width).Select(k => NameOf(k, classes))], epochs);
        double[] mass = new double[width];
        foreach (float[] rows in epochs)
            for (int k = 0; k < rows.Length; k++) mass[k % width] += rows[k];
        int[] commonest = [.. Enumerable.Range(0, width).OrderByDescending(k => mass[k]).Take(Most - 1)];
        return new TourLayer(
            NetworkOutputs.Softmax, [.. commonest.Select(k => NameOf(k, classes)), "others"],
            [.. epochs.Select(rows => Rows(rows, width).SelectMany(row =>
            {
                float[] kept = [.. commonest.Select(k => row.Span[k])];
                return kept.Append(Math.Max(0, 1 - kept.Sum()));
            }).ToArray())]);
    }

    private static TourLayer Centred(string name, float[][] epochs, int width, IReadOnlyList<string> classes) => new(
        name, [.. Enumerable.Range(0, width).Select(k => NameOf(k, classes))],
        [.. epochs.Select(rows =>
        {
            float[] mean = Mean(rows, width);
            return rows.Select((value, k) => value - mean[k % width]).ToArray();
        })]);

    /// <summary>Along the directions in which the last epoch varies most, about the last epoch's mean.</summary>
    private static TourLayer Directions(string name, float[][] epochs, int width)
    {
        using var scope = new Torch.TensorScope();
        using var off = Torch.Gradients.Off();
        int kept = Math.Min(Principal, width);
        var last = Torch.Tensor.From(epochs[^1], [epochs[^1].Length / width, width]);
        var mean = last.Mean([0], keepdim: true);
        var (_, _, directions) = Torch.Functional.LinalgSvd(last - mean, fullMatrices: false);
        kept = (int)Math.Min(kept, directions.Size(0));
        var chosen = directions[..kept].T();
        return new TourLayer(
            name, [.. Enumerable.Range(1, kept).Select(k => $"direction {k}")],
            [.. epochs.Select(rows => (Torch.Tensor.From(rows, [rows.Length / width, width]) - mean).Matmul(chosen).ToArray<float>())]);
    }

    private static float[] Mean(float[] rows, int width)
    {
        var mean = new double[width];
        for (int k = 0; k < rows.Length; k++) mean[k % width] += rows[k];
        return [.. mean.Select(sum => (float)(sum * width / rows.Length))];
    }

    private static IEnumerable<ReadOnlyMemory<float>> Rows(float[] rows, int width) =>
        Enumerable.Range(0, rows.Length / width).Select(k => new ReadOnlyMemory<float>(rows, k * width, width));

    private static string NameOf(int index, IReadOnlyList<string> classes) => index < classes.Count ? classes[index] : $"class {index}";
}
