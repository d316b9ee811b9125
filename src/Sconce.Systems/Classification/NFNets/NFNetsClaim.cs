using System.Globalization;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Data.Procedural;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>Adaptive gradient clipping against none, at learning rates from modest to wild, on one small NFNet; 2102.06171 figure 2 in
/// small.</summary>
public sealed class NFNetsClaim : Claim
{
    private const double Chance = 0.1;
    private const int Batch = 64;
    private static readonly IReadOnlyList<(double Rate, bool Clip)> Runs =
        [.. from rate in (double[])[0.1, 0.8, 3.2] from clip in (bool[])[true, false] select (rate, clip)];

    /// <inheritdoc/>
    public override string Statement =>
        "Adaptive gradient clipping keeps a normalizer-free net trainable at learning rates where the same net without it diverges.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, at learning rates 0.8 and 3.2, every seed with clipping reaches a test accuracy of 0.9 (0.3 on photographs) " +
        "and every seed without it diverges or stays at 0.3 " +
        "(0.15 on photographs) or below; a run that diverged counts as chance, 0.1. Does not hold if the means miss these bounds; "
        + "undecided if only single seeds do. Rate 0.1 is shown, not judged. Photographs get three times the steps, in both arms.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override string DataFormat =>
        "a folder of ten classes of 32x32 photographs in CIFAR-10's binary layout: train.bin and test.bin (records of a label byte and "
        + "3,072 bytes of planar RGB) and labels.txt, or the original's own files";

