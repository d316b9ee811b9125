using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>
/// Does a network that tells directions apart treat a turned picture as a turned direction, and are pictures that are sought as spectra
/// cleaner than those sought pixel by pixel?
/// </summary>
public sealed class CircuitsClaim : Claim
{
    private const double LeastCosine = 0.9, LeastGain = 0.1, HighFrequency = 0.3;
    private const int RightShift = 2, Visualized = 3;
    private const string Trained = "trained", Untrained = "untrained", Spectra = "spectra, colours and moves", Pixels = "pixels alone";
    private const string Right = "cosine at a shift of two", Other = "largest cosine at another shift", Accuracy = "accuracy";
    private const string Fine = "energy above 0.3 cycles a pixel", Kept = "objective kept under moves";

    /// <inheritdoc/>
    public override string Statement =>
        "A network that tells directions apart answers a picture turned by a quarter with its logits moved on by two directions, and "
        + "pictures sought as spectra of independent colours under small moves have less fine noise than those sought as pixels.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, on every seed, logits of turned pictures have a mean cosine of at least 0.9 with the logits of the pictures themselves "
        + "moved by two classes, more than at any other shift, and the share of energy above 0.3 cycles a pixel is at least 0.1 lower for "
        + "spectra than for pixels; does not hold otherwise. The objective under moves and the untrained network are reported only.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(60);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Learned { get; } = ClaimClassifier.Of(
        "circuits_claim", new ImagePreprocessing(DirectionNetwork.Side, [0.5f, 0.5f, 0.5f], [1, 1, 1]) { CropFraction = 1 },
        DirectionNetwork.Directions, _ => new DirectionNetwork());

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        TorchRuntime.ManualSeed((ulong)seed);
        using var probed = new ProbedNetwork(
            new DirectionNetwork(), new ImagePreprocessing(DirectionNetwork.Side, [0.5f, 0.5f, 0.5f], [1, 1, 1]));
        var network = (DirectionNetwork)probed.Module;
        var (patches, labels) = DirectionNetwork.Draw(options.Quick ? 500 : 3000, generator);
        var (asked, _) = DirectionNetwork.Draw(400, generator);
        var before = Shifts(probed, asked);
        network.RequireGrad();
        network.Learn(patches - 0.5, labels, options.Quick ? 60 : 500, generator, progress, cancellation);
        network.RequireGrad(false);
        network.Eval();
        var after = Shifts(probed, asked);
        using var off = Gradients.Off();
        var (test, right) = DirectionNetwork.Draw(400, generator);
        double accuracy = probed.Scores(test).Argmax(1).Eq(right).To(DType.Float64).Mean().Item<double>();
        var spectra = Sought(probed, fourier: true, seed, options.Quick, progress, cancellation);
        var pixels = Sought(probed, fourier: false, seed, options.Quick, progress, cancellation);
        var kept = ClaimNetwork.Of(Learned.Name, network, Learned.Get<ImageClassifier>().Preprocessing);
        return new SeedResult(
        [
            new ClaimRow(Trained, Right, [after[RightShift]]) { IsMethod = true },
            new ClaimRow(Untrained, Right, [before[RightShift]]),
            new ClaimRow(Trained, Other, [after.Where((_, k) => k != RightShift).Max()]) { IsMethod = true },
            new ClaimRow(Untrained, Other, [before.Where((_, k) => k != RightShift).Max()]),
            new ClaimRow(Trained, Accuracy, [accuracy]) { IsMethod = true },
            new ClaimRow(Pixels, Fine, [pixels.Energy]),
            new ClaimRow(Spectra, Fine, [spectra.Energy]) { IsMethod = true },
            new ClaimRow(Pixels, Kept, [pixels.Kept]),
            new ClaimRow(Spectra, Kept, [spectra.Kept]) { IsMethod = true },
        ])
        {
            Network = kept,
            Pictures = [.. spectra.Pictures.Select((png, k) => new ClaimPicture($"direction {k}, {Spectra}", png)),
                .. pixels.Pictures.Select((png, k) => new ClaimPicture($"direction {k}, {Pixels}", png))],
            Configuration =
            [
                ("network", "Conv 3-16 5x5, 16-24 5x5 stride 2, 24-32 3x3 stride 2, ReLU, mean over 4 x 4, linear to 8"),
                ("data", "3,000 patches of 32 x 32, fine noise on one side, in eight directions; 400 to be asked about"),
                ("training", "Adam 2e-3, batches of 64, 500 steps"),
                ("pictures", "three directions, Adam 0.05, 100 steps"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyList<double> right, IReadOnlyList<double> other, IReadOnlyList<double> pixels, IReadOnlyList<double> spectra)
    {
        double cosine = right.Min(), gap = right.Zip(other, (one, two) => one - two).Min();
        double gain = pixels.Zip(spectra, (one, two) => one - two).Min();
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"at least {cosine:0.000} at the right shift, {gap:0.000} above any other; at least {gain:0.000} less fine energy");
        return (cosine >= LeastCosine && gap > 0 && gain >= LeastGain ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table[Trained, Right], table[Trained, Other], table[Pixels, Fine], table[Spectra, Fine]);

    /// <summary>
    /// Mean cosines of the logits of pictures turned counter-clockwise with those of the pictures, moved down by each number of classes.
    /// </summary>
    private static double[] Shifts(ProbedNetwork network, Tensor pictures)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var plain = Functional.Normalize(network.Scores(pictures), -1);
        var turned = Functional.Normalize(network.Scores(pictures.Rot90(1, [2, 3])), -1);
        return
        [
            .. Enumerable.Range(0, DirectionNetwork.Directions)
                .Select(shift => (turned * plain.Roll([-shift], [1])).Sum([1]).To(DType.Float64).Mean().Item<double>()),
        ];
    }

    private static (double Energy, double Kept, IReadOnlyList<ReadOnlyMemory<byte>> Pictures) Sought(
        ProbedNetwork network, bool fourier, int seed, bool quick, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var on = Gradients.On();
        int steps = quick ? 20 : 100, done = 0;
        var options = new VisualizationOptions { Steps = steps, Fourier = fourier, Jitter = fourier, Seed = (ulong)seed };
        Tensor Goal(Tensor maps) => Tensor.Stack([.. Enumerable.Range(0, Visualized).Select(k => maps[k, k].Mean())]);
        var found = FeatureVisualization.Find(
            network, "", Goal, Visualized, options,
            () => progress?.Report(new WorkProgress("seeking pictures", ++done, steps)), cancellation);
        using var off = Gradients.Off();
        double kept = 0;
        foreach (var (down, right) in ((long, long)[])[(2, 0), (-2, 0), (0, 2), (0, -2)])
        {
            var moved = network.Scores(found.Pictures.Roll([down, right], [2, 3]));
            kept += Enumerable.Range(0, Visualized).Average(k => moved[k, k].To(DType.Float64).Item<double>() / found.After[k]) / 4;
        }

        return (FineShare(found.Pictures), kept,
            [.. Enumerable.Range(0, Visualized).Select(k => (ReadOnlyMemory<byte>)found.Pictures[k].ToImage().Encode(ImageFormat.Png))]);
    }

    /// <summary>The share of the spectrum's energy, without the mean, beyond 0.3 cycles a pixel.</summary>
    private static double FineShare(Tensor pictures)
    {
        using var scope = new TensorScope();
        long side = pictures.Size(-1);
        var energy = pictures.FftFft2().Abs().Square().Sum([0, 1]).To(DType.Float64);
        double[] values = energy.ToArray<double>();
        double fine = 0, all = 0;
        for (int k = 1; k < values.Length; k++)
        {
            double row = Frequency(k / side), column = Frequency(k % side);
            all += values[k];
            if (Math.Sqrt((row * row) + (column * column)) > HighFrequency) fine += values[k];
        }

        return fine / all;

        double Frequency(long index) => (double)(index < (side + 1) / 2 ? index : index - side) / side;
    }
}
