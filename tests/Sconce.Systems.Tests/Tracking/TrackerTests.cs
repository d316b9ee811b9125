using Sconce.Claims;
using Sconce.Systems.Detection.Tracking;
using Xunit;

namespace Sconce.Systems.Tests.Tracking;

public class TrackerTests
{
    private static readonly TrackerSettings Points = new(TrackDistance.Frobenius, 10) { Life = new HitCounterRule(6, 2) };

    [Fact]
    public void Identities_count_from_1_without_gaps_and_objects_that_die_young_use_none_up()
    {
        var tracker = new Tracker(Points);
        tracker.Update([TrackDetection.OfPoint(500, 500), TrackDetection.OfPoint(0, 0)]); // the first is seen once only
        for (int frame = 1; frame < 6; frame++) tracker.Update([TrackDetection.OfPoint(frame, 0), TrackDetection.OfPoint(100, frame)]);
        Assert.Equal([1, 2], tracker.Active.Select(tracked => tracked.Id).Order());
        Assert.Equal(3, tracker.Objects.Max(tracked => tracked.InitializingId));
        Assert.Equal(2, tracker.IdsGiven);
    }

    [Fact]
    public void Reset_begins_another_stream_with_identity_1_and_two_trackers_share_nothing()
    {
        Tracker first = new(Points), second = new(Points);
        for (int frame = 0; frame < 4; frame++)
        {
            first.UpdateAt(TimeSpan.FromSeconds(frame), [TrackDetection.OfPoint(0, 0)]);
            second.Update([TrackDetection.OfPoint(9, 9)]);
        }

        Assert.Equal([1], second.Active.Select(tracked => tracked.Id));
        first.Reset();
        Assert.Empty(first.Objects);
        first.UpdateAt(TimeSpan.Zero, [TrackDetection.OfPoint(0, 0)]);
        Assert.Equal(1, first.Objects[0].InitializingId);
    }

    [Fact]
    public void An_object_outlives_its_last_match_by_its_counter()
    {
        var tracker = new Tracker(Points);
        for (int frame = 0; frame < 10; frame++) tracker.Update([TrackDetection.OfPoint(3 * frame, 0)]);
        Assert.Equal(6, tracker.Active[0].HitCounter);
        for (int frame = 0; frame < 6; frame++)
        {
            var hidden = Assert.Single(tracker.Update([]));
            Assert.False(hidden.IsVisible);
            Assert.Equal(frame + 1, hidden.Hidden);
        }

        Assert.InRange(tracker.Active[0].Estimate[0], 40, 46); // 3 a frame, predicted from 27
        Assert.Empty(tracker.Update([]));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(10)]
    [InlineData(8)]
    public void By_the_clock_an_object_is_confirmed_and_given_up_after_the_same_time_at_every_frame_rate(int rate)
    {
        var tracker = new Tracker(TrackerSettings.Boxes with { Life = new SecondsRule(0.5, 1, 0.5) });
        double confirmed = double.NaN, gone = double.NaN;
        for (int frame = 0; frame < 6 * rate; frame++)
        {
            double second = (double)frame / rate;
            TrackDetection[] seen = second <= 2 ? [TrackDetection.OfBox(100 * second, 0, (100 * second) + 40, 40)] : [];
            var active = tracker.UpdateAt(TimeSpan.FromSeconds(second), seen);
            if (active.Count > 0 && double.IsNaN(confirmed)) confirmed = second;
            if (active.Count == 0 && second > 1 && double.IsNaN(gone)) gone = second;
            if (active.Count > 0) Assert.Equal(1, active[0].Id);
        }

        Assert.InRange(confirmed, 0.5, 0.5 + (1.0 / rate));
        Assert.InRange(gone, 3, 3 + (1.01 / rate));
    }

