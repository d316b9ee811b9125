using FsCheck;
using FsCheck.Fluent;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Metrics;

public sealed class MetricsTests
{
    /// <summary>Three classes, six examples: the example of scikit-learn's f1_score, whose macro and weighted means are 0.26…, accuracy
    /// 1/3.</summary>
    [Fact]
    public void F1_and_accuracy_are_those_of_a_known_example()
    {
        var matrix = new ConfusionMatrix(3);
        matrix.Add([0, 2, 1, 0, 0, 1], [0, 1, 2, 0, 1, 2]);
        Assert.Equal(2 / 6.0, matrix.Accuracy);
        Assert.Equal(0.8, matrix.F1(0), 1e-12);
        Assert.Equal(0, matrix.F1(1));
        Assert.Equal(0.8 / 3, matrix.MacroF1, 1e-12);
        Assert.Equal(0.8 / 3, matrix.WeightedF1, 1e-12);
        Assert.Equal(2 / 3.0, matrix.Precision(0), 1e-12);
        Assert.Equal(1, matrix.Recall(0));
    }

    [Fact]
    public void Intersection_over_union_leaves_out_ignored_pixels_and_classes_that_are_nowhere()
    {
        var matrix = new ConfusionMatrix(4, ignored: 255);
        matrix.Add([0, 0, 1, 1, 2, 3], [0, 1, 1, 1, 2, 255]);
        Assert.Equal(5, matrix.Total);
        Assert.Equal(1 / 2.0, matrix.IntersectionOverUnion(0));
        Assert.Equal(2 / 3.0, matrix.IntersectionOverUnion(1));
        Assert.Equal(1, matrix.IntersectionOverUnion(2));
        Assert.True(double.IsNaN(matrix.IntersectionOverUnion(3)));
        Assert.Equal((0.5 + (2 / 3.0) + 1) / 3, matrix.MeanIntersectionOverUnion, 1e-12);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(-1, 0)]
    public void A_class_that_is_none_is_an_error(long answer, long label) =>
        Assert.Contains("outside 0 to 2", Assert.Throws<ArgumentException>(() => new ConfusionMatrix(3).Add([answer], [label])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Auroc_is_that_of_a_known_example()
    {
        Assert.Equal(0.75, RankingMetrics.Auroc([0.1, 0.4, 0.35, 0.8], [false, false, true, true]));
        Assert.Equal(0.5, RankingMetrics.Auroc([1, 1, 1], [true, false, true]));
        Assert.True(double.IsNaN(RankingMetrics.Auroc([1, 2], [true, true])));
        Assert.Throws<ArgumentException>(() => RankingMetrics.Auroc([double.NaN, 2], [true, false]));
    }

    [Fact]
    public void Auroc_is_the_share_of_pairs_in_order() =>
        Prop.ForAll(Gen.Choose(0, 5).Zip(Gen.Elements(true, false)).ListOf(30).ToArbitrary(), drawn =>
        {
            double[] scores = [.. drawn.Select(entry => (double)entry.Item1)];
            bool[] truths = [.. drawn.Select(entry => entry.Item2)];
            double pairs = 0, won = 0;
            for (int p = 0; p < truths.Length; p++)
            {
                for (int n = 0; n < truths.Length; n++)
                {
                    if (!truths[p] || truths[n]) continue;
                    pairs++;
                    won += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0;
                }
            }

            double expected = won / pairs, found = RankingMetrics.Auroc(scores, truths);
            return pairs == 0 ? double.IsNaN(found) : Math.Abs(found - expected) < 1e-12;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_top_k_count_each_label_once_and_ties_by_class()
    {
        using var scope = new TensorScope();
        var logits = Tensor.From([3f, 2, 1, 0, 1, 1, 1, 1, 0, 5, 4, 9], [3, 4]);
        var labels = Tensor.From([2L, 3L, 2L]);
        Assert.Equal([0L, 0, 2, 3, 3], Enumerable.Range(1, 5).Select(k => RankingMetrics.TopK(logits, labels, k)));
    }

    [Fact]
    public void Evaluations_gather_batches_to_the_figures_of_the_whole()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(3);
        var logits = Tensor.Randn([20, 7], generator);
        var labels = Tensor.Randint(7, [20], generator, DType.Int64);
        var whole = new ClassificationMetrics(7);
        whole.Add(logits, labels);
        var parts = new ClassificationMetrics(7);
        foreach (var (from, to) in ((int, int)[])[(0, 3), (3, 19), (19, 20)]) parts.Add(logits[from..to], labels[from..to]);
        Assert.Equal(["accuracy", "top5", "f1", "loss"], whole.Figures().Keys);
        foreach (var (name, value) in whole.Figures()) Assert.Equal(value, parts.Figures()[name], 1e-6);
        Assert.Equal(Functional.CrossEntropy(logits, labels).Item<double>(), whole.Loss, 1e-6);
    }

    /// <summary>The figure is numpy's: means, numpy.cov, and the square roots of the eigenvalues of the covariances' product.</summary>
    [Fact]
    public void Frechets_distance_is_the_reference()
    {
        using var first = new FeatureStatistics(6);
        using var second = new FeatureStatistics(6);
        Gather(first, 50, 0.7, 1.3, 0, part: 17);
        Gather(second, 60, 0.9, 0.4, 0.25, part: 60);
        Assert.Equal(1.2949509826604597, FrechetDistance.Of(first, second), 1e-9);
        Assert.Equal(1.2949509826604597, FrechetDistance.Of(second, first), 1e-9);
        Assert.Equal(0, FrechetDistance.Of(first, first), 1e-9);
    }

    [Fact]
    public void Frechets_distance_of_diagonal_normals_has_its_closed_form()
    {
        using var scope = new TensorScope();
        double distance = FrechetDistance.Of(
            Tensor.From([0.0, 1]), Tensor.From([4.0, 0, 0, 9], [2, 2]),
            Tensor.From([3.0, 1]), Tensor.From([1.0, 0, 0, 0.25], [2, 2]));
        Assert.Equal(9 + ((2 - 1) * (2 - 1)) + ((3 - 0.5) * (3 - 0.5)), distance, 1e-12);
    }

    [Theory]
    [InlineData(1e2, 1)]
    [InlineData(1e4, 1e-2)]
    [InlineData(1e6, 1)]
    public void Statistics_of_features_far_from_zero_are_those_of_the_same_features_moved_there(double mean, double deviation)
    {
        using var scope = new TensorScope();
        var random = new Random(3);
        var near = Tensor.From<double>([.. Enumerable.Range(0, 800).Select(_ => (random.NextDouble() - 0.5) * Math.Sqrt(12))], [200, 4]);
        using var plain = new FeatureStatistics(4);
        using var far = new FeatureStatistics(4);
        foreach (var (from, to) in ((int, int)[])[(0, 1), (1, 90), (90, 90), (90, 200)])
        {
            var part = near.Slice(0, from, to);
            plain.Add(part);
            far.Add(part * deviation + mean);
        }

        Assert.Equal(200, far.Count);
        // What is left is the rounding of the features themselves: mean * 1e-16 against the deviation.
        double rounding = 40 * mean * 1.2e-16 / deviation + 1e-13;
        Assert.InRange(((far.Covariance() / (deviation * deviation)) - plain.Covariance()).Abs().Max().Item<double>(), 0, rounding);
        Assert.InRange(((far.Mean() - mean) / deviation - plain.Mean()).Abs().Max().Item<double>(), 0, rounding);
        Assert.InRange(FrechetDistance.Of(far, far), 0, 1e-9 * deviation);
    }

    private static void Gather(FeatureStatistics statistics, int count, double a, double b, double offset, int part)
    {
        for (int start = 0; start < count; start += part)
        {
            int rows = Math.Min(part, count - start);
            double[] numbers = new double[rows * 6];
            for (int k = 0; k < rows * 6; k++)
            {
                int i = start + (k / 6), j = k % 6;
                numbers[k] = Math.Sin((a * i) + (b * j) + (i * j % 7)) + (0.1 * j * Math.Cos(0.3 * i * b)) + offset;
            }

            using var scope = new TensorScope();
            statistics.Add(Tensor.From(numbers, [rows, 6]));
        }
    }
}
