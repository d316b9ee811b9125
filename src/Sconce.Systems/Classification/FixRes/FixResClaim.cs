using System.Globalization;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>A network trained on small random crops, tested larger: as it is, fine-tuned at the test size, and fine-tuned as much at the
/// training size.</summary>
public sealed class FixResClaim : Claim
{
    private const double OverUnadapted = 0.15, OverControl = 0.1;
    private const string Unadapted = "unadapted", Control = "control: fine-tuned at 24 px", FineTuned = "fine-tuned there",
        NothingElse = "nothing but the classifier and the last norm's statistics changed";
    private static readonly int[] Sizes = [24, 28, 32];

    /// <inheritdoc/>
    public override string Statement =>
        "Testing above the training resolution costs accuracy; re-fitting the classifier and the last norm's statistics there wins it "
        + "back, and the same steps at the training resolution do not.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, tested at 32 px, the mean accuracy fine-tuned there is at least 0.15 above the unadapted network's and at least 0.1 "
        + "above the control's, and nothing but the classifier and the last norm's statistics has " +
        "changed by a bit; does not hold otherwise. One seed decides nothing.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of("fixres_claim", ClaimClassifier.Plain(Sizes[^1]),
        StarScenes.Classes, _ => new FixResSmallNet());

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        using var run = new FixResRun(options.Quick, seed);
        string name = $"training, seed {seed}";
        var losses = run.Train(Sizes[0], name, progress, cancellation);
        double[] unadapted = [.. Sizes.Select(size => run.Accuracy(size, cancellation))], fineTuned = new double[Sizes.Length];
        bool unchanged = true;
        for (int k = 0; k < Sizes.Length; k++)
        {
            unchanged &= run.FineTune(Sizes[k], testTransform: true, $"fine-tuning at {Sizes[k]} px, seed {seed}", progress, cancellation);
            fineTuned[k] = run.Accuracy(Sizes[k], cancellation);
        }

        var kept = run.Keep(Network);
        run.FineTune(Sizes[0], testTransform: false, $"control, seed {seed}", progress, cancellation);
        double[] control = [.. Sizes.Select(size => run.Accuracy(size, cancellation))];
        return new SeedResult(
        [
            .. Sizes.SelectMany((size, k) => (ClaimRow[])
            [
                new ClaimRow(Unadapted, At(size), [unadapted[k]]),
                new ClaimRow(Control, At(size), [control[k]]),
                new ClaimRow(FineTuned, At(size), [fineTuned[k]]) { IsMethod = true },
            ]),
        ])
        {
            Checks = [new ClaimRow(FineTuned, NothingElse, [unchanged ? 1 : 0])],
            Network = kept,
            Curves = [ClassifierTrial.Curve(name, losses)],
            Configuration =
            [
                ("data", "six classes of lobed blobs at 64x64; 3,000 + 1,000 pictures; sensor noise of 0.25 after every resize"),
                ("network", "3x3 convolutions 3-16-32-48, 1x1 to 96, norms, global mean, linear"),
                ("training", $"random resized crops at {Sizes[0]} px, Adam 4e-3 by one cycle, 350 steps of 64"),
                ("fine-tuning", "classifier only, last norm in training mode, SGD 0.05, momentum 0.9, 60 steps of the test transform"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>, to the accuracies at the largest size.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double> unadapted, IReadOnlyList<double> fineTuned,
        IReadOnlyList<double> control, bool unchanged)
    {
        double gain = fineTuned.Average() - unadapted.Average(), overControl = fineTuned.Average() - control.Average();
        string reason = string.Create(CultureInfo.InvariantCulture, $"at 32 px fine-tuning gives {gain * 100:+0.0;-0.0} points over the "
            + $"unadapted network and {overControl * 100:+0.0;-0.0} over the control in the mean");
        if (!unchanged)
            return (Verdict.DoesNotHold, $"fine-tuning has changed more than the classifier and the last norm's statistics; {reason}");
        if (fineTuned.Count < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (gain >= OverUnadapted && overControl >= OverControl ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        string metric = At(Sizes[^1]);
        return Judge(table[Unadapted, metric], table[FineTuned, metric], table[Control, metric],
            table[FineTuned, NothingElse].All(found => found > 0));
    }

    private static string At(int size) => $"test accuracy at {size} px";
}
