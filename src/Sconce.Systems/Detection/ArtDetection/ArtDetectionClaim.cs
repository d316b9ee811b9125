using System.Globalization;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>
/// One detector trained on photos against the same trained on stylised photos, asked about art that neither has seen; 2102.06529's
/// results table, in small.
/// </summary>
internal sealed class ArtDetectionClaim : Claim
{
    private const int Batch = 8, Side = PeopleScenes.Side;
    private const double Least = 0.1, StyledShare = 0.8, DecoderRate = 1e-3;
    private const string OnArt = "AP at IoU 0.5 on art", OnPhotos = "AP at IoU 0.5 on photos", Photos = "photos";
    private const string Stylised = "stylised photos";

    /// <inheritdoc/>
    public override string Statement =>
        "A detector that is trained on photos in painters' styles alone finds people in art better than one of plain photos.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds and after equal steps, average precision at IoU 0.5 on art whose styles neither detector has "
        + "seen is higher by 0.1 or more with stylised photos than with photos. Undecided where the mean misses by less than its standard "
        + "error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(8);

    /// <summary>What is kept of the method: a detector as <c>browser_detection</c> has it.</summary>
    internal static ModelVariant Kept { get; } = new BrowserDetectionSystem().Variants[0] with
    {
        Name = "art_detection_claim",
        Description = "what the claim trains: people in photos that were painted over",
    };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (photos, paintings, asked) = options.Quick ? (16, 4, 8) : (400, 100, 100);
        var (decoderSteps, steps) = options.Quick ? (3, 4) : (600, 500);
        var train = new PeopleScenes(photos, (3 * seed) + 1, SceneKind.Photo);
        var test = new PeopleScenes(asked, (3 * seed) + 2, SceneKind.Photo);
        var art = new PeopleScenes(asked, (3 * seed) + 3, SceneKind.Art);
        var random = new Random(seed);
        Image[] styles = [.. Enumerable.Range(0, paintings).Select(_ => SceneTexture.Painting(random))];
        var curves = new List<ClaimCurve>();
        TorchRuntime.ManualSeed((ulong)seed);
        using var painter = new SmallStyleNetwork();
        LearnStyles(painter, train, styles, seed, decoderSteps, curves, progress, cancellation);
        using var plain = LearnObjects(Photos, train, null, seed, steps, curves, progress, cancellation);
        using var styled = LearnObjects(Stylised, train, (painter, styles), seed, steps, curves, progress, cancellation);
        return new SeedResult(
        [
            new ClaimRow(Photos, OnArt, [Precision(plain, art)]),
            new ClaimRow(Stylised, OnArt, [Precision(styled, art)]) { IsMethod = true },
            new ClaimRow(Photos, OnPhotos, [Precision(plain, test)]),
            new ClaimRow(Stylised, OnPhotos, [Precision(styled, test)]) { IsMethod = true },
        ])
        {
            Curves = curves,
            Network = ClaimNetwork.Of(Kept.Name, styled, classes: ["person"]),
            Pictures = [Picture(painter, train, styles, art)],
            Configuration =
            [
                ("data", $"scenes of {Side} pixels with 1 or 2 people among things of the same parts; {train.Count} photos, "
                    + $"{asked} others, {asked} in art"),
                ("styles", $"{styles.Length} pictures of patches of random textures; random convolutions of 3 levels, a decoder of "
                    + $"{decoderSteps} steps; {StyledShare:0%} of the photos take one"),
                ("detector", $"CenterNet lite from random numbers, {steps} steps of {Batch}, AdamW {CenterNetTraining.Rate} in one cycle"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<double> plain = table[Photos, OnArt], styled = table[Stylised, OnArt];
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"AP at IoU 0.5 on art is {styled.Average():0.000} with stylised photos and {plain.Average():0.000} with photos; on photos "
            + $"{table[Stylised, OnPhotos].Average():0.000} and {table[Photos, OnPhotos].Average():0.000}");
        return (ByMargins(styled.Zip(plain, (own, other) => own - other - Least)), figures);
    }

    private static void LearnStyles(
        SmallStyleNetwork painter, IDataset<ImageExample> photos, Image[] styles, int seed, int steps, List<ClaimCurve> curves,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var optimizer = new Adam(painter.Parameters().Where(parameter => parameter.RequiresGrad), DecoderRate);
        var random = new Random(seed);
        Learn("styles", optimizer, LearningRateSchedule.Constant(DecoderRate), steps, seed, curves, progress, () =>
            painter.Loss(new StylePair(
                Pixels(Enumerable.Range(0, Batch).Select(_ => photos[random.Next(photos.Count)].Image)),
                Pixels(Enumerable.Range(0, Batch).Select(_ => styles[random.Next(styles.Length)])))), cancellation);
    }

    private static CenterNetLite LearnObjects(
        string name, IDataset<ImageExample> photos, (SmallStyleNetwork Painter, Image[] Styles)? style, int seed, int steps,
        List<ClaimCurve> curves, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var network = new CenterNetLite();
        using var optimizer = new AdamW(network.Parameters(), CenterNetTraining.Rate, weightDecay: CenterNetTraining.Decay);
        // Two generators, so that both arms see the same photos in the same order.
        Random order = new(seed), draws = new(seed + 1);
        var schedule = LearningRateSchedule.OneCycle(CenterNetTraining.Rate, steps);
        Learn(name, optimizer, schedule, steps, seed, curves, progress, () =>
        {
            ImageExample[] scenes = [.. Enumerable.Range(0, Batch).Select(_ => photos[order.Next(photos.Count)])];
            var pictures = Pixels(scenes.Select(scene => scene.Image));
            if (style is { } known) pictures = Styled(pictures, known.Painter, known.Styles, draws);
            var targets = CenterNetTargets.Together([.. scenes.Select(Targets)]);
            return CenterNetLoss.Compute(network.Call(Normalised(pictures)), targets).Total;
        }, cancellation);
        network.Eval();
        return network;
    }

    private static void Learn(
        string name, Optimizer optimizer, LearningRateSchedule schedule, int steps, int seed, List<ClaimCurve> curves,
        IProgress<WorkProgress>? progress, Func<Tensor> loss, CancellationToken cancellation)
    {
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var value = loss();
            value.Backward();
            optimizer.Step();
            losses.Add(value.Item<double>());
            string said = string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.00}");
            if (step % 10 == 0) progress?.Report(new WorkProgress($"{name}, seed {seed}", step, steps, said));
        }

