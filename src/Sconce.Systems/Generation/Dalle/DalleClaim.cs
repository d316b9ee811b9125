using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>More candidates, ranked by a contrastive model, match captions more often: 2102.12092 figure 9c, in small.</summary>
public sealed class DalleClaim : Claim
{
    private const int Pairs = 3000, Wanted = 3;
    private const double Gain = 2.5, RandomGain = 1.5, ShuffledShare = 0.25;
    private const string Method = "ranked", Chance = "at random", Shuffled = "shuffled captions", Data = "reconstructions";
    private const string Readable = "readable";
    private static readonly int[] Counts = [1, 2, 4, 8, 16, 32];

    /// <inheritdoc/>
    public override string Statement =>
        "Of more pictures that are drawn for a caption, the one that a contrastive model ranks best matches the caption more often.";

    /// <inheritdoc/>
    public override string Rule =>
        "The share of captions whose kept picture shows colour, shape and quadrant, of the best of N. Holds if, in the mean over "
        + "three seeds, it rises at every doubling of N from 1 to 32 and is at least 2.5 times as high at 32 as at 1; if at random "
        + "it is at most "
        + "1.5 times as high at 32; and if a transformer of shuffled captions has at most a quarter of it at 1. Fewer than 3 seeds: "
        + "undecided.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(9);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var length = options.Quick ? new DalleTrialLength(30, 15, 20, 4) : new DalleTrialLength(1000, 240, 250, 40);
        using var scope = new TensorScope();
        var random = new Random(seed);
        var (pictures, shown) = QuadrantShapes.Draw(options.Quick ? 200 : Pairs, random);
        var tokens = QuadrantShapes.Tokens(shown);
        var captions = QuadrantShapes.Captions(length.Captions, random);
        var asked = QuadrantShapes.Tokens(captions);
        QuadrantShape[] wanted = [.. captions.SelectMany(one => Enumerable.Repeat(one, DalleTrialLength.Candidates))];
        TorchRuntime.ManualSeed((ulong)seed);
        using var trial = new DalleTrial();
        trial.Train(pictures, tokens, length, Told("first stage"));
        var kept = trial.Reconstruct(pictures.Narrow(0, 0, Math.Min(200, shown.Length)));
        double readable = Share(QuadrantShapes.Match(kept, shown[..(int)kept.Size(0)]));
        using var transformer = trial.Transformer(pictures, tokens, length, Told("captions"));
        var painted = trial.Paint(transformer, asked);
        bool[] matches = QuadrantShapes.Match(painted, wanted);
        float[] scores = trial.Scores(painted, asked), chance = [.. scores.Select(_ => random.NextSingle())];
        var mixed = tokens.IndexSelect(0, Tensor.Randperm(tokens.Size(0), DType.Int64));
        using var control = trial.Transformer(pictures, mixed, length, Told(Shuffled));
        double ofShuffled = Share(QuadrantShapes.Match(trial.Paint(control, asked), wanted));
        return new SeedResult(
        [
            .. Counts.Select(count => new ClaimRow(Method, Best(count), [Kept(matches, scores, count)]) { IsMethod = true }),
            new ClaimRow(Chance, Best(Counts[^1]), [Kept(matches, chance, Counts[^1])]),
            new ClaimRow(Shuffled, Best(1), [ofShuffled]),
            new ClaimRow(Data, Readable, [readable]),
        ])
        {
            Curves =
            [
                new ClaimCurve("the autoencoder's loss", $"seed {seed}", [.. trial.Losses.Select((_, step) => (double)step)], trial.Losses),
                new ClaimCurve(
                    "match of the best of N, by doublings", $"seed {seed}", [.. Counts.Select(count => Math.Log2(count))],
                    [.. Counts.Select(count => Kept(matches, scores, count))]),
            ],
            Network = trial.Keep(transformer),
            Pictures = [Sheet("the data", pictures), Sheet(Data, kept), Sheet("candidates of the first captions", painted)],
            Configuration =
            [
                ("data", $"{shown.Length} pictures of 32x32: one of 6 colours, 4 shapes, 4 quadrants; captions are these three words"),
                ("first stage", $"8x8 codes of 64, width 24; {length.DvaeSteps} steps of 16, two fifths by squares alone, 1 to "
                    + "1/16 soft"),
                ("transformer", $"4 layers of 96: row, column, row, 5x5; {length.TransformerSteps} steps of 32 at 1.5e-3"),
                ("judge", $"a small contrastive pair of networks, {length.ScorerSteps} steps of 32"),
                ("painted", $"{length.Captions} captions, {DalleTrialLength.Candidates} candidates each, at temperature 1"),
            ],
        };

        Action<string, int, int> Told(string arm) => (what, done, all) =>
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"{arm}, {what}, seed {seed}", done, all));
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        double[] ranked = [.. Counts.Select(count => table[Method, Best(count)].Average())];
        double random = table[Chance, Best(Counts[^1])].Average(), shuffled = table[Shuffled, Best(1)].Average();
        string curve = string.Join(" / ", ranked.Select(share => (100 * share).ToString("0.0", CultureInfo.InvariantCulture)));
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"{curve} % match for N = 1 … 32; at random {random:0.0%} of 32; of shuffled captions {shuffled:0.0%}");
        if (table.Seeds < Wanted) return (Verdict.Undecided, $"the rule asks for {Wanted} seeds: {reason}");
        bool rises = ranked.Zip(ranked.Skip(1), (less, more) => more > less).All(one => one);
        bool holds = rises && ranked[0] > 0 && ranked[^1] >= Gain * ranked[0] && random <= RandomGain * ranked[0]
            && shuffled <= ShuffledShare * ranked[0];
        return (holds ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <summary>The share of groups of so many candidates of one caption whose best by score matches.</summary>
    internal static double Kept(bool[] matches, float[] scores, int count)
    {
        int kept = 0, groups = matches.Length / count; // candidates of a caption stand together, and their number is a multiple
        for (int group = 0; group < groups; group++)
        {
            int best = Enumerable.Range(group * count, count).MaxBy(place => scores[place]);
            if (matches[best]) kept++;
        }

        return (double)kept / groups;
    }

    private static string Best(int count) => $"match, best of {count}";

    private static double Share(bool[] matches) => matches.Count(one => one) / (double)matches.Length;

    private static ClaimPicture Sheet(string caption, Tensor pictures)
    {
        var shown = PaintedPictures.Of(DallePictures.ToSymmetric(pictures.Narrow(0, 0, Math.Min(16, pictures.Size(0)))));
        var sheet = ImageGrid.Create(shown.Select(one => one.Resize(64, 64, ResizeFilter.Nearest)), 8);
        return new ClaimPicture(caption, sheet.Encode(ImageFormat.Png));
    }
}
