using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Cips;

/// <summary>Pictures with detail that is tied to the pixel grid, fitted with the embedding of coordinates and without.</summary>
public sealed class CipsClaim : Claim
{
    private const int Side = 16, Pictures = 8, Looks = 8, Larger = 24;
    private const double Gain = 4, Exact = 1e-5;
    private const string Complete = "complete", Without = "without the embedding", Likeness = "PSNR, dB", Parts = "parts equal the whole";

    internal static CipsConfig Sizes { get; } = new(Side)
    {
        Hidden = 48,
        StyleWidth = 32,
        MappingLayers = 2,
        Channels = [64, 64, 64],
    };

    /// <inheritdoc/>
    public override string Statement =>
        "A generator of independent pixels needs a learned embedding of their places for detail that is tied to the grid, and what it "
        + "paints in parts equals the whole.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, the complete network fits the pictures by at least 4 dB better than one whose embedding is and "
        + "stays zero, after the same steps. Does not hold where a picture that is rendered in four parts differs from the whole by more "
        + "than 1e-5, or where moving one coordinate changes another pixel. Undecided where the mean misses by less than its standard "
        + "error, or with one seed.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 40 : 400;
        using var scope = new TensorScope();
        var targets = GridTextures.Draw(Pictures, Side, new Random(seed));
        var grid = CoordinateGrid.Whole(Side);
        List<ClaimRow> rows = [];
        List<ClaimCurve> curves = [];
        List<ClaimPicture> pictures = [new("what is to be painted", SmallPictures.Sheet(targets))];
        bool equal = false;
        ClaimNetwork? kept = null;
        foreach (string arm in (string[])[Without, Complete])
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new CipsSkip(Sizes);
            network.Train();
            var learned = network.Parameters();
            if (arm == Without)
            {
                Init.Constant(network.Emb.Input, 0);
                learned = learned.Where(parameter => parameter != network.Emb.Input);
            }

            using var fit = new LatentFit(learned, z => network.Render(grid, network.Map(z), network.NoNoise()), targets, Sizes.StyleWidth);
            List<double> places = [], likeness = [];
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (step % 10 == 0) progress?.Report(new WorkProgress($"{arm}, seed {seed}", step, steps));
                fit.Step();
                if ((step + 1) % (steps / Looks) != 0) continue;
                using var inner = new TensorScope();
                places.Add(step + 1);
                likeness.Add(10 * Math.Log10(4 / (fit.Paint() - targets).Square().Mean().Item<double>()));
            }

            bool isMethod = arm == Complete;
            rows.Add(new ClaimRow(arm, Likeness, [likeness[^1]]) { IsMethod = isMethod });
            curves.Add(new ClaimCurve("PSNR of the fitted pictures, dB", $"{arm}, seed {seed}", places, likeness));
            pictures.Add(new ClaimPicture($"{arm}, seed {seed}", SmallPictures.Sheet(fit.Paint())));
            if (!isMethod) continue;
            equal = AreIndependent(network);
            kept = ClaimNetwork.Of(CipsSystem.ClaimNetwork, network);
        }

        return new SeedResult(rows)
        {
            Checks = [new ClaimRow(Complete, Parts, [equal ? 1 : 0])],
            Curves = curves,
            Network = kept,
            Pictures = pictures,
            Configuration =
            [
                ("pictures", $"{Pictures} of {Side}x{Side} pixels: a soft disk each of one random texture that all share"),
                ("generator", "CIPSskip, 48 features, styles of 32, two mapping layers, 64 channels; one fixed z a picture, no noise"),
                ("training", $"mean square, Adam 0.01 (0, 0.99), {steps} steps"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (complete, without) = (table[Complete, Likeness], table[Without, Likeness]);
        string reason = string.Create(
            CultureInfo.InvariantCulture, $"{complete.Average():0.0} dB complete, {without.Average():0.0} dB without the embedding");
        if (table[Complete, Parts].Any(yes => yes < 1)) return (Verdict.DoesNotHold, $"pixels depend on each other; {reason}");
        if (table.Seeds < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (ByMargins(complete.Zip(without, (with, bare) => with - bare - Gain)), reason);
    }

    /// <summary>Whether a larger picture in four parts is the whole, and a coordinate changes its own pixel alone.</summary>
    private static bool AreIndependent(CipsGenerator network)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        network.Eval();
        var styles = network.Map(Tensor.Randn([1, Sizes.StyleWidth]));
        var places = CoordinateGrid.Whole(Larger);
        var whole = network.Render(places, styles, network.NoNoise());
        const int half = Larger / 2;
        for (int part = 0; part < 4; part++)
        {
            int top = part / 2 * half, left = part % 2 * half;
            var own = network.Render(CoordinateGrid.Region(Larger, top, left, half), styles, network.NoNoise());
            if (!(own - whole.Narrow(2, top, half).Narrow(3, left, half)).Abs().Le(Exact).All().Item<bool>()) return false;
        }

        var moved = places.Clone();
        moved.Select(3, 5).Select(2, 7).AddInPlace(0.1);
        var changed = (network.Render(moved, styles, network.NoNoise()) - whole).Abs().Gt(Exact).Any(1);
        return changed.Sum().Item<long>() == 1 && changed.Select(2, 5).Select(1, 7).All().Item<bool>();
    }
}
