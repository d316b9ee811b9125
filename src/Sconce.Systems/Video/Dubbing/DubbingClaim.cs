using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// Lips painted to speech, on people who were not learned from, against the same network that hears nothing and against the reference's
/// mouth; 2008.10010 and 2011.03530 in small.
/// </summary>
internal sealed class DubbingClaim : Claim
{
    private const int Batch = 32, Side = TalkingMouth.Side, MouthTop = 17, MouthBottom = 29;
    private const double Rate = 2e-3, Share = 0.7, Follows = 0.8, Deaf = 0.3;
    private const string Error = "L1 of the mouth", Fit = "correlation of the opening", Hearing = "with speech",
        NotHearing = "without speech",
        Copying = "the reference's mouth";

    /// <inheritdoc/>
    public override string Statement => "One network paints the lips of people whom it has never seen to what they say.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds and on people who were not learned from, the difference (L1) of the mouth is at most 0.7 of "
        + "that of the same network without speech, and the opening of the painted mouth correlates with the true one by 0.8 or more, "
        + "where "
        + "without speech it does by 0.3 or less. Undecided where a mean misses by less than its standard error.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its network hears made bands instead of sound, which no clip has.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 3 : 350, learned = options.Quick ? 6 : 80, asked = options.Quick ? 3 : 24;
        var random = new Random(seed);
        TalkingMouth[] train = [.. Enumerable.Range(0, learned).Select(_ => new TalkingMouth(random))];
        TalkingMouth[] test = [.. Enumerable.Range(0, asked).Select(_ => new TalkingMouth(random))];
        var curves = new List<ClaimCurve>();
        using var hearing = Train(true, Hearing, train, seed, steps, curves, progress, cancellation);
        using var deaf = Train(false, NotHearing, train, seed, steps, curves, progress, cancellation);
        var (own, fit) = Judge(test, (speech, faces) => hearing.Call(speech, faces));
        var (without, fitWithout) = Judge(test, (speech, faces) => deaf.Call(speech, faces));
        var (copied, _) = Judge(test, (_, faces) => faces.Narrow(1, 3, 3));
        return new SeedResult(
        [
            new ClaimRow(Copying, Error, [copied]),
            new ClaimRow(NotHearing, Error, [without]),
            new ClaimRow(Hearing, Error, [own]) { IsMethod = true },
            new ClaimRow(NotHearing, Fit, [fitWithout]),
            new ClaimRow(Hearing, Fit, [fit]) { IsMethod = true },
        ])
        {
            Curves = curves,
            Pictures = [Picture(hearing, test[0])],
            Configuration =
            [
                ("data", $"drawn mouths of {Side} pixels; {learned} people of {TalkingMouth.Frames} frames to learn from, {asked} others"),
                ("speech",
                    $"{TalkingMouth.Bands} bands of {TalkingMouth.Steps} steps that follow the opening, an offset a speaker, noise 0.1"),
                ("network", "four levels of 8 to 64 channels, a code of the speech, Wav2Lip's form"),
                ("training", $"{steps} steps of {Batch}, L1, Adam {Rate}"),
                ("mouth", "the box that a person's mouth fills when it is open widest"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<double> own = table[Hearing, Error], without = table[NotHearing, Error], fit = table[Hearing, Fit];
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"L1 of the mouth is {own.Average():0.000} with speech, {without.Average():0.000} without, "
            + $"{table[Copying, Error].Average():0.000} "
            + $"copied; the opening correlates by {fit.Average():0.00} and {table[NotHearing, Fit].Average():0.00}");
        return (ByMargins(
            own.Zip(without, (heard, unheard) => (Share * unheard) - heard),
            fit.Select(value => value - Follows),
            table[NotHearing, Fit].Select(value => Deaf - value)), figures);
    }

    private static SmallLipNetwork Train(
        bool hears, string name, TalkingMouth[] people, int seed, int steps, List<ClaimCurve> curves, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var network = new SmallLipNetwork(hears);
        using var optimizer = new Adam(network.Parameters(), Rate);
        var random = new Random(seed);
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var pairs = Enumerable.Range(0, Batch).Select(_ =>
            {
                var person = people[random.Next(people.Length)];
                int frame = random.Next(TalkingMouth.Frames), other =
                    (frame + 1 + random.Next(TalkingMouth.Frames - 1)) % TalkingMouth.Frames;
                return (Frame: person.All[frame], Reference: person.All[other]);
            }).ToList();
            optimizer.ZeroGrad();
            var loss = (network.Call(Speech(pairs), Faces(pairs)) - Pictures(pairs.Select(pair => pair.Frame))).Abs().Mean();
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

    /// <summary>The mean difference inside each person's mouth, and how the dark area follows the true one, in the mean over
    /// people.</summary>
    private static (double Error, double Fit) Judge(TalkingMouth[] people, Func<Tensor, Tensor, Tensor> paint)
    {
        double error = 0, fit = 0;
        foreach (var person in people)
        {
            using var scope = new TensorScope();
            using var off = Gradients.Off();
            // The reference is another moment: half of the clip away.
            var pairs = Enumerable.Range(0, TalkingMouth.Frames)
                .Select(k => (Frame: person.All[k], Reference: person.All[(k + (TalkingMouth.Frames / 2)) % TalkingMouth.Frames])).ToList();
            Tensor painted = paint(Speech(pairs), Faces(pairs)), truth = Pictures(pairs.Select(pair => pair.Frame));
            var box = person.Mouth;
            var mouth = (painted - truth).Abs()[.., .., box.Top..box.Bottom, box.Left..box.Right];
            error += mouth.Mean().Item<double>() / people.Length;
            fit += Correlation(Openings(painted), Openings(truth)) / people.Length;
        }

        return (error, fit);
    }

    /// <summary>How much of each picture is darker than lips and skin.</summary>
    private static float[] Openings(Tensor pictures)
    {
        using var scope = new TensorScope();
        return (0.3 - pictures.Mean([1])[.., MouthTop..MouthBottom]).Relu().Sum([1, 2]).ToArray<float>();
    }

    private static double Correlation(float[] one, float[] other)
    {
        double meanOne = one.Average(), meanOther = other.Average();
        double product = one.Zip(other, (a, b) => (a - meanOne) * (b - meanOther)).Sum();
        double scale = Math.Sqrt(one.Sum(a => (a - meanOne) * (a - meanOne)) * other.Sum(b => (b - meanOther) * (b - meanOther)));
        return scale > 1e-12 ? product / scale : 0;
    }

    private static Tensor Pictures(IEnumerable<MouthFrame> frames)
    {
        float[] all = [.. frames.SelectMany(frame => frame.Planes)];
        return Tensor.From(all, [all.Length / (3 * Side * Side), 3, Side, Side]);
    }

    private static Tensor Speech(IReadOnlyList<(MouthFrame Frame, MouthFrame Reference)> pairs) => Tensor.From(
        pairs.SelectMany(pair => pair.Frame.Speech).ToArray(), [pairs.Count, 1, TalkingMouth.Bands, TalkingMouth.Steps]);

    /// <summary>The frame without its lower half, and the reference.</summary>
    private static Tensor Faces(IReadOnlyList<(MouthFrame Frame, MouthFrame Reference)> pairs)
    {
        using var scope = new TensorScope();
        var masked = Pictures(pairs.Select(pair => pair.Frame));
        masked.FillInPlace(0, .., .., (Side / 2)..);
        return scope.Keep(Tensor.Cat([masked, Pictures(pairs.Select(pair => pair.Reference))], 1));
    }

    private static ClaimPicture Picture(SmallLipNetwork network, TalkingMouth person)
    {
        const int shown = 8, zoom = 3;
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var pairs = Enumerable.Range(0, shown).Select(k => (Frame: person.All[2 * k], Reference: person.All[(2 * k) + 8])).ToList();
        var painted = network.Call(Speech(pairs), Faces(pairs));
        var truth = Pictures(pairs.Select(pair => pair.Frame));
        var cells = Enumerable.Range(0, shown).Select(k => truth[k]).Concat(Enumerable.Range(0, shown).Select(k => painted[k]))
            .Select(cell => cell.ToImage().Resize(zoom * Side, zoom * Side, ResizeFilter.Nearest));
        return new ClaimPicture("True frames, and those painted to their speech",
            ImageGrid.Create([.. cells], shown).Encode(ImageFormat.Png));
    }
}
