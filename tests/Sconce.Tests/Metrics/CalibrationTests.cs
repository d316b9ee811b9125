using Sconce.Metrics;
using Xunit;

namespace Sconce.Tests.Metrics;

public class CalibrationTests
{
    private static ClassifierAnswer Answer(bool isRight, double confidence) =>
        new(isRight ? 0 : 1, 0, confidence, isRight ? confidence : 1 - confidence);

    [Fact]
    public void The_errors_are_those_of_the_formula()
    {
        // Two bins hold answers: (0.6, right 1 of 2) and (0.9, right 2 of 2).
        var calibration = Calibration.Of([Answer(true, 0.6), Answer(false, 0.6), Answer(true, 0.9), Answer(true, 0.9)]);
        Assert.Equal((0.5 * 0.1) + (0.5 * 0.1), calibration.ExpectedError, 1e-12);
        Assert.Equal(0.1, calibration.MaximumError, 1e-12);
        Assert.Equal(2, calibration.Bins.Count(bin => bin.Count > 0));
        Assert.Equal(0.6, calibration.Bins[5].Confidence, 1e-12);
    }

    [Fact]
    public void The_ends_have_their_bins_and_what_is_no_number_has_none()
    {
        var calibration = Calibration.Of([Answer(true, 0), Answer(true, 1), Answer(true, double.NaN)], bins: 4);
        Assert.Equal([1, 0, 0, 1], calibration.Bins.Select(bin => bin.Count));
        Assert.True(double.IsNaN(Calibration.Of([]).ExpectedError));
    }

    [Fact]
    public void The_best_threshold_of_two_classes_separates_them_where_that_can_be_done()
    {
        ClassifierAnswer[] answers = [.. new[] { 0.1, 0.3, 0.35 }.Select(score => Of(0, score)),
            .. new[] { 0.4, 0.8 }.Select(score => Of(1, score))];
        var best = ThresholdTable.BestOfTwo(answers);
        Assert.Equal((0.4, 1.0, 1.0, 0.0), (best.Threshold, best.Precision, best.Recall, best.FalsePositiveRate));
        var half = ThresholdTable.OfTwo(answers).Single(row => row.Threshold == 0.5);
        Assert.Equal((1.0, 0.5, 0.0), (half.Precision, half.Recall, half.FalsePositiveRate));

        static ClassifierAnswer Of(int label, double score) =>
            new(label, score > 0.5 ? 1 : 0, Math.Max(score, 1 - score), label == 1 ? score : 1 - score);
    }

    [Fact]
    public void More_confidence_leaves_fewer_answers()
    {
        var rows = ThresholdTable.OfConfidence([Answer(true, 0.95), Answer(false, 0.55), Answer(true, 0.75), Answer(true, 0.99)]);
        Assert.Equal((1.0, 0.75), (rows[0].Answered, rows[0].Accuracy));
        var sure = rows.Single(row => row.Threshold == 0.9);
        Assert.Equal((0.5, 1.0), (sure.Answered, sure.Accuracy));
    }
}
