using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>Three objectives in one network against the matte's alone; and whether the one-frame delay takes flicker out.</summary>
public sealed class ModNetClaim : Claim
{
    private const double Share = 0.97, Flicker = 5;
    private const int Batch = 8, Fresh = 64;
    private const string Three = "three objectives", Alone = "the matte's objective alone", Constant = "the mean opacity everywhere";
    private const string Everywhere = "MAD", Band = "MAD in the band", Delay = "one-frame delay";
    private const string Mended = "times less error in the flickering frame", Kept = "other frames unchanged";

    /// <inheritdoc/>
    public override string Statement =>
        "A matting network learns better where its objective is decomposed into semantics, detail and matte than from the matte alone; "
        + "and one frame's delay takes flicker out of a clip.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if the mean absolute difference on fresh pictures, trained with all three objectives, is in the mean over seeds less than "
        + "0.97 of that of the matte's objective alone, and less in two thirds of the seeds at least; and if the delay makes the error of "
        + "a spoilt frame more than 5 times smaller and leaves the others as they were. Does not hold otherwise. One seed decides nothing.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(4);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 2 : 120;
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed + 5000);
        var fresh = Portraits.Sample(options.Quick ? 8 : Fresh, generator);
        var curves = new List<ClaimCurve>();
        ClaimNetwork? learned = null;
        var alone = Trained(Alone, new MatteLosses { SemanticScale = 0, DetailScale = 0 });
        var three = Trained(Three, new MatteLosses());
        var mean = fresh.Mattes.Mean().Expand(fresh.Mattes.Shape);
        var (times, kept) = Flickering();
        return new SeedResult(
        [
            .. Rows(Constant, mean, isMethod: false), .. Rows(Alone, alone, isMethod: false), .. Rows(Three, three, isMethod: true),
            new ClaimRow(Delay, Mended, [times]) { IsMethod = true },
        ])
        {
            Checks = [new ClaimRow(Delay, Kept, [kept ? 1 : 0])],
            Curves = curves,
            Network = learned,
            Pictures = [new ClaimPicture("pictures, mattes, the matte's objective alone, three objectives", Shown(fresh, alone, three))],
            Configuration =
            [
                ("data", $"drawn portraits at 64x64, new ones each step; {Fresh} fresh ones for the test"),
                ("network", "MODNet, from random weights"),
                ("training", $"SGD 0.01, momentum 0.9, a tenth of the rate for the last quarter, {steps} steps of {Batch}"),
                ("flicker", "a soft disc that moves a quarter of a pixel a frame, with a hole in one of nine frames"),
            ],
        };

        Tensor Trained(string arm, MatteLosses losses)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new ModNet();
            string name = $"{arm}, seed {seed}";
            curves.Add(ClassifierTrial.Curve(name, Train(network, losses, seed, steps, name, progress, cancellation)));
            if (arm == Three) learned = ClaimNetwork.Of("modnet", network);
            using var noGrad = Gradients.Off();
            network.Eval();
            return network.Call(fresh.Images);
        }

        IEnumerable<ClaimRow> Rows(string arm, Tensor answer, bool isMethod)
        {
            using var inner = new TensorScope();
            var error = (answer - fresh.Mattes).Abs();
            var band = fresh.Trimaps.Eq(0.5);
            double inBand = Functional.Where(band, error, Tensor.FromScalar(0f)).Sum().Item<double>() / band.Sum().Item<double>();
            return
            [
                new ClaimRow(arm, Everywhere, [error.Mean().Item<double>()]) { IsMethod = isMethod },
                new ClaimRow(arm, Band, [inBand]) { IsMethod = isMethod },
            ];
        }
    }

    /// <summary>Trains on new pictures each step; gives the matte's own part of the loss, which both arms have.</summary>
    internal static IReadOnlyList<double> Train(
        ModNet network, MatteLosses losses, int seed, int steps, string name, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var generator = new Generator((ulong)seed + 1000);
        using var optimizer = new Sgd(network.Parameters(), 0.01, momentum: 0.9);
        var curve = new List<double>(steps);
        network.Train();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var batch = Portraits.Sample(Batch, generator);
            optimizer.LearningRate = step < steps * 3 / 4 ? 0.01 : 0.001;
            optimizer.ZeroGrad();
            var loss = losses.Compute(network.Predict(batch.Images), batch.Images, batch.Trimaps, batch.Mattes);
            loss.Total.Backward();
            optimizer.Step();
            curve.Add(loss.Matte.Item<double>());
            string words = string.Create(CultureInfo.InvariantCulture, $"matte's loss {curve[^1]:0.000}");
            if (step % 5 == 0) progress?.Report(new WorkProgress(name, step, steps, words));
        }

        optimizer.ZeroGrad();
        return curve;
    }

    /// <summary>By how much the delay lowers the error of a spoilt frame, and whether it leaves the others alone.</summary>
    internal static (double Times, bool Kept) Flickering()
    {
        const int frames = 9, spoilt = 4, side = 64;
        using var scope = new TensorScope();
        var place = Tensor.Arange(side).To(DType.Float32);
        var truth = Tensor.Stack([.. Enumerable.Range(0, frames).Select(k => Disc(28 + (0.25 * k)))]);
        var seen = truth.Clone();
        seen.FillInPlace(0, spoilt, 24..40, 20..36);
        var mended = OneFrameDelay.Apply(seen);
        bool kept = Enumerable.Range(0, frames).Where(k => k != spoilt).All(k => mended[k].Eq(seen[k]).All().Item<bool>());
        return (Error(seen) / Math.Max(Error(mended), 1e-9), kept);

        Tensor Disc(double centre)
        {
            Tensor x = place.Reshape([1, -1]) - centre, y = place.Reshape([-1, 1]) - 32;
            return ((18 - (x.Square() + y.Square()).Sqrt()) / 8).Clamp(0, 1);
        }

        double Error(Tensor clip) => (clip[spoilt] - truth[spoilt]).Abs().Mean().Item<double>();
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyList<double> three, IReadOnlyList<double> alone, IReadOnlyList<double> times, IReadOnlyList<double> kept)
    {
        double share = three.Average() / alone.Average();
        bool isKept = kept.All(yes => yes == 1);
        int better = three.Zip(alone).Count(pair => pair.First < pair.Second);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"MAD {three.Average():0.0000} against {alone.Average():0.0000}, {share:0.00} of it; better in {better} of {three.Count}; "
            + $"the delay makes a spoilt frame's error {times.Min():0.0} times smaller{(isKept ? "" : " but changes other frames")}");
        if (three.Count < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        bool holds = share < Share && 3 * better >= 2 * three.Count && times.All(factor => factor > Flicker) && isKept;
        return (holds ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table[Three, Everywhere], table[Alone, Everywhere], table[Delay, Mended], table[Delay, Kept]);

    private static byte[] Shown(PortraitBatch fresh, Tensor alone, Tensor three)
    {
        const int shown = 6;
        using var scope = new TensorScope();
        var images = (fresh.Images + 1) / 2;
        Tensor[] rows = [images, .. new[] { fresh.Mattes, alone, three }.Select(matte => matte.Expand(images.Shape))];
        var pictures = rows.SelectMany(row => Enumerable.Range(0, shown).Select(k => row[k].Contiguous().ToImage()));
        return ImageGrid.Create([.. pictures], shown).Encode(ImageFormat.Png);
    }
}
