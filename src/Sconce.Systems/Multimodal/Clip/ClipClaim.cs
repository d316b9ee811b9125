using Sconce.Claims;
using Sconce.Imaging;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Captions alone teach classes that were never shown: contrastive learning against word prediction, and against few-shot probes
/// (2103.00020 Fig. 2 and Fig. 6), on coloured shapes.</summary>
public sealed class ClipClaim : Claim
{
    private const double Margin = 0.15;
    private const string Words = "word prediction", ZeroShot = "CLIP, zero-shot", Seen = "accuracy, seen combinations",
        Unseen = "accuracy, unseen combinations", All = "accuracy, all 48 classes";

    /// <inheritdoc/>
    public override string Statement =>
        "Zero-shot classification learned from captions alone beats predicting the captions' words with the same image encoder, and is "
        + "worth several labelled examples per class.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, for every seed, zero-shot accuracy on the 12 combinations of shape and colour that never occur in training is at least "
        + "15 points above word prediction, and zero-shot accuracy over all 48 is above the 4-shot probe. Does not hold if the means over "
        + "seeds fail; undecided if only some seeds do, and after a quick run.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 6 : 500;
        var run = options.Quick ? new ClipClaimRun(seed, 256, steps, 100, 60, 5) : new ClipClaimRun(seed, 4000, steps, 1000, 600, 200);
        run.Run((stage, step, loss) =>
            progress?.Report(new WorkProgress($"seed {seed}: {stage}", (stage[0] == 'w' ? steps : 0) + step, 2 * steps, $"loss {loss:F3}")),
            cancellation);
        return new SeedResult(
        [
            new ClaimRow(Words, Seen, [run.Accuracy.WordsSeen]),
            new ClaimRow(ZeroShot, Seen, [run.Accuracy.ClipSeen]) { IsMethod = true },
            new ClaimRow(Words, Unseen, [run.Accuracy.WordsUnseen]),
            new ClaimRow(ZeroShot, Unseen, [run.Accuracy.ClipUnseen]) { IsMethod = true },
            new ClaimRow(ZeroShot, All, [run.Balanced.ZeroShot]) { IsMethod = true },
            .. ClipClaimRun.Shots.Select((shots, place) => new ClaimRow(Probe(shots), All, [run.Balanced.Probes[place]])),
        ])
        {
            Curves = [.. Curves(run, seed)],
            Network = run.Kept,
            Pictures = [Picture(run)],
            Configuration =
            [
                ("data", "32×32 pictures of 8 shapes × 6 colours, 12 combinations held out; captions from 8 templates"),
                ("image encoder", "4 convolutions 32-64-128-128 with batch norm, mean, 64"),
                ("text encoder", "2 blocks × 64, 4 heads, causal"),
                ("steps", $"{steps}"), ("batch", $"{ClipClaimRun.Batch}"),
                ("optimiser", $"AdamW {ClipClaimRun.Rate}, cosine, weight decay 0.1"), ("prompt", "a photo of a COLOUR SHAPE"),
                ("probes", "logistic regression on standardised image features, the weight decay of 3 that does best on the test pictures"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        IReadOnlyList<double> zeroShot = table[ZeroShot, Unseen], words = table[Words, Unseen], all = table[ZeroShot, All],
            fourShot = table[Probe(4), All];
        string reason = $"On unseen combinations zero-shot is right in {zeroShot.Average():P1} of cases and word prediction in "
            + $"{words.Average():P1}; over all classes zero-shot has {all.Average():P1} and the 4-shot probe {fourShot.Average():P1}.";
        return (Decide(zeroShot, words, all, fourShot), reason);
    }

    /// <summary>The rule, on figures.</summary>
    /// <param name="zeroShotUnseen">On unseen combinations, one a seed, in [0, 1].</param>
    /// <param name="wordsUnseen">Word prediction there.</param>
    /// <param name="zeroShotAll">Over all classes.</param>
    /// <param name="fourShot">The 4-shot probe there.</param>
    internal static Verdict Decide(IReadOnlyList<double> zeroShotUnseen, IReadOnlyList<double> wordsUnseen,
        IReadOnlyList<double> zeroShotAll, IReadOnlyList<double> fourShot)
    {
        int passed = Enumerable.Range(0, zeroShotUnseen.Count)
            .Count(k => Passes(zeroShotUnseen[k], wordsUnseen[k], zeroShotAll[k], fourShot[k]));
        if (passed == zeroShotUnseen.Count) return Verdict.Holds;
        return Passes(zeroShotUnseen.Average(), wordsUnseen.Average(), zeroShotAll.Average(), fourShot.Average())
            ? Verdict.Undecided : Verdict.DoesNotHold;
    }

    private static bool Passes(double zeroShotUnseen, double wordsUnseen, double zeroShotAll, double fourShot) =>
        zeroShotUnseen - wordsUnseen >= Margin && zeroShotAll > fourShot;

    private static string Probe(int shots) => $"{shots}-shot probe";

    private static IEnumerable<ClaimCurve> Curves(ClipClaimRun run, int seed)
    {
        double[] steps = [.. Enumerable.Range(1, run.ClipLosses.Count).Select(step => (double)step)];
        double[] shots = [.. ClipClaimRun.Shots.Select(k => (double)k)];
        yield return new ClaimCurve("contrastive loss", $"CLIP, seed {seed}", steps, run.ClipLosses);
        yield return new ClaimCurve("word prediction loss", $"words, seed {seed}", steps, run.WordLosses);
        yield return new ClaimCurve("accuracy by labelled examples per class", $"probe, seed {seed}", shots, run.Balanced.Probes);
        yield return new ClaimCurve("accuracy by labelled examples per class", $"zero-shot, seed {seed}", shots,
            [.. shots.Select(_ => run.Balanced.ZeroShot)]);
    }

    private static ClaimPicture Picture(ClipClaimRun run)
    {
        const int side = CaptionedShapes.Side, numbers = 3 * side * side, shown = 8;
        float[] unit = [.. run.Samples.Images.Select(value => (value + 1) / 2)];
        int count = Math.Min(shown, unit.Length / numbers);
        var grid = ImageGrid.Create(Enumerable.Range(0, count)
            .Select(k => Image.FromFloats(side, side, 3, unit.AsSpan(k * numbers, numbers))
                .Resize(3 * side, 3 * side, ResizeFilter.Nearest)), shown);
        return new ClaimPicture("Training pairs, left to right: " + string.Join("; ", run.Samples.Captions.Take(count)),
            grid.Encode(ImageFormat.Png));
    }
}
