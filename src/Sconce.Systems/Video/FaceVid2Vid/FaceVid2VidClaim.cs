using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// Keypoints in space move a head of which one picture is known, and are far fewer bits than pictures; 2011.15126's abstract, in small.
/// </summary>
internal sealed class FaceVid2VidClaim : Claim
{
    private const int Batch = 8, Side = ProceduralHead.Side, K = ProceduralHead.Landmarks;
    private const double Rate = 1e-3, MostYaw = 45, MostPitch = 20, Wide = 30, Share = 0.75, Times = 10;
    private const string Error = "L1", Bits = "bits a frame", WideError = "L1 beyond 30 degrees", Copy = "copy of the source",
        Space = "keypoints in space", Flat = "keypoints in the plane", Jpeg = "JPEG frames of equal PSNR", Coded = "coded keypoints";

    /// <inheritdoc/>
    public override string Statement =>
        "Keypoints in space, moved as a head moves, paint it from one picture, and take a tenth of the bits of the pictures or less.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, the painted views of heads that were not learned from differ by at most three quarters as much "
        + "(L1) from the true ones as the source picture does, and the coded keypoints of a clip of 100 frames take a tenth of the bits, "
        + "or less, of JPEG frames of the painted frames' PSNR. The same network with keypoints in the plane is told without a bound. "
        + "Undecided where a mean misses by less than its standard error.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its painter is given true landmarks, which a portrait of a person's own has not.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(8);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 3 : 300, identities = options.Quick ? 8 : 200, asked = options.Quick ? 4 : 64;
        var curves = new List<ClaimCurve>();
        var test = Views(asked, seed + 1000);
        using var space = Train(flat: false, Space, identities, steps, seed, curves, progress, cancellation);
        using var plane = Train(flat: true, Flat, identities, steps, seed, curves, progress, cancellation);
        var wide = test.Where(view => Math.Abs(view.To.Yaw) > Wide).ToList();
        var (jpeg, coded) = Bandwidth(space, seed, options.Quick ? 10 : 100);
        return new SeedResult(
        [
            new ClaimRow(Copy, Error, [test.Average(Copied)]),
            new ClaimRow(Flat, Error, [Differences(plane, test, flat: true)]),
            new ClaimRow(Space, Error, [Differences(space, test, flat: false)]) { IsMethod = true },
            new ClaimRow(Flat, WideError, [wide.Count == 0 ? 0 : Differences(plane, wide, flat: true)]),
            new ClaimRow(Space, WideError, [wide.Count == 0 ? 0 : Differences(space, wide, flat: false)]) { IsMethod = true },
            new ClaimRow(Jpeg, Bits, [jpeg]),
            new ClaimRow(Coded, Bits, [coded]) { IsMethod = true },
        ])
        {
            Curves = curves,
            Pictures = [Picture(space, test)],
            Configuration =
            [
                ("data", $"ellipsoids in random smooth colours, {Side} pixels, yaw to {MostYaw} and pitch to {MostPitch} degrees; "
                    + $"{identities} "
                    + $"heads to learn from, {asked} others; 8 true landmarks"),
                ("network", "motion field and painter of residual blocks: 8 keypoints, width 16, volume of 8 x 8 x 8"),
                ("training", $"{steps} steps of {Batch}, L1, Adam {Rate}"),
                ("bits", "differences of keypoints in steps of 1/128, arithmetic coding by counts; JPEG of the lowest quality "
                    + "whose PSNR is "
                    + "that of the painted frames or more, without its tables' length being counted apart"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<double> own = table[Space, Error], copy = table[Copy, Error], jpeg = table[Jpeg, Bits], coded = table[Coded, Bits];
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"L1 is {own.Average():0.000} painted and {copy.Average():0.000} copied, {table[Flat, Error].Average():0.000} in the plane; "
            + $"{coded.Average():0} bits a frame against {jpeg.Average():0}");
        return (ByMargins(
            own.Zip(copy, (painted, copied) => (Share * copied) - painted), jpeg.Zip(coded, (frames, points) => frames
                - (Times * points))), figures);
    }

    private static FaceGenerator Train(
        bool flat, string name, int identities, int steps, int seed, List<ClaimCurve> curves, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var network = new FaceGenerator(new FaceGeneratorConfig
        {
            Keypoints = K,
            Width = 16,
            MaxWidth = 64,
            VolumeChannels = 8,
            VolumeDepth = 8,
            Blocks = 2,
            IsSpade = false,
            Motion = new MotionFieldConfig { Width = 8, MaxWidth = 64, Levels = 3, Depth = 8, Compressed = 2 },
        });
        using var optimizer = new Adam(network.Parameters(), Rate);
        var random = new Random(seed);
        ProceduralHead[] heads = [.. Enumerable.Range(0, identities).Select(_ => new ProceduralHead(random))];
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            View[] views = [.. Enumerable.Range(0, Batch).Select(_ => View.Draw(heads[random.Next(heads.Length)], random))];
            optimizer.ZeroGrad();
            var loss = (Painted(network, views, flat) - Tensor.Stack([.. views.Select(view => view.Wanted())])).Abs().Mean();
            loss.Backward();
            optimizer.Step();
            losses.Add(loss.Item<double>());
            string said = string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}");
            if (step % 10 == 0) progress?.Report(new WorkProgress($"{name}, seed {seed}", step, steps, said));
        }

