using System.Globalization;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>Annotators who flip pixels: are their matrices found, and is the truth's probability calibrated where training on all labels is
/// not?</summary>
public sealed class HumanErrorClaim : Claim
{
    private const int Side = 24;
    private const double MatrixError = 0.02, MatrixShare = 0.2, BrierShare = 0.7;
    private const string Start = "start, mixed annotators", PixelWise = "pixel-wise matrices, mixed annotators",
        All = "all labels, bad annotators", Global = "global matrices, bad annotators";

    private static readonly Reliability[] Mixed = [new(0.95, 0.4), new(0.9, 0.7), new(0.95, 0.95), new(0.5, 0.7)];
    private static readonly Reliability[] Bad = [new(0.55, 0.6), new(0.55, 0.6), new(0.55, 0.55), new(0.95, 0.95)];

    /// <inheritdoc/>
    public override string Statement =>
        "From annotators who err and no clean label, the annotators' confusion matrices are found, and the truth's probabilities are "
        + "better calibrated than those of training on all labels.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean, the estimated matrices' squared error with four mixed annotators is below 0.02 and at most a fifth of "
        + "where it starts, and the Brier score with three bad annotators and a good one " +
        "is at most 0.7 of that of training on all labels; does not hold otherwise. One seed decides nothing. Dice is shown, not judged: "
        + "with two classes the most frequent label is right already.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } =
        new("human_error_claim", "what its claim trains: ellipses of 24 px", _ => new GreyInput(new TrueMaskUNet(HumanErrorRun.Config)))
        {
            Capabilities = [TensorInput.Pictures(Side), new TrueMask(FlippedEllipses.Classes)],
            Load = HumanErrorVariants.LoadTruth,
        };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 3 : 150;
        double start, found, pixelDice, plain, plainDice, calibrated, globalDice;
        ClaimNetwork? kept = null;
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        var mixed = new HumanErrorRun(Mixed, options.Quick ? 16 : 120, seed);
        using (var network = mixed.PixelWise())
        {
            start = mixed.MatrixError(network);
            Train(mixed, network, $"{PixelWise}, seed {seed}", 5e-3);
            kept = ClaimNetwork.Of(Network.Name, new GreyInput(network), ClaimClassifier.Plain(Side), ["background", "foreground"]);
            (found, pixelDice) = (mixed.MatrixError(network), mixed.Dice(network));
        }

        var bad = new HumanErrorRun(Bad, options.Quick ? 16 : 30, seed);
        using (var network = bad.AllLabels())
        {
            Train(bad, network, $"{All}, seed {seed}", 5e-3);
            (plain, plainDice) = (bad.Brier(network), bad.Dice(network));
        }

        using (var network = bad.Global())
        {
            Train(bad, network, $"{Global}, seed {seed}", 1e-2);
            (calibrated, globalDice) = (bad.Brier(network), bad.Dice(network));
        }

        return new SeedResult(
        [
            new ClaimRow(Start, "matrix error", [start]),
            new ClaimRow(PixelWise, "matrix error", [found]) { IsMethod = true },
            new ClaimRow(PixelWise, "Dice", [pixelDice]) { IsMethod = true },
            new ClaimRow(All, "Brier score", [plain]),
            new ClaimRow(Global, "Brier score", [calibrated]) { IsMethod = true },
            new ClaimRow(All, "Dice", [plainDice]),
            new ClaimRow(Global, "Dice", [globalDice]) { IsMethod = true },
        ])
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", "one ellipse at 24x24 in noise of 0.25; annotators flip pixels independently; 80 fresh pictures for the test"),
                ("mixed annotators", "P(foreground | foreground), P(background | background): (.95, .4), (.9, .7), (.95, .95), (.5, .7); "
                    + "120 pictures"),
                ("bad annotators", "(.55, .6), (.55, .6), (.55, .55), (.95, .95); 30 pictures"),
                ("network", "U-Net of width 8, depth 3, instance norm; matrices start near the identity; the paper's -log loss, "
                    + "no trace term"),
                ("training", $"AdamW 5e-3 (1e-2 with global matrices), {steps} steps of 8"),
            ],
        };

        void Train(HumanErrorRun run, Nn.Module<Tensor, Tensor> network, string name, double rate) =>
            curves.Add(ClassifierTrial.Curve(name, run.Train(network, rate, steps, name, progress, cancellation)));
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double> start, IReadOnlyList<double> found,
        IReadOnlyList<double> plain, IReadOnlyList<double> calibrated)
    {
        double error = found.Average(), share = error / start.Average(), brier = calibrated.Average() / plain.Average();
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"matrix error {error:0.0000}, {share:0.00} of the start's; Brier score {brier:0.00} of all labels'");
        if (found.Count < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (error < MatrixError && share <= MatrixShare && brier <= BrierShare ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table[Start, "matrix error"], table[PixelWise, "matrix error"], table[All, "Brier score"], table[Global, "Brier score"]);
}
