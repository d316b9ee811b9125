using System.Globalization;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>A network trained on small random crops, tested larger: as it is, fine-tuned at the test size, and fine-tuned as much at the training size.</summary>
public sealed class FixResClaim : Claim
{
    private const double OverUnadapted = 0.15, OverControl = 0.1;
    private static readonly int[] Sizes = [24, 28, 32];

    /// <inheritdoc/>
    public override string Statement => "Testing above the training resolution costs accuracy; re-fitting the classifier and the last norm's statistics there wins it back, and the same steps at the training resolution do not.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, tested at 32 px, the mean accuracy fine-tuned there is at least 0.15 above the unadapted network's and at least 0.1 above the control's, and nothing but the classifier and the last norm's statistics has " +
        "changed by a bit; does not hold otherwise. One seed decides nothing.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override ClaimResult Run(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int seeds = SeedCount(options);
        var unadapted = Sizes.ToDictionary(size => size, _ => new List<double>());
        var fineTuned = Sizes.ToDictionary(size => size, _ => new List<double>());
        var control = Sizes.ToDictionary(size => size, _ => new List<double>());
        var curves = new List<ClaimCurve>();
        bool unchanged = true;
        for (int seed = options.FirstSeed; seed < options.FirstSeed + seeds; seed++)
        {
            using var scope = new TensorScope();
            using var run = new FixResRun(options.Quick, seed);
            string name = $"training, seed {seed}";
            curves.Add(ClassifierTrial.Curve(name, run.Train(Sizes[0], name, progress, cancellation)));
            foreach (int size in Sizes) unadapted[size].Add(run.Accuracy(size, cancellation));
            foreach (int size in Sizes)
            {
                unchanged &= run.FineTune(size, testTransform: true, $"fine-tuning at {size} px, seed {seed}", progress, cancellation);
                fineTuned[size].Add(run.Accuracy(size, cancellation));
            }

            run.FineTune(Sizes[0], testTransform: false, $"control, seed {seed}", progress, cancellation);
            foreach (int size in Sizes) control[size].Add(run.Accuracy(size, cancellation));
        }

        var (verdict, reason) = Judge(unadapted[Sizes[^1]], fineTuned[Sizes[^1]], control[Sizes[^1]], unchanged, options.Quick);
        return new ClaimResult(verdict, reason,
        [
            .. Sizes.SelectMany(size => (ClaimRow[])
            [
                new ClaimRow("unadapted", $"test accuracy at {size} px", unadapted[size]),
                new ClaimRow("control: fine-tuned at 24 px", $"test accuracy at {size} px", control[size]),
                new ClaimRow("fine-tuned there", $"test accuracy at {size} px", fineTuned[size]) { IsMethod = true },
            ]),
        ])
        {
            Curves = curves,
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
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double> unadapted, IReadOnlyList<double> fineTuned, IReadOnlyList<double> control, bool unchanged, bool quick)
    {
        double gain = fineTuned.Average() - unadapted.Average(), overControl = fineTuned.Average() - control.Average();
        string reason = string.Create(CultureInfo.InvariantCulture, $"at 32 px fine-tuning gives {gain * 100:+0.0;-0.0} points over the unadapted network and {overControl * 100:+0.0;-0.0} over the control in the mean");
        if (!unchanged) return (Verdict.DoesNotHold, $"fine-tuning has changed more than the classifier and the last norm's statistics; {reason}");
        if (quick || fineTuned.Count < 2) return (Verdict.Undecided, $"{(quick ? "a quick run" : "one seed")} proves nothing; {reason}");
        return (gain >= OverUnadapted && overControl >= OverControl ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }
}