        curves.Add(new ClaimCurve("training loss", $"{name}, seed {seed}", [.. Enumerable.Range(1, steps).Select(step => (double)step)],
            losses));
        network.Eval();
        return network;
    }

    private static Tensor Painted(FaceGenerator network, IReadOnlyList<View> views, bool flat)
    {
        using var scope = new TensorScope();
        return scope.Keep(network.Call(
            Tensor.Stack([.. views.Select(view => view.Source())]),
            Points(views.Select(view => view.Head.Keypoints(view.To.Yaw, view.To.Pitch)), flat),
            Points(views.Select(view => view.Head.Keypoints(view.From.Yaw, view.From.Pitch)), flat)).Picture);
    }

    private static Keypoints Points(IEnumerable<float[]> heads, bool flat)
    {
        using var scope = new TensorScope();
        float[] all = [.. heads.SelectMany(points => points)];
        for (int k = 2; flat && k < all.Length; k += 3) all[k] = 0;
        return scope.Keep(new Keypoints(Tensor.From(all, [all.Length / (3 * K), K, 3])));
    }

    private static List<View> Views(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => View.Draw(new ProceduralHead(random), random))];
    }

    private static double Differences(FaceGenerator network, List<View> views, bool flat) => views.Average(view =>
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        return (Painted(network, [view], flat)[0] - view.Wanted()).Abs().Mean().Item<double>();
    });

    private static double Copied(View view)
    {
        using var scope = new TensorScope();
        return (view.Source() - view.Wanted()).Abs().Mean().Item<double>();
    }

    /// <summary>Bits a frame of JPEG at the PSNR of what is painted, and of the coded keypoints that it is painted from.</summary>
    private static (double Jpeg, double Coded) Bandwidth(FaceGenerator network, int seed, int frames)
    {
        const double step = 1.0 / 128;
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var head = new ProceduralHead(new Random(seed + 2000));
        View[] views =
        [
            .. Enumerable.Range(0, frames).Select(k =>
                new View(head, (0, 0), (MostYaw * Math.Sin(k / 15.0), MostPitch * Math.Sin(k / 11.0)))),
        ];
        byte[] motion = MotionCoding.Encode(
            views.Select(view => head.Keypoints(view.To.Yaw, view.To.Pitch)), [.. Enumerable.Repeat(step, 3 * K)]);
        double error = views.Average(view => SquaredError(Painted(network, [view], flat: false)[0], view.Wanted()));
        Image[] pictures = [.. views.Select(view => view.Wanted().ToImage())];
        int quality = Enumerable.Range(1, 100).First(quality => quality == 100 || pictures.Average(picture =>
            SquaredError(Image.Decode(picture.Encode(ImageFormat.Jpeg, quality), "frame").ToTensor(), picture.ToTensor())) <= error);
        return (8 * pictures.Average(picture => picture.Encode(ImageFormat.Jpeg, quality).Length), 8.0 * motion.Length / frames);
    }

    private static double SquaredError(Tensor one, Tensor other)
    {
        using var scope = new TensorScope();
        return ((one - other) * (one - other)).Mean().Item<double>();
    }

    private static ClaimPicture Picture(FaceGenerator network, List<View> views)
    {
        const int shown = 6, zoom = 3;
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var some = views.Take(shown).ToList();
        var painted = Painted(network, some, flat: false);
        IEnumerable<Tensor> cells =
            [.. some.Select(view => view.Source()), .. some.Select(view => view.Wanted()), .. Enumerable.Range(0, some.Count).Select(k =>
                painted[k])];
        var large = cells.Select(cell => cell.ToImage().Resize(zoom * Side, zoom * Side, ResizeFilter.Nearest));
        return new ClaimPicture("Sources, true views and painted ones", ImageGrid.Create([.. large], some.Count).Encode(ImageFormat.Png));
    }

    /// <summary>A head from one side, wanted from another.</summary>
    private sealed record View(ProceduralHead Head, (double Yaw, double Pitch) From, (double Yaw, double Pitch) To)
    {
        internal static View Draw(ProceduralHead head, Random random) => new(head, Angles(random), Angles(random));

        internal Tensor Source() => Head.Picture(From.Yaw, From.Pitch);

        internal Tensor Wanted() => Head.Picture(To.Yaw, To.Pitch);

        private static (double Yaw, double Pitch) Angles(Random random) =>
            (MostYaw * ((2 * random.NextDouble()) - 1), MostPitch * ((2 * random.NextDouble()) - 1));
    }
}
