using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Nn.Backbones;
using Sconce.Systems.Classification.Vit;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Vit;

/// <summary>The claim's nets, data and rule, and that all of it runs.</summary>
[Collection(LiveTensors.Name)]
public class VitClaimTests
{
    [Fact]
    public void The_nets_have_the_stated_sizes()
    {
        using var vit = new VisionTransformer(VitClaimRun.SmallVit);
        using var conv = new SmallConvNet(6);
        Assert.Equal((40_422, 14_036), (vit.ParameterCount, conv.ParameterCount));
    }

    [Fact]
    public void A_quick_run_fills_every_row_decides_nothing_and_is_the_same_again()
    {
        long before = LiveTensors.Count;
        var seen = new List<WorkProgress>();
        var first = new VitClaim().Run(new ClaimOptions(Quick: true), new Told(seen), default);
        Assert.Equal(before, LiveTensors.Count);
        var second = new VitClaim().Run(new ClaimOptions(Quick: true), null, default);
        Assert.Equal(Verdict.Undecided, first.Verdict);
        Assert.Equal(10, first.Rows.Count);
        Assert.All(first.Rows, row => Assert.True(double.IsFinite(Assert.Single(row.Values)), row.Arm));
        Assert.Equal(first.Rows.SelectMany(row => row.Values), second.Rows.SelectMany(row => row.Values));
        Assert.Equal((8, 4), (first.Curves.Count, first.Curves[0].Y.Count));
        Assert.Equal(seen[^1].Total, seen[^1].Done);
        Assert.All(first.Pictures, picture => Assert.Equal([0x89, 0x50, 0x4E, 0x47], picture.Png[..4].ToArray()));
    }

    [Fact]
    public void A_cancelled_run_ends_and_leaves_no_tensor()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        long before = LiveTensors.Count;
        Assert.Throws<OperationCanceledException>(() => new VitClaim().Run(new ClaimOptions(Quick: true), null, cancelled.Token));
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void The_rule_can_be_missed_in_every_way()
    {
        Assert.Equal(Verdict.Holds, Judge(Figures()));
        Assert.Equal(Verdict.DoesNotHold, Judge(Figures(convFew: 0.92)));
        Assert.Equal(Verdict.DoesNotHold, Judge(Figures(vitMany: 0.94)));
        Assert.Equal(Verdict.DoesNotHold, Judge(Figures(vitFew: 0.8, vitMany: 0.93, convMany: 1)));
        Assert.Equal(Verdict.DoesNotHold, Judge(Figures(with: 0.7)));
        Assert.Equal(Verdict.DoesNotHold, Judge(Figures(without: 0.6)));
        Assert.Equal(Verdict.DoesNotHold, Judge(Figures(change: 1e-3)));
        Assert.Equal(Verdict.Undecided, Judge(Figures(with: 0.99), Figures(with: 0.55)));
    }

    [Fact]
    public void Glyphs_are_strokes_and_longer_runs_begin_as_shorter_ones()
    {
        using var scope = new TensorScope();
        var glyphs = new StrokeGlyphs(6, 9, new Random(1));
        Assert.All(Enumerable.Range(0, 6), k => Assert.InRange(glyphs[k].ToArray().Average(), 0.05f, 0.7f));
        Assert.NotEqual(glyphs[0].ToArray(), glyphs[1].ToArray());
        var (few, _) = glyphs.Sample(5, 20, 0.2, new Random(2));
        var (many, labels) = glyphs.Sample(500, 20, 0.2, new Random(2));
        Assert.True(few.EqualTo(many[..5]));
        Assert.Equal(6, labels.ToArray<long>().Distinct().Count());
        Assert.InRange((many - glyphs.Sample(500, 20, 0, new Random(3)).Pictures).Std().Item<double>(), 0.2, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => glyphs.Paste(0, new float[100], 10, 2, 0));
    }

    [Fact]
    public void Both_orders_of_two_glyphs_hold_the_same_patches()
    {
        using var scope = new TensorScope();
        var pair = new StrokeGlyphs(2, 8, new Random(5));
        var (pictures, labels) = VitClaimRun.Orders(pair, 400, new Random(6));
        Assert.InRange(labels.ToArray<long>().Average(), 0.4, 0.6);
        // Without the noise every picture's ink is that of both glyphs: none covers the other.
        float ink = pair[0].ToArray().Sum() + pair[1].ToArray().Sum();
        Assert.InRange(Math.Abs(pictures.Sum([1, 2, 3]).Mean().Item<float>() - ink), 0, 1);
    }

    private static Verdict Judge(params VitFigures[] figures) => VitClaim.Judge(figures, [150, 700, 6000]).Verdict;

    private static VitFigures Figures(double convFew = 1, double vitFew = 0.9, double convMany = 1, double vitMany = 0.96,
        double without = 0.51, double with = 0.95, double change = 1e-7) =>
        new(new Dictionary<int, (double Vit, double Conv)> { [700] = (vitFew, convFew), [6000] = (vitMany, convMany) },
            (without, with), (change, 0.5));

    private sealed class Told(List<WorkProgress> seen) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => seen.Add(value);
    }
}
