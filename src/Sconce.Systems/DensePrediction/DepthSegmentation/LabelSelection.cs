using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Pictures that were chosen for labels.</summary>
/// <param name="Chosen">Their numbers, in the order of choice.</param>
/// <param name="Distances">How far each was from all that were chosen before it.</param>
public sealed record ChosenPictures(IReadOnlyList<int> Chosen, IReadOnlyList<double> Distances);

/// <summary>
/// Which pictures are worth a label: those that differ most from the labelled ones, and those on which a student fails. 2012.10782 §3.3;
/// lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 label_selection.py.
/// </summary>
public static class LabelSelection
{
    /// <summary>A picture's features: a map's means over 4 rows and 8 columns, <c>(N, C, H, W) -> (N, C, 4, 8)</c>.</summary>
    public static Tensor Pooled(Tensor map) => map.AdaptiveAvgPool2d([4, 8]);

    /// <summary>Euclidean distances of pictures: <c>(N, C, h, w) -> (N, N)</c>.</summary>
    /// <param name="features">One map a picture.</param>
    /// <param name="isStandardized">Whether each channel is brought to mean 0 and deviation 1 over pictures and places.</param>
    public static Tensor Distances(Tensor features, bool isStandardized = true)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        if (isStandardized)
        {
            var mean = features.Mean([0, 2, 3], keepdim: true);
            features = (features - mean) / features.Std([0, 2, 3], unbiased: true, keepdim: true);
        }

        var rows = features.Reshape([features.Size(0), -1]);
        return scope.Keep(WithoutDiagonal(Functional.Cdist(rows, rows)));
    }

    /// <summary>Moves pictures away on which a student fails, so that they are chosen sooner: <c>(N, N) -> (N, N)</c>.</summary>
    /// <param name="distances">Between pictures.</param>
    /// <param name="uncertainty">How much it fails, <c>(N)</c>.</param>
    /// <param name="labelled">Pictures that have a label; they stay where they are.</param>
    /// <param name="weight">What an uncertainty of one adds; 1000 in the paper.</param>
    public static Tensor Biased(Tensor distances, Tensor uncertainty, IReadOnlyCollection<int> labelled, double weight)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var bias = (uncertainty * weight).Clone();
        foreach (int picture in labelled) bias.FillInPlace(0, picture);
        return scope.Keep(WithoutDiagonal(distances + bias.Unsqueeze(0)));
    }

    /// <summary>The least certain pictures without a label, the worst first.</summary>
    /// <param name="uncertainty">How much a student fails on each.</param>
    /// <param name="labelled">Pictures that have a label.</param>
    /// <param name="count">How many are wanted.</param>
    public static IReadOnlyList<int> LeastCertain(IReadOnlyList<double> uncertainty, IReadOnlyCollection<int> labelled, int count) =>
        [.. Enumerable.Range(0, uncertainty.Count).Except(labelled).OrderByDescending(picture => uncertainty[picture]).Take(count)];

    /// <summary>Adds, again and again, the picture that is farthest from all chosen ones.</summary>
    /// <param name="distances"><c>(N, N)</c></param>
    /// <param name="labelled">Pictures that have a label, one at least.</param>
    /// <param name="count">How many are wanted; fewer come where no other is at any distance.</param>
    /// <param name="candidates">The only ones to choose among; null for all.</param>
    /// <exception cref="ArgumentException">Nothing is labelled, or a number is none of a picture's.</exception>
    public static ChosenPictures Farthest(
        Tensor distances, IReadOnlyCollection<int> labelled, int count, IReadOnlyCollection<int>? candidates = null)
    {
        int pictures = (int)distances.Size(0);
        if (labelled.Count == 0) throw new ArgumentException("label selection: the first picture is a draw: one has to be labelled before");
        foreach (int picture in labelled.Concat(candidates ?? []))
        {
            if (picture < 0 || picture >= pictures) throw new ArgumentException($"label selection: picture {picture} of {pictures}");
        }

        double[] all = distances.To(Device.Cpu, DType.Float64).Reshape([-1]).ToArray<double>();
        var open = (candidates ?? [.. Enumerable.Range(0, pictures)]).ToHashSet();
        var taken = labelled.ToHashSet();
        var nearest = new double[pictures];
        Array.Fill(nearest, double.PositiveInfinity);
        foreach (int picture in labelled) Shrink(picture);
        List<int> chosen = [];
        List<double> far = [];
        while (chosen.Count < count)
        {
            int next = Enumerable.Range(0, pictures).MaxBy(picture => open.Contains(picture) ? nearest[picture] : 0);
            if (!open.Contains(next) || !taken.Add(next)) break;
            chosen.Add(next);
            far.Add(nearest[next]);
            Shrink(next);
        }

        return new ChosenPictures(chosen, far);

        void Shrink(int picture)
        {
            for (int k = 0; k < pictures; k++) nearest[k] = Math.Min(nearest[k], all[(picture * pictures) + k]);
        }
    }

    private static Tensor WithoutDiagonal(Tensor distances) =>
        distances * (1 - Tensor.Eye(distances.Size(0)).To(distances.Device, distances.DType));
}
