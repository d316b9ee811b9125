using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>Style and structure as part of the reward, against the judge alone: 2101.09978 table IV, in small.</summary>
public sealed class GuiganClaim : Claim
{
    private const int Vocabulary = 1 + (MadeScreens.Apps * MadeScreens.Kinds), Length = 8, Real = 300, Batch = 32;
    private const int LikelihoodSteps = 35, JudgeFirst = 30, Iterations = 100, Rollouts = 2, JudgeSteps = 2, Asked = 400;
    private const string Full = "with style and structure", Plain = "judge alone", Begun = "before the game";
    private const string Style = "style", Structure = "structure", Distinct = "distinct screens";
    private const double StyleGain = 0.15, StructureGain = 0.05;

    /// <inheritdoc/>
    public override string Statement =>
        "Rewarding screens for style and structure besides looking real makes them more of one style and better built.";

    /// <inheritdoc/>
    public override string Rule =>
        "400 screens of a grammar's parts from the same beginnings. Holds if, in the mean over seeds, style (the share of the most "
        + "frequent app) is at least 0.15 and structure (1 less the normalised distance to the nearest legal skeleton) at least 0.05 "
        + "higher with both terms than with the judge alone. Undecided where a mean misses by less than its standard error, or with "
        + "one seed.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        var random = new Random(seed);
        var real = ScreenPainter.Padded([.. Enumerable.Range(0, Real).Select(_ => Screen(random))], Length);
        TorchRuntime.ManualSeed((ulong)seed);
        using var begun = Writer();
        using (var optimizer = new Adam(begun.Parameters(), 1e-2))
        {
            using var idle = new Rollout(begun);
            var game = new ScreenGame(begun, new Sequential(), idle, Length);
            for (int step = 0; step < (options.Quick ? 10 : LikelihoodSteps); step++) Learn(optimizer, () => game.Likelihood(Some(real)));
        }

        List<ClaimRow> rows = [.. Figures(begun, Begun)];
        List<ClaimCurve> curves = [];
        ClaimNetwork? kept = null;
        foreach (string arm in (string[])[Plain, Full])
        {
            TorchRuntime.ManualSeed((ulong)seed + 1);
            using var writer = Writer();
            using (Gradients.Off())
            {
                foreach (var (own, other) in writer.Parameters().Zip(begun.Parameters())) own.CopyInPlace(other);
            }

            double weight = arm == Full ? 1 : 0;
            curves.Add(Play(writer, real, weight, options.Quick ? 3 : Iterations, $"{arm}, seed {seed}", progress, cancellation));
            rows.AddRange(Figures(writer, arm));
            if (arm == Full) kept = KeptWriter.Of(writer, real, Length);
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", $"{Real} screens of {MadeScreens.Apps} apps and {MadeScreens.Kinds} kinds of parts: bar, items, bar"),
                ("generator", $"16 numbers a token, a state of 24; {LikelihoodSteps} steps of likelihood at 1e-2, deliberately few"),
                ("game", $"{Iterations} iterations, {Rollouts} roll-outs, Adam 5e-3; the judge {JudgeSteps} at 2e-3, {JudgeFirst} first"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (style, plainStyle) = (table[Full, Style], table[Plain, Style]);
        var (structure, plainStructure) = (table[Full, Structure], table[Plain, Structure]);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"style {plainStyle.Average():0.00} to {style.Average():0.00}, structure {plainStructure.Average():0.00} to "
            + $"{structure.Average():0.00}; {table[Full, Distinct].Average():0%} of the screens differ");
        if (table.Seeds < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        var verdict = ByMargins(
            style.Zip(plainStyle, (now, before) => now - before - StyleGain),
            structure.Zip(plainStructure, (now, before) => now - before - StructureGain));
        return (verdict, reason);
    }

    private static ClaimCurve Play(
        SubtreeGenerator writer, Tensor real, double weight, int iterations, string name, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var judge = new ScreenDiscriminator(Vocabulary, 16, [1, 2, 3, 4, 5], [16, 16, 16, 16, 16], dropout: 0.25);
        using Adam writing = new(writer.Parameters(), 5e-3), judging = new(judge.Parameters(), 2e-3);
        using var rollout = new Rollout(writer);
        var game = new ScreenGame(writer, judge, rollout, Length);
        for (int step = 0; step < JudgeFirst; step++) Learn(judging, () => game.Judging(Some(real), game.Written(Batch)));
        List<double> places = [], styles = [];
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var screens = game.Written(Batch);
            var rewards = game.Rewards(screens, Rollouts);
            float[] style = [.. Tokens(screens).Select(StyleOf)], structure = [.. Tokens(screens).Select(StructureOf)];
            var shaped = GuiganLosses.Shaped(rewards, Tensor.From(style), Tensor.From(structure), weight, weight);
            Learn(writing, () => game.Policy(screens, shaped));
            rollout.Update();
            for (int k = 0; k < JudgeSteps; k++) Learn(judging, () => game.Judging(Some(real), game.Written(Batch)));
            if (iteration % 5 != 0) continue;
            progress?.Report(new WorkProgress(name, iteration, iterations));
            places.Add(iteration);
            styles.Add(style.Average());
        }

        return new ClaimCurve("style of written screens", name, places, styles);
    }

    private static void Learn(Adam optimizer, Func<Tensor> loss)
    {
        using var scope = new TensorScope();
        optimizer.ZeroGrad();
        loss().Backward();
        optimizer.Step();
    }

    private static SubtreeGenerator Writer()
    {
        var writer = new SubtreeGenerator(Vocabulary, 16, 24);
        foreach (var parameter in writer.Parameters()) Init.Normal(parameter, 0.1);
        return writer;
    }

    private static int[] Screen(Random random)
    {
        int app = random.Next(MadeScreens.Apps);
        return [.. MadeScreens.Skeleton(random).Select(kind => 1 + (app * MadeScreens.Kinds) + kind)];
    }

    private static Tensor Some(Tensor real) => real.IndexSelect(0, Tensor.Randperm(Real, DType.Int64)[..Batch]);

    private static ClaimRow[] Figures(SubtreeGenerator writer, string arm)
    {
        using var scope = new TensorScope();
        var screens = Tokens(writer.Sample(Asked, Length));
        double distinct = screens.Select(screen => string.Join(' ', screen)).Distinct().Count() / (double)Asked;
        bool isMethod = arm == Full;
        return
        [
            new ClaimRow(arm, Style, [screens.Average(StyleOf)]) { IsMethod = isMethod },
            new ClaimRow(arm, Structure, [screens.Average(StructureOf)]) { IsMethod = isMethod },
            new ClaimRow(arm, Distinct, [distinct]) { IsMethod = isMethod },
        ];
    }

    private static List<int[]> Tokens(Tensor screens) =>
        [.. screens.ToArray<long>().Chunk(Length).Select(row => row.Where(token => token > 0).Select(token => (int)token - 1).ToArray())];

    private static float StyleOf(int[] parts) =>
        parts.Length == 0 ? 0 : (float)parts.CountBy(part => part / MadeScreens.Kinds).Max(app => app.Value) / parts.Length;

    private static float StructureOf(int[] parts)
    {
        var own = Kinds(parts.Select(part => part % MadeScreens.Kinds));
        return (float)MadeScreens.Skeletons
            .Max(legal => 1 - (own.DistanceTo(Kinds(legal)) / (double)Math.Max(parts.Length, legal.Length)));
    }

    private static OrderedTree<int> Kinds(IEnumerable<int> kinds) => new([(0, -1), .. kinds.Select(kind => (1, kind))]);
}
