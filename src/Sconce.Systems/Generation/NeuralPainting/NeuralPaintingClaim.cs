using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>One stroke and a target that it does not touch, under three losses; figure 4 of 2011.08114.</summary>
public sealed class NeuralPaintingClaim : Claim
{
    private const int Side = 24;
    private const double Share = 0.1, Enough = 0.2;
    private const string Pixels = "pixels", Transport = "transport", Both = "pixels + 0.1 transport";
    private const string Error = "squared error at the end";

    /// <inheritdoc/>
    public override string Statement =>
        "A stroke that does not overlap its target gets no useful gradient from pixels; optimal transport carries it there.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if on every seed the squared error of pixels with transport ends below a fifth of that of pixels alone; does not hold if on "
        + "most seeds it does not. Undecided in between, or with one seed.";

    /// <inheritdoc/>
    public override string? KeepsNone => "It seeks strokes through a renderer by formula and trains no network; paint needs none either.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override int DefaultSeeds => 6;

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 10 : 300;
        var random = new Random(seed);
        using var scope = new TensorScope();
        using var renderer = new AnalyticRenderer(Brush.Tape, Side);
        Tensor start = Place(random, 0.7, 0.8), goal = Place(random, 0.25, 0.35);
        Tensor target;
        using (Gradients.Off()) target = Drawn(renderer, goal);
        List<ClaimRow> rows = [];
        List<ClaimCurve> curves = [];
        List<ClaimPicture> pictures = [new("the target", Png(target)), new("the beginning", Png(Drawn(renderer, start)))];
        foreach (var (arm, pixels, transport) in ((string, double, double)[])[(Pixels, 1, 0), (Transport, 0, 1), (Both, 1, Share)])
        {
            var stroke = start.Clone();
            stroke.RequiresGrad = true;
            using var optimizer = new RmsProp([stroke], 0.005, centered: true);
            List<double> errors = [];
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (step % 10 == 0) progress?.Report(new WorkProgress($"{arm}, seed {seed}", step, steps));
                errors.Add(Step(renderer, stroke, target, pixels, transport, optimizer));
            }

            using var noGrad = Gradients.Off();
            var end = Drawn(renderer, stroke);
            rows.Add(new ClaimRow(arm, Error, [PaintingLosses.Pixels(end, target, 2).Item<double>()]) { IsMethod = arm == Both });
            curves.Add(new ClaimCurve(
                "squared error", $"{arm}, seed {seed}", [.. Enumerable.Range(0, steps).Select(step => (double)step)], errors));
            pictures.Add(new ClaimPicture($"{arm}, at the end", Png(end)));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Pictures = pictures,
            Configuration =
            [
                ("canvas", $"{Side} x {Side} pixels, one white strip of tape with soft edges, drawn by formula"),
                ("optimiser", $"{steps} steps of centred RMSprop, 0.005, on place, size and angle"),
                ("transport", "epsilon 0.01, five rounds, unrolled"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (both, pixels) = (table[Both, Error], table[Pixels, Error]);
        int met = both.Zip(pixels).Count(pair => pair.First < Enough * pair.Second);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"squared error {pixels.Average():0.0000} with pixels, {table[Transport, Error].Average():0.0000} with transport, "
            + $"{both.Average():0.0000} with both; below a fifth on {met} of {table.Seeds} seeds");
        if (table.Seeds < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (met == table.Seeds ? Verdict.Holds : 2 * met <= table.Seeds ? Verdict.DoesNotHold : Verdict.Undecided, reason);
    }

    private static double Step(StrokeRenderer renderer, Tensor stroke, Tensor target, double pixels, double transport, RmsProp optimizer)
    {
        using var scope = new TensorScope();
        stroke.Grad = null;
        var drawn = Drawn(renderer, stroke);
        var loss = pixels * PaintingLosses.Pixels(drawn, target);
        if (transport > 0) loss = loss + (transport * new Sinkhorn().Loss(drawn, target, 0));
        Gradients.Backward([loss]);
        optimizer.Step();
        return PaintingLosses.Pixels(drawn.Detach(), target, 2).Item<double>();
    }

    /// <summary>A white strip on black; only its shape is sought.</summary>
    private static Tensor Drawn(StrokeRenderer renderer, Tensor shape)
    {
        using var scope = new TensorScope();
        var images = renderer.Call(Tensor.Cat([shape, Tensor.Ones([1, 4])], 1));
        return scope.Keep(images.Foreground * images.Alpha);
    }

    /// <summary>(x, y, width, height, angle) with its place in a range.</summary>
    private static Tensor Place(Random random, double low, double high)
    {
        float Between(double first, double last) => (float)(first + ((last - first) * random.NextDouble()));
        return Tensor.From([Between(low, high), Between(low, high), Between(0.4, 0.6), Between(0.4, 0.6), Between(0, 0.2)], [1, 5]);
    }

    private static byte[] Png(Tensor picture) =>
        picture.Detach()[0].ToImage().Resize(8 * Side, 8 * Side, ResizeFilter.Nearest).Encode(ImageFormat.Png);
}
