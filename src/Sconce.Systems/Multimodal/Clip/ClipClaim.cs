using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Captions alone teach classes that were never shown: contrastive learning against word prediction, and against few-shot probes (2103.00020 Fig. 2 and Fig. 6), on coloured shapes.</summary>
public sealed class ClipClaim : Claim
{
    private const double Margin = 0.15;

    /// <inheritdoc/>
    public override string Statement =>
        "Zero-shot classification learned from captions alone beats predicting the captions' words with the same image encoder, and is worth several labelled examples per class.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, for every seed, zero-shot accuracy on the 12 combinations of shape and colour that never occur in training is at least 15 points above word prediction, and zero-shot accuracy over all 48 is above the 4-shot probe. Does not hold if the means over seeds fail; undecided if only some seeds do, and after a quick run.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override ClaimResult Run(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int seeds = SeedCount(options);
        int steps = options.Quick ? 6 : 500;
        var runs = new List<ClipClaimRun>();
        for (int k = 0; k < seeds; k++)
        {
            int done = 2 * steps * k;
            var run = options.Quick ? new ClipClaimRun(options.FirstSeed + k, 256, steps, 100, 60, 5) : new ClipClaimRun(options.FirstSeed + k, 4000, steps, 1000, 600, 200);
            run.Run((stage, step, loss) => progress?.Report(new WorkProgress($"seed {options.FirstSeed + k}: {stage}", done + (stage[0] == 'w' ? steps : 0) + step, 2 * steps * seeds, $"loss {loss:F3}")), cancellation);
            runs.Add(run);
        }

        return Report(runs, options, steps);
    }

    /// <summary>The rule, on figures.</summary>
    /// <param name="zeroShotUnseen">On unseen combinations, one a seed, in [0, 1].</param>
    /// <param name="wordsUnseen">Word prediction there.</param>
    /// <param name="zeroShotAll">Over all classes.</param>
    /// <param name="fourShot">The 4-shot probe there.</param>
    internal static Verdict Decide(IReadOnlyList<double> zeroShotUnseen, IReadOnlyList<double> wordsUnseen, IReadOnlyList<double> zeroShotAll, IReadOnlyList<double> fourShot)
    {
        int passed = Enumerable.Range(0, zeroShotUnseen.Count).Count(k => Passes(zeroShotUnseen[k], wordsUnseen[k], zeroShotAll[k], fourShot[k]));
        if (passed == zeroShotUnseen.Count) return Verdict.Holds;
        return Passes(zeroShotUnseen.Average(), wordsUnseen.Average(), zeroShotAll.Average(), fourShot.Average()) ? Verdict.Undecided : Verdict.DoesNotHold;
    }

    private static bool Passes(double zeroShotUnseen, double wordsUnseen, double zeroShotAll, double fourShot) => zeroShotUnseen - wordsUnseen >= Margin && zeroShotAll > fourShot;

    private static ClaimResult Report(List<ClipClaimRun> runs, ClaimOptions options, int steps)
    {
        const string seen = "accuracy, seen combinations", unseen = "accuracy, unseen combinations", all = "accuracy, all 48 classes";
        double[] Each(Func<ClipClaimRun, double> figure) => [.. runs.Select(figure)];
        var zeroShotUnseen = new ClaimRow("CLIP, zero-shot", unseen, Each(run => run.Accuracy.ClipUnseen)) { IsMethod = true };
        var wordsUnseen = new ClaimRow("word prediction", unseen, Each(run => run.Accuracy.WordsUnseen));
        var zeroShotAll = new ClaimRow("CLIP, zero-shot", all, Each(run => run.Balanced.ZeroShot)) { IsMethod = true };
        var probes = ClipClaimRun.Shots.Select((k, place) => new ClaimRow($"{k}-shot probe", all, Each(run => run.Balanced.Probes[place]))).ToList();
        var fourShot = probes[Array.IndexOf(ClipClaimRun.Shots, 4)];
        var rows = new List<ClaimRow>
        {
            new("word prediction", seen, Each(run => run.Accuracy.WordsSeen)),
            new("CLIP, zero-shot", seen, Each(run => run.Accuracy.ClipSeen)) { IsMethod = true },
            wordsUnseen,
            zeroShotUnseen,
            zeroShotAll,
        };
        rows.AddRange(probes);
        var verdict = options.Quick ? Verdict.Undecided : Decide(zeroShotUnseen.Values, wordsUnseen.Values, zeroShotAll.Values, fourShot.Values);
        string reason = $"On unseen combinations zero-shot is right in {zeroShotUnseen.Mean:P1} of cases and word prediction in {wordsUnseen.Mean:P1}; over all classes zero-shot has {zeroShotAll.Mean:P1} and the 4-shot probe {fourShot.Mean:P1}"
            + (options.Quick ? " (a quick run proves nothing)." : ".");
        return new ClaimResult(verdict, reason, rows)
        {
            Curves = [.. runs.SelectMany((run, k) => Curves(run, options.FirstSeed + k))],
            Pictures = [Picture(runs[0])],
            Configuration =
            [
                ("data", "32×32 pictures of 8 shapes × 6 colours, 12 combinations held out; captions from 8 templates"),
                ("image encoder", "4 convolutions 32-64-128-128 with batch norm, mean, 64"), ("text encoder", "2 blocks × 64, 4 heads, causal"),
                ("steps", $"{steps}"), ("batch", $"{ClipClaimRun.Batch}"), ("optimiser", $"AdamW {ClipClaimRun.Rate}, cosine, weight decay 0.1"), ("prompt", "a photo of a COLOUR SHAPE"),
                ("probes", "logistic regression on standardised image features, the weight decay of 3 that does best on the test pictures"),
            ],
        };
    }

    private static IEnumerable<ClaimCurve> Curves(ClipClaimRun run, int seed)
    {
        double[] steps = [.. Enumerable.Range(1, run.ClipLosses.Count).Select(step => (double)step)];
        double[] shots = [.. ClipClaimRun.Shots.Select(k => (double)k)];
        yield return new ClaimCurve("contrastive loss", $"CLIP, seed {seed}", steps, run.ClipLosses);
        yield return new ClaimCurve("word prediction loss", $"words, seed {seed}", steps, run.WordLosses);
        yield return new ClaimCurve("accuracy by labelled examples per class", $"probe, seed {seed}", shots, run.Balanced.Probes);
        yield return new ClaimCurve("accuracy by labelled examples per class", $"zero-shot, seed {seed}", shots, [.. shots.Select(_ => run.Balanced.ZeroShot)]);
    }

    private static ClaimPicture Picture(ClipClaimRun run)
    {
        const int side = CaptionedShapes.Side, numbers = 3 * side * side, shown = 8;
        float[] unit = [.. run.Samples.Images.Select(value => (value + 1) / 2)];
        int count = Math.Min(shown, unit.Length / numbers);
        var grid = ImageGrid.Create(Enumerable.Range(0, count).Select(k => Image.FromFloats(side, side, 3, unit.AsSpan(k * numbers, numbers)).Resize(3 * side, 3 * side, ResizeFilter.Nearest)), shown);
        return new ClaimPicture("Training pairs, left to right: " + string.Join("; ", run.Samples.Captions.Take(count)), grid.Encode(ImageFormat.Png));
    }
}
