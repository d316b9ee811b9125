using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>The claim's data, its rule, and that all of it runs.</summary>
[Collection(LiveTensors.Name)]
public class ClipClaimTests
{
    [Fact]
    public void A_quick_run_fills_every_row_decides_nothing_and_is_the_same_again()
    {
        var seen = new List<WorkProgress>();
        long before = LiveTensors.Count;
        var first = new ClipClaim().Run(new ClaimOptions(Quick: true), new Told(seen), TestContext.Current.CancellationToken);
        Assert.Equal(before, LiveTensors.Count);
        var second = new ClipClaim().Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Undecided, first.Verdict);
        Assert.Equal(10, first.Rows.Count);
        Assert.All(first.Rows, row => Assert.InRange(Assert.Single(row.Values), 0, 1));
        Assert.Equal(first.Rows.SelectMany(row => row.Values), second.Rows.SelectMany(row => row.Values));
        Assert.Equal(first.Curves[0].Y, second.Curves[0].Y);
        Assert.Equal(seen[^1].Total, seen[^1].Done);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], first.Pictures[0].Png[..4].ToArray());
    }

    [Fact]
    public void A_cancelled_run_ends_and_leaves_no_tensor()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        long before = LiveTensors.Count;
        Assert.Throws<OperationCanceledException>(() => new ClipClaim().Run(new ClaimOptions(Quick: true), null, cancelled.Token));
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void The_rule_wants_both_margins_of_every_seed()
    {
        Assert.Equal(Verdict.Holds, ClipClaim.Decide([0.4, 0.5], [0.01, 0.02], [0.6, 0.7], [0.5, 0.6]));
        Assert.Equal(Verdict.DoesNotHold, ClipClaim.Decide([0.1, 0.1], [0.01, 0.02], [0.6, 0.7], [0.5, 0.6]));
        Assert.Equal(Verdict.DoesNotHold, ClipClaim.Decide([0.4, 0.5], [0.01, 0.02], [0.4, 0.5], [0.5, 0.6]));
        Assert.Equal(Verdict.Undecided, ClipClaim.Decide([0.1, 0.6], [0.01, 0.02], [0.6, 0.7], [0.5, 0.6]));
        Assert.Equal(Verdict.DoesNotHold, ClipClaim.Decide([double.NaN], [0.01], [0.6], [0.5]));
    }

    [Fact]
    public void A_quarter_of_the_combinations_is_held_out_but_none_of_their_words()
    {
        Assert.Equal((36, 12), (CaptionedShapes.SeenClasses.Count, CaptionedShapes.UnseenClasses.Count));
        var seen = CaptionedShapes.SeenClasses.Select(CaptionedShapes.Name).ToList();
        Assert.Equal(6, seen.Select(name => name.Color).Distinct().Count());
        Assert.Equal(8, seen.Select(name => name.Shape).Distinct().Count());
        using var data = new CaptionedShapes(300, CaptionedShapes.SeenClasses, new Random(1));
        Assert.DoesNotContain(data.Labels, CaptionedShapes.UnseenClasses.Contains);
    }

    [Fact]
    public void Every_caption_names_colour_and_shape_and_its_tokens_spell_it()
    {
        using var data = new CaptionedShapes(200, CaptionedShapes.AllClasses, new Random(2));
        long[] tokens = data.Tokens.ToArray<long>();
        for (int k = 0; k < data.Captions.Length; k++)
        {
            var (color, shape) = CaptionedShapes.Name(data.Labels[k]);
            string[] words = data.Captions[k].Split(' ');
            Assert.Contains(color, words);
            Assert.Contains(shape, words);
            long[] row = tokens[(k * CaptionedShapes.ContextLength)..((k + 1) * CaptionedShapes.ContextLength)];
            Assert.Equal(words, row[1..(words.Length + 1)].Select(id => CaptionedShapes.Words[(int)id - 1]));
            Assert.Equal(row.Max(), row[words.Length + 1]);
        }
    }

    [Fact]
    public void Pictures_follow_their_seed_stay_in_range_and_show_the_colour()
    {
        float[] first = Drawn(5), again = Drawn(5), other = Drawn(6);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.All(first, value => Assert.InRange(value, 0f, 1f));
        int area = 32 * 32;
        Assert.True(first[..area].Sum() > 1.3 * first[area..(2 * area)].Sum(), "a big red square on dark makes the picture red");
        Assert.Throws<ArgumentException>(() => ColoredShapes.Draw(default, new Random(0), new float[5]));

        static float[] Drawn(int seed)
        {
            var planes = new float[3 * 32 * 32];
            ColoredShapes.Draw(new ColoredShape(ShapeKind.Square, ShapeColor.Red, IsBig: true, IsLight: false), new Random(seed), planes);
            return planes;
        }
    }

    private sealed class Told(List<WorkProgress> told) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => told.Add(value);
    }
}
