using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>One transformer over 64 codes of a whole picture, and over 64 pixels of a window: 2012.09841 §4.3, in small.</summary>
public sealed class VqganClaim : Claim
{
    private const int Pictures = 2000, Wanted = 3;
    private const string Method = "codes", Baseline = "pixels in a window";
    private const string Valid = "both objects there", Consistent = "of one colour";

    /// <inheritdoc/>
    public override string Statement =>
        "With the same transformer and the same length of sequence, codes of a learned codebook give pictures that are coherent as "
        + "a whole; pixels in a sliding window do not.";

    /// <inheritdoc/>
    public override string Rule =>
        "On pictures of two objects far apart that always share their colour. Holds if, in the mean over three seeds, the share of "
        + "pictures with both objects in one colour is at least three times that of pixels, and pixels paint both objects at least "
        + "half as often. "
        + "Fewer than 3 seeds: undecided.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var length = options.Quick ? new TrialLength(30, 12, 8) : new TrialLength(450, 300, 64);
        using var scope = new TensorScope();
        var known = PairedObjects.Draw(options.Quick ? 200 : Pictures, new Random(seed));
        TorchRuntime.ManualSeed((ulong)seed);
        using var codes = new CodeTrial();
        codes.Train(known, length, Told(Method));
        var ofCodes = codes.Paint(length.Painted);
        TorchRuntime.ManualSeed((ulong)seed);
        using var pixels = new PixelTrial();
        pixels.Train(known, length, Told(Baseline));
        var ofPixels = pixels.Paint(length.Painted, Told(Baseline));
        var kept = codes.Reconstruct(known.Narrow(0, 0, Math.Min(100, known.Size(0))));
        (string Arm, Tensor Pictures)[] read = [(Method, ofCodes), (Baseline, ofPixels), ("the data", known), ("reconstructions", kept)];
        return new SeedResult([.. read.SelectMany(one => Rows(one.Arm, one.Pictures))])
        {
            Curves = [Curve($"{Method}, seed {seed}", codes.Losses), Curve($"{Baseline}, seed {seed}", pixels.Losses)],
            Network = codes.Keep(),
            Pictures = [Sheet("the data", known), Sheet("reconstructions", kept), Sheet(Method, ofCodes), Sheet(Baseline, ofPixels)],
            Configuration =
            [
                ("data", $"{known.Size(0)} pictures of 32x32: two objects of one of 6 colours and one of 3 shapes, noise 0.05"),
                ("codes", $"8x8 of 64, of 16 numbers; Adam 2e-3 (0.5, 0.9), {length.CodecSteps} steps of 32, a third of them "
                    + "without codes"),
                ("transformer", $"4 layers of 128, 64 tokens; AdamW 1e-3, half a cosine, {length.GptSteps} steps of 32, for both"),
                ("pixels", "windows of 8x8 of 64 colours, with learned rows and columns of the picture; drawn from the window's middle"),
                ("painted", $"{length.Painted} pictures each, at temperature 1"),
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
        double codes = table[Method, Consistent].Average(), pixels = table[Baseline, Consistent].Average();
        double validCodes = table[Method, Valid].Average(), validPixels = table[Baseline, Valid].Average();
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"both objects in one colour: {codes:0.0%} of codes and {pixels:0.0%} of pixels; both there: {validCodes:0.0%} and "
            + $"{validPixels:0.0%}");
        if (table.Seeds < Wanted) return (Verdict.Undecided, $"the rule asks for {Wanted} seeds: {reason}");
        return (codes > 0 && codes >= 3 * pixels && validPixels >= validCodes / 2 ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    private static IEnumerable<ClaimRow> Rows(string arm, Tensor pictures)
    {
        var (valid, consistent) = PairedObjects.Read(pictures);
        yield return new ClaimRow(arm, Valid, [valid]) { IsMethod = arm == Method };
        yield return new ClaimRow(arm, Consistent, [consistent]) { IsMethod = arm == Method };
    }

    private static ClaimCurve Curve(string name, List<double> losses) =>
        new("the transformer's loss", name, [.. losses.Select((_, step) => (double)step)], losses);

    private static ClaimPicture Sheet(string caption, Tensor pictures)
    {
        var shown = PaintedPictures.Of(pictures.Narrow(0, 0, Math.Min(16, pictures.Size(0))));
        var sheet = ImageGrid.Create(shown.Select(one => one.Resize(64, 64, ResizeFilter.Nearest)), 8);
        return new ClaimPicture(caption, sheet.Encode(ImageFormat.Png));
    }
}