    [Fact]
    public void A_detector_that_blinks_does_not_wear_a_young_object_out_by_the_clock()
    {
        var tracker = new Tracker(TrackerSettings.Boxes with { Life = new SecondsRule(1) });
        for (int frame = 0; frame <= 40; frame++)
        {
            tracker.UpdateAt(TimeSpan.FromSeconds(frame / 30.0), frame % 5 == 0 ? [TrackDetection.OfBox(10, 10, 30, 30)] : []);
        }
        Assert.Equal(1, Assert.Single(tracker.Active).Id);
        Assert.Equal(1, tracker.Objects[0].InitializingId);
    }

    [Fact]
    public void Uneven_steps_are_predicted_by_the_time_that_passed()
    {
        var tracker = new Tracker(new TrackerSettings(TrackDistance.Frobenius, 20) { Life = new SecondsRule(0, 5, 5) });
        foreach (double second in (double[])[0, 0.1, 0.15, 0.4, 0.5, 0.55, 0.8, 0.9, 1, 1.3])
        {
            tracker.UpdateAt(TimeSpan.FromSeconds(second), [TrackDetection.OfPoint(60 * second, 0)]);
        }
        Assert.InRange(tracker.UpdateAt(TimeSpan.FromSeconds(2.3), [])[0].Estimate[0], 130, 144);
        var fault = Assert.Throws<ArgumentException>(() => tracker.UpdateAt(TimeSpan.FromSeconds(2.3), []));
        Assert.Contains("Reset()", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_keep_apart_and_none_is_a_class_of_its_own()
    {
        var tracker = new Tracker(Points);
        tracker.Update([new TrackDetection([0, 0]) { Label = 1 }]);
        tracker.Update([new TrackDetection([0, 0]) { Label = 2 }]);
        tracker.Update([new TrackDetection([0, 0])]);
        Assert.Equal(3, tracker.Objects.Count);
    }

    [Fact]
    public void Two_that_pass_each_other_keep_their_identities_where_headings_count()
    {
        // Between two frames they jump past each other: the nearest detection is the other one's.
        static (int Left, int Right) Pass(TrackDistance distance)
        {
            var tracker = new Tracker(new TrackerSettings(distance, 60)
            {
                Life = new HitCounterRule(10, 1),
                Filter = new LastSeenWithVelocity()
            });
            for (int frame = 0; frame < 5; frame++)
            {
                tracker.Update([TrackDetection.OfPoint(frame, 0), TrackDetection.OfPoint(20 - frame, 0)]);
            }
            tracker.Update([TrackDetection.OfPoint(17, 0), TrackDetection.OfPoint(3, 0)]);
            return (tracker.Active.MinBy(tracked => tracked.LastDetection.Points[0])!.Id,
                tracker.Active.MaxBy(tracked => tracked.LastDetection.Points[0])!.Id);
        }

        Assert.Equal((1, 2), Pass(TrackDistance.Frobenius));
        Assert.Equal((2, 1), Pass(TrackDistance.Frobenius.WithDirection(20)));
    }

    [Fact]
    public void A_lost_object_is_found_again_by_its_looks_and_keeps_its_identity()
    {
        var tracker = new Tracker(Points with
        {
            Reidentification =
            new ReidentificationSettings(TrackDistanceAdjustments.Looks, 0.2, 100)
        });
        TrackDetection At(double x, float look) => new([x, 0]) { Embedding = new[] { look, 1 } };
        for (int frame = 0; frame < 6; frame++) tracker.Update([At(0, 5), At(100, -5)]);
        for (int frame = 0; frame < 12; frame++) tracker.Update([At(100, -5)]);
        Assert.Equal([2], tracker.Active.Select(tracked => tracked.Id));
        for (int frame = 0; frame < 6; frame++) tracker.Update([At(100, -5), At(300, 5)]);
        Assert.Equal([1, 2], tracker.Active.Select(tracked => tracked.Id).Order());
        Assert.Equal(300, tracker.Active.Single(tracked => tracked.Id == 1).Estimate[0], 1.0);
    }

    [Fact]
    public void Hidden_objects_may_be_found_farther_off_where_the_gate_grows()
    {
        static int Ids(TrackDistance distance)
        {
            var tracker = new Tracker(new TrackerSettings(distance, 10) { Life = new HitCounterRule(15, 1) });
            for (int frame = 0; frame < 9; frame++) tracker.Update([TrackDetection.OfPoint(0, 0)]);
            for (int frame = 0; frame < 8; frame++) tracker.Update([]);
            for (int frame = 0; frame < 5; frame++) tracker.Update([TrackDetection.OfPoint(15, 0)]);
            return tracker.IdsGiven;
        }

        Assert.Equal(2, Ids(TrackDistance.Frobenius));
        Assert.Equal(1, Ids(TrackDistance.Frobenius.WithGrowingGate(0.1)));
    }

    [Fact]
    public void A_camera_that_turns_takes_no_identity_away_once_its_motion_is_told()
    {
        static int Ids(bool told)
        {
            var tracker = new Tracker(new TrackerSettings(TrackDistance.Iou, 0.5) { Life = new HitCounterRule(10, 1) });
            for (int frame = 0; frame < 12; frame++)
            {
                double shift = frame % 4 == 3 ? 1000 : 0;
                tracker.Update([TrackDetection.OfBox(shift, 0, shift + 20, 20)], motion: told ? Motion(frame) : null);
            }

            return tracker.IdsGiven + (tracker.Objects.Count > 1 ? 1 : 0);
        }

        static SceneMotion Motion(int frame) =>
            SceneMotion.None with { ShiftX = frame % 4 == 3 ? 1000 : frame > 0 && frame % 4 == 0 ? -1000 : 0 };
        Assert.Equal(1, Ids(true));
        Assert.NotEqual(1, Ids(false));
    }

    [Fact]
    public void Damaged_detections_and_settings_are_refused_with_what_is_wrong()
    {
        Assert.Throws<ArgumentException>(() => TrackDetection.OfPoint(double.NaN, 0));
        Assert.Throws<ArgumentException>(() => TrackDetection.OfBox(10, 0, 5, 5));
        Assert.Throws<ArgumentException>(() => new TrackDetection([1, 2, 3, 4], 2, [0.5]));
        Assert.Throws<ArgumentException>(() => new Tracker(Points with { Life = new HitCounterRule(4, 4) }));
        var fault = Assert.Throws<ArgumentException>(() => TrackDistance.ByName("euclidian"));
        Assert.Contains("euclidean", fault.Message, StringComparison.Ordinal);
        var tracker = new Tracker(Points);
        tracker.Update([TrackDetection.OfPoint(0, 0)]);
        Assert.Throws<ArgumentException>(() => tracker.Update([TrackDetection.OfBox(0, 0, 1, 1)]));
    }

    [Fact]
    public void The_claim_holds_and_can_fail()
    {
        var result = new TrackingClaim().Run(new ClaimOptions(), null, TestContext.Current.CancellationToken);
        Assert.True(result.Verdict == Verdict.Holds, result.Reason);
        Assert.Equal(Verdict.DoesNotHold, TrackingClaim.Judge([0.6, 0.6], [0.6, 0.6], [10, 10], [20, 20]).Verdict);
        Assert.Equal(Verdict.Undecided, TrackingClaim.Judge([0.8, 0.8], [0.6, 0.6], [20, 10], [20, 20]).Verdict);
    }

    /// <summary>Stays where it was seen, like no filter, but knows its velocity.</summary>
    private sealed record LastSeenWithVelocity : PointFilterFactory
    {
        public override PointFilter Create(ReadOnlySpan<double> first) => new Filter(first);

        private sealed class Filter(ReadOnlySpan<double> first) : PointFilter(first)
        {
            public override void Predict(double frames = 1)
            {
            }

            public override void Update(ReadOnlySpan<double> measured, ReadOnlySpan<bool> seen)
            {
                for (int k = 0; k < measured.Length; k++) (Velocities[k], Positions[k]) = (measured[k] - Positions[k], measured[k]);
            }
        }
    }
}
