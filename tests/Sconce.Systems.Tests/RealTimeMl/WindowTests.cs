using Sconce.Abilities;
using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Tables;
using Xunit;

namespace Sconce.Systems.Tests.RealTimeMl;

public sealed class WindowTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-windows-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_event_counts_in_the_window_of_its_own_time_as_long_as_it_is_waited_for()
    {
        var windows = new EventWindows(10, 10, 5);
        Assert.Empty(windows.Add(1, "a", 2));
        Assert.Empty(windows.Add(12, "a", 9));
        Assert.Empty(windows.Add(8, "a", 4));                                      // out of order, and waited for
        var told = windows.Add(16, "b", double.NaN);
        Assert.Equal([new WindowFigure(0, "a", 2, 3)], told);
        windows.Add(3, "a", 100);
        Assert.Equal(1, windows.Late);
        Assert.Equal(["a", "b"], windows.End().Select(figure => figure.Key));
    }

    [Fact]
    public void Windows_that_slide_overlap()
    {
        var windows = new EventWindows(10, 5, 0);
        windows.Add(7, "k", 1);
        Assert.Equal([0.0, 5.0], windows.End().Select(figure => figure.Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EventWindows(10, 11, 0));
    }

    [Fact]
    public void What_is_one_half_life_old_counts_half()
    {
        var means = new DecayedMeans(10);
        means.Add(0, "k", 4);
        var (count, mean) = means.Add(10, "k", 1);
        Assert.Equal(1.5, count, 1e-12);
        Assert.Equal(2, mean, 1e-12);
        Assert.Equal(2, means.Add(0, "k", 2).Count, 1e-12);
    }

    [Fact]
    public void A_table_of_dates_is_counted_by_key_and_bad_ones_are_told_by_row()
    {
        string path = Path.Combine(folder, "clicks.csv");
        File.WriteAllLines(path, ["at,user,price", "2020-12-24T18:00:01,ann,2", "2020-12-24T18:00:40,bob,5", "2020-12-24T18:00:59,ann,4",
            "2020-12-24T18:01:30,ann,1"]);
        using var session = new MonitorWindows().Open(null!);
        var settings = new WindowSettings { Window = 60, Time = "at", Key = "user", Mean = "price", HalfLife = 60 };
        var answer = session.Ask(TableFile.Of(path), settings);
        Assert.Equal([("ann", 2L, 3.0), ("bob", 1L, 5.0), ("ann", 1L, 1.0)],
            answer.Windows.Items.Select(row => ((string)row[2]!, (long)row[3]!, (double)row[4]!)));
        Assert.Equal(2, answer.Decayed!.Items.Count);
        File.WriteAllText(path, "at,user\nnoon,ann\n");
        var fault = Assert.Throws<TableException>(() => session.Ask(TableFile.Of(path), new WindowSettings { Window = 60, Time = "at" }));
        Assert.Contains("row 1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<SettingsException>(() => session.Ask(TableFile.Of(path), settings with { Slide = 90 }));
    }
}
