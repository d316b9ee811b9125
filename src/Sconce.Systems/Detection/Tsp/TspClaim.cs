using System.Globalization;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// TSP-FCOS against a true DETR over the same backbone, and against its own network with DETR's matching, at equal steps; 2011.10881
/// tables 2 and 3 and figure 7, in small.
/// </summary>
internal sealed class TspClaim : Claim
{
    private const int Batch = 8;
    private const double Rate = 5e-4, Clip = 1;
    private const string Metric = "AP at IoU 0.5", Restricted = "TSP-FCOS", Hungarian = "TSP-FCOS, DETR's matching", True = "DETR";

    /// <inheritdoc/>
    public override string Statement =>
        "Without a decoder, and with matching restricted to predictions that are an object's own by place, set prediction learns in a "
        + "fraction of DETR's time.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds and after equal steps, TSP-FCOS's average precision at IoU 0.5 on fresh scenes is at least twice "
        + "DETR's, and above that of the same network with DETR's matching. Undecided where a mean misses by less than its standard error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(12);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 4 : 400;
        var train = new ShapeScenes(options.Quick ? 16 : 1000, (2 * seed) + 1);
        var test = new ShapeScenes(options.Quick ? 8 : 100, (2 * seed) + 2);
        var curves = new List<ClaimCurve>();
        ClaimNetwork? kept = null;
        ClaimRow[] rows =
        [
            Row(True, () => new TspDetrArm()),
            Row(Hungarian, () => new TspFcosArm(restricted: false)),
            Row(Restricted, () => new TspFcosArm(restricted: true)) with { IsMethod = true },
        ];
        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", $"1 to 4 rectangles, ellipses and triangles of 10 to 32 pixels on noisy grey of {ShapeScenes.Side} pixels; "
                    + $"{train.Count} scenes to learn from, {test.Count} fresh ones"),
                ("network", "ResNet-18 with norms that learn, pyramid of 32 channels, 40 features, encoder of 2 layers of width 64"),
                ("baselines", "the same backbone's map of stride 8 under DETR's 2 encoder and 2 decoder layers and 40 queries; the same "
                    + "network with DETR's matching over all features"),
                ("training", $"{steps} steps of {Batch}, AdamW {Rate}, a tenth of it for the last fifth, clip {Clip}"),
            ],
        };

        ClaimRow Row(string name, Func<ITspArm> make)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var arm = make();
            curves.Add(Train(arm, name, train, seed, steps, progress, cancellation));
            arm.Network.Eval();
            if (name == Restricted) kept = ClaimNetwork.Of(TspVariants.OfClaim.Name, arm.Network, classes: ShapeScenes.Names);
            var evaluation = new CocoEvaluation(ShapeScenes.Classes);
            for (int k = 0; k < test.Count; k++) evaluation.Add([.. test[k].Boxes], arm.Find(test[k]));
            return new ClaimRow(name, Metric, [evaluation.Summarize().At50]);
        }
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<double> own = table[Restricted, Metric], detr = table[True, Metric], matched = table[Hungarian, Metric];
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"AP at IoU 0.5 is {own.Average():0.000} with TSP-FCOS, {matched.Average():0.000} with DETR's matching in it, "
            + $"{detr.Average():0.000} with DETR");
        return (ByMargins(own.Zip(detr, (one, other) => one - (2 * other)), own.Zip(matched, (one, other) => one - other)), figures);
    }

    private static ClaimCurve Train(
        ITspArm arm, string name, IDataset<ImageExample> train, int seed, int steps, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var optimizer = new AdamW(arm.Network.Parameters(), Rate, weightDecay: 1e-4);
        var schedule = LearningRateSchedule.MultiStep(Rate, [steps * 4 / 5]);
        var random = new Random(seed);
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            ImageExample[] scenes = [.. Enumerable.Range(0, Batch).Select(_ => train[random.Next(train.Count)])];
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var loss = arm.Loss(scenes, random);
            loss.Backward();
            GradientClipping.ByNorm(arm.Network.Parameters(), Clip);
            optimizer.Step();
            losses.Add(loss.Item<double>());
            string said = string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.00}");
            if (step % 10 == 0) progress?.Report(new WorkProgress($"{name}, seed {seed}", step, steps, said));
        }

        return new ClaimCurve("training loss", $"{name}, seed {seed}", [.. Enumerable.Range(1, steps).Select(step => (double)step)],
            losses);
    }
}
