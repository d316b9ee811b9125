using Sconce.Systems.Tools.Graphs;
using Xunit;

namespace Sconce.Systems.Tests.Graphs;

public sealed class LeakWatchTests
{
    [Fact]
    public void A_nearly_perfect_figure_after_one_epoch_is_told_once()
    {
        var said = new List<string>();
        var watch = new LeakWatch(10, said.Add);
        watch.Look("accuracy", 1);
        Assert.Empty(said); // nothing is learnt yet
        watch.Stepped(10);
        watch.Look("accuracy", 0.9);
        watch.Look("accuracy", double.NaN);
        Assert.Empty(said);
        watch.Look("accuracy", 0.995);
        watch.Look("accuracy", 1);
        Assert.StartsWith("accuracy is 0.995", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_good_later_is_good()
    {
        var said = new List<string>();
        var watch = new LeakWatch(10, said.Add);
        watch.Stepped(11);
        watch.Look("recall@20", 1);
        Assert.Empty(said);
    }
}
