using Sconce.Cli.Progress;
using Xunit;

namespace Sconce.Cli.Tests;

public class ProgressTests
{
    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void Time_left_follows_the_rate()
    {
        var left = new TimeLeft();
        Assert.Null(left.Estimate(new WorkProgress("a", 0, 100), Seconds(1)));
        Assert.Equal(Seconds(30), left.Estimate(new WorkProgress("a", 25, 100), Seconds(10)));
        Assert.Equal(Seconds(0), left.Estimate(new WorkProgress("a", 100, 100), Seconds(40)));
    }

    [Fact]
    public void A_new_stage_begins_a_new_rate()
    {
        var left = new TimeLeft();
        left.Estimate(new WorkProgress("a", 100, 100), Seconds(10));
        Assert.Null(left.Estimate(new WorkProgress("b", 0, 10), Seconds(10)));
        Assert.Equal(Seconds(45), left.Estimate(new WorkProgress("b", 1, 10), Seconds(15)));
        Assert.Null(left.Estimate(new WorkProgress("b", 0, 10), Seconds(20)));
    }

    [Fact]
    public void Nothing_is_promised_where_the_end_is_unknown() =>
        Assert.Null(new TimeLeft().Estimate(new WorkProgress("a", 5, 0), Seconds(5)));

    [Fact]
    public void A_plain_line_tells_stage_share_time_left_and_figures()
    {
        Assert.Equal("nfnets: seed 2: 37% (370 of 1,000), 2 min left, loss 0.31",
            ProgressLine.Format("nfnets", new WorkProgress("seed 2", 370, 1000, "loss 0.31"), Seconds(60), Seconds(120))
                .Replace("37 %", "37%"));
        Assert.Equal("nfnets: reading: 12, 5.0 s so far",
            ProgressLine.Format("nfnets", new WorkProgress("reading", 12, 0), Seconds(5), null));
    }

    [Fact]
    public void Plain_lines_come_every_ten_seconds_then_every_minute()
    {
        Assert.Equal(Seconds(10), ProgressDisplay.Pause(Seconds(30)));
        Assert.Equal(Seconds(60), ProgressDisplay.Pause(Seconds(90)));
    }

    [Fact]
    public void What_ends_within_a_second_shows_nothing()
    {
        var error = new StringWriter();
        using (var display = new ProgressDisplay(new Terminal(new StringWriter(), error), "x")) display.Report(new WorkProgress("a", 1, 2));
        Assert.Empty(error.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_remark_stays_however_short_the_work(bool isTerminal)
    {
        var error = new StringWriter();
        using (var display = new ProgressDisplay(new Terminal(new StringWriter(), error) { ErrorIsTerminal = isTerminal }, "x"))
        {
            display.Report(new WorkProgress("a", 0, 0) { Remark = "a clock is off" });
            display.Report(new WorkProgress("a", 1, 2));
        }

        Assert.Equal("x: a clock is off", error.ToString().Trim());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_takes_longer_is_shown_as_a_line_or_as_a_bar(bool isTerminal)
    {
        var error = new Recorder();
        using (var display =
            new ProgressDisplay(new Terminal(new StringWriter(), error) { ErrorIsTerminal = isTerminal, Width = 100 }, "x"))
        {
            display.Report(new WorkProgress("stage", 1, 2, "loss 3"));
            Assert.True(error.Written.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }

        Assert.Contains("x: stage", error.ToString());
        Assert.Contains("50", error.ToString());
        Assert.Contains("loss 3", error.ToString());
        Assert.Equal(isTerminal, error.ToString().Contains('\u001b'));
    }

    private sealed class Recorder : StringWriter
    {
        public ManualResetEventSlim Written { get; } = new();

        public override void Flush()
        {
            if (GetStringBuilder().ToString().Contains("loss 3")) Written.Set();
        }
    }
}
