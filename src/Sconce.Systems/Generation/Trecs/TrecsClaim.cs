using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>Scenes composed by where the mouse was, against retrieval by words alone: 2011.03775 §5, on the canvas and in small.</summary>
public sealed class TrecsClaim : Claim
{
    private const int Known = 800, Asked = 150, Steps = 300, PainterSteps = 150, PainterBatch = 8, Batch = 32, Longest = 20,
        Shown = 6, Cell = 96;
    private const string Grounded = "composed by traces", First = "first retrieved scene", Shuffled = "traces of other words";
    private const string Chance = "any scene";
    private const string Overlap = "mean overlap of classes", Accuracy = "pixels that are right";
    private const double Margin = 0.15;

    /// <inheritdoc/>
    public override string Statement =>
        "Where the mouse was while each word was spoken makes a composed scene match the described one far better than its words alone do.";

    /// <inheritdoc/>
    public override string Rule =>
        "150 new narratives of small scenes. Holds if, on every seed, the mean intersection over union of the classes that are there is at "
        + "least 0.15 above both that of the first retrieved scene and that of the same composition with traces shuffled among words. "
        + "Undecided with fewer than 3 seeds.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (known, asked, steps) = options.Quick ? (60, 10, 10) : (Known, Asked, Steps);
        var random = new Random(seed);
        List<DescribedScene> scenes = [.. Enumerable.Range(0, known).Select(_ => TinyWorld.Draw(random))];
        List<DescribedScene> unseen = [.. Enumerable.Range(0, asked).Select(_ => TinyWorld.Draw(random))];
        TorchRuntime.ManualSeed((ulong)seed);
        var world = TrecsWorld.Made(1, 0) with { Scenes = [.. scenes, .. unseen] };
        string[] words = [.. TinyWorld.Words];
        using var model = new TrecsModel(new WordNumbers(words).Count, TinyWorld.Labels, TinyWorld.Side, Longest);
        using var composer = new GroundedComposer(model, world, words, [.. Enumerable.Range(0, known)]);
        List<double> tagging = [], retrieving = [];
        using Adam first = new(model.Tagger.Parameters(), 2e-3), second = new(model.Encoder.Parameters(), 2e-3);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var rows = Tensor.Randperm(known, DType.Int64)[..Math.Min(Batch, known)];
            double tag = Step(first, () => composer.Tagging(rows)), find = Step(second, () => composer.Finding(rows));
            if (step % 10 != 0) continue;
            progress?.Report(new WorkProgress($"learning, seed {seed}", step, steps));
            tagging.Add(tag);
            retrieving.Add(find);
        }

        var found = composer.Retrieve([.. unseen.Select(one => one.Narrative)]);
        var canvases = new OrderedDictionary<string, List<int[]>>
        {
            [Grounded] = [],
            [First] = [],
            [Shuffled] = [],
            [Chance] = [],
        };
        foreach (var (k, one) in unseen.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if (k % 10 == 0) progress?.Report(new WorkProgress($"composing, seed {seed}", k, asked));
            var retrieved = found[k];
            int[] order = [.. Enumerable.Range(0, one.Narrative.Utterances.Count)];
            random.Shuffle(order);
            canvases[Grounded].Add(composer.Compose(one.Narrative, retrieved));
            canvases[First].Add(retrieved[0].Labels);
            canvases[Shuffled].Add(composer.Compose(one.Narrative, retrieved, order));
            canvases[Chance].Add(scenes[random.Next(scenes.Count)].Scene.Labels);
        }

        ClaimNetwork? kept = null;
        if (seed == options.FirstSeed)
        {
            LearnToPaint(model, known, (ulong)seed, options.Quick ? 20 : PainterSteps, step =>
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("learning to paint", step, PainterSteps));
            });
            var contract = new TrecsContract(words, TinyWorld.Labels, TinyWorld.Side, Longest, null, known, (ulong)seed);
            kept = ClaimNetwork.Of(
                TrecsSystem.SmallName, model, files: new Dictionary<string, byte[]> { [TrecsContract.FileName] = contract.Content() });
        }

        double[] places = [.. tagging.Select((_, k) => 10.0 * k)];
        return new SeedResult([.. canvases.SelectMany(arm => Figures(arm.Key, arm.Value, unseen))])
        {
            Curves =
            [
                new ClaimCurve("losses", $"tagger, seed {seed}", places, tagging),
                new ClaimCurve("losses", $"dual encoder, seed {seed}", places, retrieving),
            ],
            Network = kept,
            Pictures =
            [
                new ClaimPicture("described, composed by traces, first retrieved", Grid(unseen, canvases[Grounded], canvases[First])),
            ],
            Configuration =
            [
                ("data", $"scenes of 32 x 32 with two grounds and two or three things: {known} to learn, {asked} new"),
                ("tagger", "two layers of 64; tags by each word's hull and the label most of whose pixels lie in it"),
                ("retrieval", $"a dual encoder of 32 numbers, margin 0.3, scale 20; {GroundedComposer.Retrieved} scenes"),
                ("training", $"Adam 2e-3, {steps} steps of 32 for both"),
                ("painter", "of the network that is kept alone, by the difference of pixels; the rule asks nothing of it"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (grounded, first, shuffled) = (table[Grounded, Overlap], table[First, Overlap], table[Shuffled, Overlap]);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"mean overlap {grounded.Average():0.00} by traces, {first.Average():0.00} of the first retrieved, {shuffled.Average():0.00} "
            + $"with traces shuffled, {table[Chance, Overlap].Average():0.00} by chance");
        if (table.Seeds < 3) return (Verdict.Undecided, $"the rule asks for 3 seeds: {reason}");
        bool holds = grounded.Zip(first).All(pair => pair.First >= pair.Second + Margin)
            && grounded.Zip(shuffled).All(pair => pair.First >= pair.Second + Margin);
        return (holds ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    private static ClaimRow[] Figures(string arm, List<int[]> canvases, List<DescribedScene> unseen)
    {
        var pairs = canvases.Zip(unseen, (canvas, one) => (Canvas: canvas, Truth: one.Scene.Labels)).ToList();
        bool isMethod = arm == Grounded;
        return
        [
            new ClaimRow(arm, Overlap, [pairs.Average(pair => GroundedComposer.Overlap(pair.Canvas, pair.Truth))]) { IsMethod = isMethod },
            new ClaimRow(arm, Accuracy, [pairs.Average(pair => RightOf(pair.Canvas, pair.Truth))]) { IsMethod = isMethod },
        ];
    }

    /// <summary>The network that is kept paints what it composes, too: <see cref="TrecsWorld.Made"/> draws the same scenes again.</summary>
    private static void LearnToPaint(TrecsModel model, int known, ulong seed, int steps, Action<int> stepped)
    {
        var world = TrecsWorld.Made(known, seed);
        using var optimizer = new Adam(model.Painter.Parameters(), 2e-3, 0.5, 0.99);
        model.Painter.Train();
        for (int step = 0; step < steps; step++)
        {
            stepped(step);
            using var scope = new TensorScope();
            long[] rows = Tensor.Randperm(known, DType.Int64)[..Math.Min(PainterBatch, known)].ToArray<long>();
            var maps = world.Maps([.. rows.Select(row => world.Scenes[(int)row].Scene.Labels)]);
            var pictures = Tensor.Stack([.. rows.Select(row => (world.Pictures[(int)row].ToTensor() * 2) - 1)]);
            Step(optimizer, () => (model.Painter.Call(maps) - pictures).Abs().Mean());
        }
    }

    private static double Step(Adam optimizer, Func<Tensor> loss)
    {
        optimizer.ZeroGrad();
        var value = loss();
        value.Backward();
        optimizer.Step();
        return value.Item<double>();
    }

    private static double RightOf(int[] canvas, int[] truth) => canvas.Zip(truth, (own, other) => own == other ? 1.0 : 0).Average();

    private static byte[] Grid(List<DescribedScene> unseen, List<int[]> grounded, List<int[]> first)
    {
        int count = Math.Min(Shown, unseen.Count);
        var rows = unseen.Take(count).Select(one => one.Scene.Labels).Concat(grounded.Take(count)).Concat(first.Take(count));
        return ImageGrid.Create(rows.Select(Picture), count).Encode(ImageFormat.Png);
    }

    private static Image Picture(int[] labels) =>
        TrecsWorld.Coloured(labels, TinyWorld.Side).Resize(Cell, Cell, ResizeFilter.Nearest);
}