        curves.Add(new ClaimCurve(
            "training loss", $"{name}, seed {seed}", [.. Enumerable.Range(1, steps).Select(step => (double)step)], losses));
    }

    /// <summary>Most of the pictures in a style that is drawn for each.</summary>
    private static Tensor Styled(Tensor pictures, SmallStyleNetwork painter, Image[] styles, Random random)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var manner = Pixels(Enumerable.Range(0, Batch).Select(_ => styles[random.Next(styles.Length)]));
        var isStyled = Tensor.From(Enumerable.Range(0, Batch).Select(_ => random.NextDouble() < StyledShare).ToArray(), [Batch, 1, 1, 1]);
        return scope.Keep(Functional.Where(isStyled, painter.Call(new StylePair(pictures, manner)).Clamp(0, 1), pictures));
    }

    private static CenterNetTargets Targets(ImageExample scene)
    {
        const int cells = Side / CenterNetLite.Stride;
        const float scale = 1f / CenterNetLite.Stride;
        var objects = scene.Boxes.Select(box => new CellBox(box.Left * scale, box.Top * scale, box.Right * scale, box.Bottom * scale, 0));
        return CenterNetTargets.Draw(objects, 1, cells, cells);
    }

    private static Tensor Pixels(IEnumerable<Image> pictures) => Tensor.Stack([.. pictures.Select(picture => picture.ToTensor())]);

    private static Tensor Normalised(Tensor pictures) => (pictures - CenterNetPictures.Means[0]) / CenterNetPictures.Deviations[0];

    private static double Precision(CenterNetLite network, IDataset<ImageExample> scenes)
    {
        var evaluation = new CocoEvaluation(1);
        for (int k = 0; k < scenes.Count; k++)
        {
            evaluation.Add([.. scenes[k].Boxes], CenterNetPictures.Look(network, scenes[k].Image.ToRgb(), Side, Device.Cpu));
        }

        return evaluation.Summarize().At50;
    }

    private static ClaimPicture Picture(SmallStyleNetwork painter, IDataset<ImageExample> photos, Image[] styles,
        IDataset<ImageExample> art)
    {
        const int shown = 6, zoom = 2;
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        int count = Math.Min(shown, Math.Min(photos.Count, styles.Length));
        var content = Pixels(Enumerable.Range(0, count).Select(k => photos[k].Image));
        var painted = painter.Call(new StylePair(content, Pixels(styles.Take(count)))).Clamp(0, 1);
        IEnumerable<Image> cells =
        [
            .. Enumerable.Range(0, count).Select(k => photos[k].Image), .. Enumerable.Range(0, count).Select(k => painted[k].ToImage()),
            .. Enumerable.Range(0, count).Select(k => art[k].Image),
        ];
        var large = cells.Select(cell => cell.To8Bit().Resize(zoom * Side, zoom * Side, ResizeFilter.Nearest));
        return new ClaimPicture("Photos, the same in styles, and the art that is asked about",
            ImageGrid.Create([.. large], count).Encode(ImageFormat.Png));
    }
}
