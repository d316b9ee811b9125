using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;

namespace Sconce.Systems.Classification.Vit;

/// <summary>A ViT and a convolutional net on ever more pictures, and a ViT with and without positions; 2010.11929 figures 3 and 4, table 8,
/// in small.</summary>
public sealed class VitClaim : Claim
{
    private const int Few = 700, Many = 6000;
    private const string Accuracy = "test accuracy", Change = "change of logits";
    private const string OrderWithout = "ViT without positions, order of glyphs", OrderWith = "ViT with positions, order of glyphs";
    private const string ShuffledWithout = "patches' positions at 0, patches shuffled", ShuffledWith = "with positions, patches shuffled";

    /// <inheritdoc/>
    public override string Statement =>
        "Without a convolution's prior a ViT needs several times the data that a convolutional net needs, and then catches up; where "
        + "things stand it knows by its position embedding alone.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, with 700 pictures the convolutional net is ahead by 5 points of test accuracy or more, and with "
        + "6,000 the ViT's error is less than half of that with 700 and its " +
        "accuracy within 6 points of the convolutional net's; and if, in every seed, with positions at 0 shuffled patches change the "
        + "logits by at most 1e-5 of their rms and with positions by more than 1e-2; " +
        "and if, in the mean, the order of two glyphs is learned to more than 80 % with positions and stays at 50 ± 5 % without. 150 "
        + "pictures are shown, not judged.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(8);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of("vit_claim", ClaimClassifier.Plain(VitClaimRun.Side),
        VitClaimRun.Glyphs, classes => new GreyInput(
        new VisionTransformer(VitClaimRun.SmallVit with { Classes = classes })));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 4 : 900;
        int[] sizes = Sizes(options);
        int done = 0;
        var run = new VitClaimRun(seed, steps, sizes, options.Quick ? 60 : Many, options.Quick ? 30 : 600);
        var figures = run.Run((stage, step, loss) =>
            progress?.Report(new WorkProgress($"{stage}, seed {seed}", ++done, (long)run.Trainings * steps,
                string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}"))), cancellation);
        return new SeedResult([.. Rows(figures)])
        {
            Curves =
                [.. run.Curves.Select(curve => new ClaimCurve("training loss", $"{curve.Name}, seed {seed}",
                    [.. Enumerable.Range(1, curve.Losses.Count).Select(step => (double)step)], curve.Losses))],
            Network = run.Kept,
            Pictures = [Picture("Which of six glyphs?", run.Samples[0]),
                Picture("Which of two glyphs stands to the left?", run.Samples[1])],
            Configuration =
            [
                ("data", $"6 stroke glyphs of 9x9 at random places of 20x20 pixels, noise 0.2; {string.Join(", ", sizes)} "
                    + $"training pictures"),
                ("ViT", "patch 4, width 48, 2 blocks, 4 heads, MLP ratio 2: 40,422 parameters"),
                ("convolutional net", "5 convolutions of 10, 10, 20, 20, 40 channels: 14,036 parameters"),
                ("training", $"{steps} steps of {VitClaimRun.Batch}, AdamW 2e-3, decay 0.05, warm-up {VitClaimRun.WarmUp}, cosine, clip 1"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>. Undecided where a mean misses a bound by less than its standard error.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<VitFigures> runs, int[] sizes)
    {
        int few = sizes[1], many = sizes[2];
        var lead = new Margin("the conv net's lead with few", runs.Select(run => run.Accuracy[few].Conv - run.Accuracy[few].Vit - 0.05));
        var gain = new Margin("the ViT's gain with many",
            runs.Select(run => ((1 - run.Accuracy[few].Vit) / 2) - (1 - run.Accuracy[many].Vit)));
        var close = new Margin("the ViT's nearness with many", runs.Select(run => run.Accuracy[many].Vit - run.Accuracy[many].Conv + 0.06));
        var order = new Margin("the order with positions", runs.Select(run => run.Order.With - 0.8));
        // Of the mean, not of its parts: single seeds scatter around one half.
        double blind = runs.Average(run => run.Order.Without);
        bool isBlind = Math.Abs(blind - 0.5) <= 0.05;
        bool exact = runs.All(run => run.Shuffle.Without <= 1e-5 && run.Shuffle.With > 1e-2);
        string figures = string.Create(CultureInfo.InvariantCulture, $"with {few} pictures the convolutional net has "
            + $"{runs.Average(run => run.Accuracy[few].Conv):0.000}, the ViT {runs.Average(run => run.Accuracy[few].Vit):0.000}; ")
            + string.Create(CultureInfo.InvariantCulture, $"with {many} {runs.Average(run => run.Accuracy[many].Conv):0.000} and "
                + $"{runs.Average(run => run.Accuracy[many].Vit):0.000}; ")
            + string.Create(CultureInfo.InvariantCulture, $"shuffled patches change the logits by "
                + $"{runs.Max(run => run.Shuffle.Without):0.0E+0} without positions and {runs.Min(run => run.Shuffle.With):0.0E+0} "
                + $"with them; ")
            + string.Create(CultureInfo.InvariantCulture,
                $"order is told to {blind:0.000} without and {runs.Average(run => run.Order.With):0.000} with them");
        Margin[] margins = [lead, gain, close, order];
        if (exact && isBlind && margins.All(margin => margin.Mean >= 0)) return (Verdict.Holds, figures);
        bool clear = !exact || !isBlind || margins.Any(margin => margin.Mean < -margin.Error);
        return (clear ? Verdict.DoesNotHold : Verdict.Undecided,
            $"{figures}; missed: {string.Join(", ", margins.Where(margin => margin.Mean < 0).Select(margin => margin.Name))}");
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        int[] sizes = Sizes(options);
        return Judge([.. Enumerable.Range(0, table.Seeds).Select(Figures)], sizes);

        VitFigures Figures(int k) => new(
            sizes.ToDictionary(size => size, size => (table[Vit(size), Accuracy][k], table[Conv(size), Accuracy][k])),
            (table[OrderWithout, Accuracy][k], table[OrderWith, Accuracy][k]),
            (table[ShuffledWithout, Change][k], table[ShuffledWith, Change][k]));
    }

    private static int[] Sizes(ClaimOptions options) => options.Quick ? [30, 60, 120] : [150, Few, Many];

    private static string Conv(int size) => $"conv net, {size} pictures";

    private static string Vit(int size) => $"ViT, {size} pictures";

    private static IEnumerable<ClaimRow> Rows(VitFigures figures)
    {
        foreach (var (size, accuracy) in figures.Accuracy)
        {
            yield return new ClaimRow(Conv(size), Accuracy, [accuracy.Conv]);
            yield return new ClaimRow(Vit(size), Accuracy, [accuracy.Vit]) { IsMethod = true };
        }

        yield return new ClaimRow(OrderWithout, Accuracy, [figures.Order.Without]);
        yield return new ClaimRow(OrderWith, Accuracy, [figures.Order.With]) { IsMethod = true };
        yield return new ClaimRow(ShuffledWithout, Change, [figures.Shuffle.Without]);
        yield return new ClaimRow(ShuffledWith, Change, [figures.Shuffle.With]) { IsMethod = true };
    }

    private static ClaimPicture Picture(string caption, float[] pixels)
    {
        const int side = VitClaimRun.Side, zoom = 3;
        var cells = pixels.Chunk(side * side)
            .Select(picture => Image.FromFloats(side, side, 1, [.. picture.Select(pixel => Math.Clamp(pixel, 0, 1))])
                .Resize(zoom * side, zoom * side, ResizeFilter.Nearest));
        return new ClaimPicture(caption, ImageGrid.Create(cells, 8).Encode(ImageFormat.Png));
    }

    /// <summary>How far a figure is beyond its bound, over seeds.</summary>
    private sealed record Margin(string Name, IEnumerable<double> Values)
    {
        internal double Mean { get; } = Values.Average();

        internal double Error { get; } = new ClaimRow("", "", [.. Values]).Spread / Math.Sqrt(Values.Count());
    }
}
