using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>Thirty good parts suffice to begin to find defects, even with a network of random weights.</summary>
public sealed class AnomalyClaim : Claim
{
    private const string ImageMetric = "image AUROC", PixelMetric = "pixel AUROC";
    private const string PatchCore = "PatchCore", Padim = "PaDiM", Baseline = "Gaussian of each pixel";
    private const int Side = 64, Sigma = 2;
    private static readonly string[] Layers = ["layer1", "layer2"];

    /// <inheritdoc/>
    public override string Statement => "About thirty pictures of good parts suffice to find defects and where they are.";

    /// <inheritdoc/>
    public override string Rule =>
        "On new parts, half of them with scratches or dents: the pixel AUROC of PatchCore and of PaDiM is at least 0.12 above " +
        "that of a Gaussian of each pixel, and their image AUROC at least 0.05. " +
        "Does not hold if a mean misses by more than its standard error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(40);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int count = options.Quick ? 6 : 30;
        var random = new Random(seed);
        var surface = new SurfaceParts(Side);
        Image[] good = [.. Enumerable.Range(0, count).Select(_ => surface.Draw(SurfaceDefect.None, random).Picture)];
        SurfacePart[] test =
        [
            .. Enumerable.Range(0, count).Select(_ => surface.Draw(SurfaceDefect.None, random)),
            .. Enumerable.Range(0, count).Select(k => surface.Draw(k % 2 == 0 ? SurfaceDefect.Scratch : SurfaceDefect.Dent, random)),
        ];
        var rows = new List<ClaimRow>();
        var pictures = new List<ClaimPicture>();
        ClaimNetwork? kept = null;
        foreach (var method in (InspectionMethod[])[InspectionMethod.PatchCore, InspectionMethod.Padim])
        {
            progress?.Report(new WorkProgress($"seed {seed}", rows.Count / 2, 3, method.ToString()));
            using var model = new InspectionFitting(Plan(method, seed)).Fit(good, progress: null, cancellation);
            if (method == InspectionMethod.PatchCore) kept = Keep(model, cancellation);
            var found = test.Select(part => model.Inspect(part.Picture)).ToList();
            string arm = method == InspectionMethod.PatchCore ? PatchCore : Padim;
            Add(arm, [.. found.Select(one => one.Score)], [.. found.Select(one => one.Map.ToArray())], true);
            var drawn = HeatDrawing.Over(test[^1].Picture, found[^1], model.Contract, 0.5).Resize(4 * Side, 4 * Side, ResizeFilter.Nearest);
            pictures.Add(new ClaimPicture($"{method}: the heat over a part with a dent", drawn.Encode(ImageFormat.Png)));
        }

        var (scores, maps) = Pixels(good, test);
        Add(Baseline, scores, maps, false);
        return new SeedResult(rows)
        {
            Network = kept,
            Pictures = pictures,
            Configuration =
            [
                ("data", $"{count} good surfaces of {Side} pixels; asked about {count} good ones and {count} with a scratch or a dent"),
                ("network", "ResNet-18 with random weights and statistics of the good parts; layer1 and layer2"),
                ("PatchCore", "1,500 patches of the bank"),
                ("PaDiM", "60 channels"),
            ],
        };

        void Add(string arm, double[] image, IReadOnlyList<float[]> pixels, bool isMethod)
        {
            bool[] bad = [.. test.Select(part => part.Defect != SurfaceDefect.None)];
            var figures = InspectionFigures.Of(image, bad, pixels, [.. test.Select(part => part.Mask)], Side);
            rows.Add(new ClaimRow(arm, ImageMetric, [figures.ImageAuroc]) { IsMethod = isMethod });
            rows.Add(new ClaimRow(arm, PixelMetric, [figures.PixelAuroc]) { IsMethod = isMethod });
        }
    }

    private static ClaimNetwork Keep(InspectionModel model, CancellationToken cancellation)
    {
        string path = Path.GetTempFileName();
        try
        {
            model.Save(path, cancellation);
            return ClaimNetwork.OfFile(File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(ImageMetric), table.ByArm(PixelMetric));
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyDictionary<string, List<double>> image, IReadOnlyDictionary<string, List<double>> pixel)
    {
        static IEnumerable<double> Margin(IReadOnlyDictionary<string, List<double>> figures, string arm, double bound) =>
            figures[arm].Zip(figures[Baseline], (method, baseline) => method - baseline - bound);
        var verdict = ByMargins(
            [Margin(pixel, PatchCore, 0.12), Margin(pixel, Padim, 0.12), Margin(image, PatchCore, 0.05), Margin(image, Padim, 0.05)]);
        string Means(string arm) => string.Create(
            CultureInfo.InvariantCulture, $"{arm} {image[arm].Average():0.000} and {pixel[arm].Average():0.000}");
        return (verdict, $"image and pixel AUROC: {Means(PatchCore)}; {Means(Padim)}; {Means(Baseline)}");
    }

    private static InspectionPlan Plan(InspectionMethod method, int seed) => new(
        method,
        new BackboneSettings { Backbone = "resnet18", Layers = Layers },
        new NormalitySettings { Coreset = 1, MostPatches = 1500, Channels = 60, Sigma = Sigma },
        Side,
        seed);

    /// <summary>What needs no network: each pixel's own mean and deviation.</summary>
    private static (double[] Scores, IReadOnlyList<float[]> Maps) Pixels(Image[] good, SurfacePart[] test)
    {
        using var scope = new TensorScope();
        Tensor Grey(Image picture) => picture.ToGray().ToTensor(); // (1, S, S)
        var known = Tensor.Stack([.. good.Select(Grey)]);
        var mean = known.Mean([0L]);
        var deviation = ((known - mean).Square().Sum([0L]) / (good.Length - 1)).Sqrt() + 0.01;
        var asked = Tensor.Stack([.. test.Select(part => Grey(part.Picture))]);
        var maps = GaussianFilter.Apply(((asked - mean) / deviation).Abs(), Sigma);
        float[] scores = PatchScores.Maximum(maps).ToArray<float>();
        return ([.. scores.Select(score => (double)score)], [.. maps.Unbind().Select(map => map.ToArray<float>())]);
    }
}
