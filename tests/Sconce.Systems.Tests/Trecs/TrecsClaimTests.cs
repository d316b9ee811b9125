using Sconce.Systems.Generation.Trecs;
using Xunit;

namespace Sconce.Systems.Tests.Trecs;

[Collection(LiveTensors.Name)]
public sealed class TrecsClaimTests
{
    [Fact]
    public void The_claim_runs_quickly()
    {
        var seed = new TrecsClaim().RunSeed(0, new(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(8, seed.Rows.Count);
        Assert.All(seed.Rows, row => Assert.InRange(row.Values[0], 0, 1));
    }

    [Fact]
    public void A_small_scene_is_told_word_by_word_with_the_mouse_on_what_is_meant()
    {
        var one = TinyWorld.Draw(new Random(4));
        Assert.All(one.Narrative.Utterances, word => Assert.Equal(10, one.Narrative.TraceOf(word).Count));
        var tags = NarrativeTags.Of([.. Enumerable.Range(0, 200).Select(k => TinyWorld.Draw(new Random(k)))], TinyWorld.Labels);
        var told = Enumerable.Range(0, 200).Select(k => TinyWorld.Draw(new Random(k))).Zip(tags)
            .SelectMany(pair => pair.First.Narrative.Utterances.Zip(pair.Second))
            .Where(word => word.First.Text is "ball" or "balloon").ToList();
        Assert.True(told.Count(word => word.Second == 1) > 0.8 * told.Count);
    }
}
