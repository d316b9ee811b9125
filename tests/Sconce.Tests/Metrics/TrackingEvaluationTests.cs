using Sconce.Metrics;
using Sconce.Video;
using Xunit;

namespace Sconce.Tests.Metrics;

public class TrackingEvaluationTests
{
    private static TrackBox At(int frame, int id, double left) => new(frame, id, left, 0, 10, 10);

    [Fact]
    public void Perfect_tracks_under_any_names_have_full_figures()
    {
        TrackBox[] truth = [At(1, 1, 0), At(1, 2, 50), At(2, 1, 5), At(2, 2, 55)];
        var summary = TrackingEvaluation.Of(truth, [.. truth.Select(box => box with { Id = box.Id + 7 })]);
        Assert.Equal((1, 1, 0L, 0L, 0L, 0),
            (summary.Mota, summary.Idf1, summary.Switches, summary.Misses, summary.FalseAlarms, summary.MeanDistance));
    }

    [Fact]
    public void Misses_false_alarms_and_switches_count_as_by_hand()
    {
        // The object bears identity 1 for two frames, is missed once, then is 2 for three: one switch, one fragment; a stray track in frame
        // 1.
        TrackBox[] truth = [.. Enumerable.Range(1, 6).Select(frame => At(frame, 5, 0))];
        TrackBox[] tracked = [At(1, 1, 0), At(1, 9, 500), At(2, 1, 0), At(4, 2, 0), At(5, 2, 0), At(6, 2, 0)];
        var summary = TrackingEvaluation.Of(truth, tracked);
        Assert.Equal((1L, 1L, 1L, 1L), (summary.Switches, summary.Misses, summary.FalseAlarms, summary.Fragments));
        Assert.Equal(1 - (3.0 / 6), summary.Mota, 1e-12);
        Assert.Equal(2 * 3.0 / 12, summary.Idf1, 1e-12);
    }

    [Fact]
    public void A_pair_stays_matched_while_it_may_though_another_is_nearer()
    {
        var evaluation = new TrackingEvaluation();
        evaluation.Add([1], [1, 2], [0.1, 0.2]);
        evaluation.Add([1], [1, 2], [0.4, 0.0]);
        Assert.Equal(0, evaluation.Summarize().Switches);
        evaluation.Add([1], [1, 2], [double.PositiveInfinity, 0.3]);
        Assert.Equal(1, evaluation.Summarize().Switches);
    }

    [Fact]
    public void Boxes_that_are_not_to_be_judged_are_neither_missed_nor_alarms()
    {
        TrackBox[] truth = [At(1, 1, 0), At(1, 2, 100) with { Confidence = 0 }];
        var summary = TrackingEvaluation.Of(truth, [At(1, 1, 0), At(1, 2, 100)]);
        Assert.Equal((1, 0L, 0L, 1L), (summary.Mota, summary.Misses, summary.FalseAlarms, summary.Truths));
    }

    [Fact]
    public void Nothing_at_all_has_no_figures_and_damaged_frames_are_refused()
    {
        Assert.True(double.IsNaN(TrackingEvaluation.Of([], []).Mota));
        var evaluation = new TrackingEvaluation();
        Assert.Throws<ArgumentException>(() => evaluation.Add([1, 1], [1], [0, 0]));
        Assert.Throws<ArgumentException>(() => evaluation.Add([1], [1], [double.NaN]));
        Assert.Throws<ArgumentException>(() => evaluation.Add([1], [1, 2], [0.5]));
    }
}