    /// <summary>The NFNet block in a net of four stages of two: 16x16 pixels become 1x1.</summary>
    public static NFNetConfig SmallNet { get; } = new([2, 2, 2, 2], [32, 48, 64, 96])
    {
        Stem = NFNetStem.Conv3,
        StemChannels = 16,
        GroupSize = 16,
        SqueezeExciteRatio = 0.5,
        BottleneckRatio = 0.5,
        FinalChannels = 128,
        GammaInActivation = true,
        Padding = MapPadding.Same,
        SkipInit = true,
        Activation = Nonlinearity.Gelu,
        Classes = GratingTextures.Classes,
    };

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "nfnets_claim", ClaimClassifier.Standardized(16), GratingTextures.Classes, classes =>
            new NFNet(SmallNet with { Classes = classes }));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 4 : options.Data is null ? 150 : 450;
        var photographs = options.Data is { } folder ? ReadPhotographs(folder) : null;
        ClaimNetwork? kept = null;
        var rows = new List<ClaimRow>();
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        var data = photographs is null ? Textures(seed, options.Quick) : Photographs(photographs, options.Quick);
        int done = 0, total = Runs.Count * steps;
        foreach (var run in Runs)
        {
            string name = $"{Arm(run)}, seed {seed}";
            var losses = new List<double>();
            progress?.Report(new WorkProgress(name, done, total));
            double accuracy = Train(data, run.Rate, run.Clip, seed, steps, losses, (step, loss) =>
                progress?.Report(new WorkProgress(name, done + step, total,
                    string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}"))),
                network => kept = run.Clip ? ClaimNetwork.Of(Network.Name, network, data.Preprocessing, photographs?.Names) : kept,
                    cancellation);
            done += steps;
            rows.Add(new ClaimRow(Arm(run), "test accuracy", [accuracy]) { IsMethod = run.Clip });
            curves.Add(ClassifierTrial.Curve(name, losses));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Pictures = [Examples(photographs)],
            Configuration =
            [
                ("data", photographs is null ? "4,096 + 1,024 gratings of 16x16 in 10 classes"
                    : $"{photographs.Train.Count} + {photographs.Test.Count} photographs of 32x32 from {options.Data}"),
                ("network", $"NFNet blocks, depths {string.Join(", ", SmallNet.Depths)}, widths {string.Join(", ", SmallNet.Channels)}"),
                ("training", $"{steps} steps of {Batch}, a tenth of them warm-up, cosine, Nesterov 0.9, smoothing 0.1, no decay"),
                ("clipping", "0.01, classifier's weight left out"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<(double Rate, bool Clip), List<double>> values,
        double learned, double lost)
    {
        var judged = values.Where(entry => entry.Key.Rate > 0.5).ToList();
        string figures = string.Join("; ", judged.Select(entry => $"{Arm(entry.Key)}: {string.Join(", ", entry.Value.Select(Text))}"));
        bool every = judged.All(entry => entry.Value.All(value => Meets(entry.Key.Clip, Counted(value))));
        bool means = judged.All(entry => Meets(entry.Key.Clip, entry.Value.Average(Counted)));
        return (every ? Verdict.Holds : means ? Verdict.Undecided : Verdict.DoesNotHold, figures);

        bool Meets(bool clip, double accuracy) => clip ? accuracy >= learned : accuracy <= lost;
        static double Counted(double value) => double.IsNaN(value) ? Chance : value;
        static string Text(double value) => double.IsNaN(value) ? "diverged" : value.ToString("0.000", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        var accuracy = table.ByArm("test accuracy");
        var values = Runs.ToDictionary(run => run, run => accuracy[Arm(run)]);
        return options.Data is null ? Judge(values, learned: 0.9, lost: 0.3) : Judge(values, learned: 0.3, lost: 0.15);
    }

    private static string Arm((double Rate, bool Clip) run) =>
        string.Create(CultureInfo.InvariantCulture, $"{(run.Clip ? "AGC" : "no clipping")}, lr {run.Rate}");

    /// <summary>One run: the test accuracy, or NaN where the loss stopped being a number.</summary>
    private static double Train(Split data, double rate, bool clip, int seed, int steps, List<double> losses, Action<int, double> report,
        Action<NFNet> keep, CancellationToken cancellation)
    {
        using var random = Generator.Default();
        random.Seed((ulong)seed);
        using var network = new NFNet(SmallNet with { Classes = data.Classes });
        using var optimizer = new NFNetOptimizer(network, rate, clip ? 0.01 : null, weightDecay: 0);
        using var order = new Generator((ulong)seed + 1000);
        int warmUp = Math.Max(1, steps / 10), count = (int)data.TrainLabels.Size(0), next = count;
        var schedule = LearningRateSchedule.Cosine(rate, steps - warmUp);
        long[] places = [];
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            if (next + Batch > count)
            {
                places = Tensor.Randperm(count, order, DType.Int64).ToArray<long>();
                next = 0;
            }

            var batch = Tensor.From(places.AsSpan(next, Math.Min(Batch, count)));
            next += Batch;
            // The official warm-up reaches the peak where the cosine begins.
            optimizer.Sgd.LearningRate = step < warmUp ? rate * step / warmUp : schedule.At(step - warmUp);
            optimizer.ZeroGrad();
            var loss = MixedCrossEntropy.Compute(network.Call(data.TrainPictures[batch]), data.TrainLabels[batch]);
            double value = loss.Item<double>();
            losses.Add(value);
            if (!double.IsFinite(value)) return double.NaN;
            loss.Backward();
            optimizer.Step();
            if (step % 10 == 0) report(step, value);
        }

        optimizer.ZeroGrad();
        keep(network);
        return Accuracy(network, data, cancellation);
    }

    private static double Accuracy(NFNet network, Split data, CancellationToken cancellation)
    {
        using var noGrad = Gradients.Off();
        network.Eval();
        long right = 0, count = data.TestLabels.Size(0);
        for (long start = 0; start < count; start += 256)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var part = TensorIndex.Slice(start, Math.Min(count, start + 256));
            var logits = network.Call(data.TestPictures[part]);
            if (!logits.Isfinite().All().Item<bool>()) return double.NaN;
            right += logits.Argmax(-1).Eq(data.TestLabels[part]).Sum().Item<long>();
        }

        return (double)right / count;
    }

    private static Split Textures(int seed, bool quick)
    {
        using var generator = new Generator((ulong)seed);
        var textures = new GratingTextures();
        var (train, trainLabels) = textures.Sample(quick ? 256 : 4096, generator);
        var (test, testLabels) = textures.Sample(quick ? 64 : 1024, generator);
        return new Split(train, trainLabels, test, testLabels, GratingTextures.Classes, ClaimClassifier.Standardized(16));
    }

    private static Split Photographs(CifarBinary photographs, bool quick)
    {
        var (train, trainLabels) = photographs.Train.ToTensors();
        var (test, testLabels) = photographs.Test.ToTensors();
        var mean = train.Mean([0, 2, 3], keepdim: true);
        var deviation = train.Std([0, 2, 3], unbiased: false, keepdim: true).ClampMin(1e-6);
        var own = new ImagePreprocessing((int)train.Size(3), mean.ToArray<float>(), deviation.ToArray<float>()) { CropFraction = 1 };
        train.SubInPlace(mean).DivInPlace(deviation);
        test.SubInPlace(mean).DivInPlace(deviation);
        if (quick) (test, testLabels) = (test[..Math.Min(64, photographs.Test.Count)], testLabels[..Math.Min(64, photographs.Test.Count)]);
        return new Split(train, trainLabels, test, testLabels, photographs.Names.Count, own);
    }

    private static CifarBinary ReadPhotographs(string folder)
    {
        var photographs = CifarBinary.Read(folder);
        if (photographs.Names.Count != GratingTextures.Classes)
            throw new InvalidDataException(
                $"{folder}: {photographs.Names.Count} classes, but the claim's bounds are for {GratingTextures.Classes}");
        if (photographs.Train.Count < Batch)
            throw new InvalidDataException($"{folder}: {photographs.Train.Count} training pictures do not fill one batch of {Batch}");
        return photographs;
    }

    private static ClaimPicture Examples(CifarBinary? photographs)
    {
        using var scope = new TensorScope();
        using var generator = new Generator(0);
        const int shown = 20;
        var pictures = photographs is null ? (new GratingTextures().Sample(shown, generator).Pictures / 6)
            + 0.5 : photographs.Train.ToTensors().Pictures[..Math.Min(shown, photographs.Train.Count)];
        var grid = ImageGrid.Create(pictures.Unbind().Select(picture => picture.ToImage()), columns: 10);
        return new ClaimPicture("Training pictures", grid.Encode(ImageFormat.Png));
    }

    private sealed record Split(Tensor TrainPictures, Tensor TrainLabels, Tensor TestPictures, Tensor TestLabels, int Classes,
        ImagePreprocessing Preprocessing);
}
