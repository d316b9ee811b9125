using Sconce.Tables;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>Rows to train on or to watch.</summary>
/// <param name="Features">Prepared columns.</param>
/// <param name="Targets">A number a row; of classes 0, 1, ….</param>
public sealed record TreeRows(FeatureMatrix Features, IReadOnlyList<double> Targets);

/// <summary>Learns gradient-boosted trees, or a forest.</summary>
public static class TreeTraining
{
    /// <summary>Boosting: every tree corrects the sum of those before it.</summary>
    /// <param name="rows">What is learnt.</param>
    /// <param name="target">What is answered.</param>
    /// <param name="classes">How many, where classes are answered.</param>
    /// <param name="settings">How trees are grown.</param>
    /// <param name="validation">Rows that say when to end; the best round's trees are kept. None: all rounds.</param>
    /// <param name="progress">Told every round.</param>
    /// <param name="cancellation">Ends it between two trees.</param>
    /// <exception cref="ArgumentException">A setting out of range, no rows, targets that are not classes or not finite, another number of
    /// them.</exception>
    public static TreeEnsemble Boost(
        TreeRows rows, TreeTarget target, TreeSettings settings, int classes = 2, TreeRows? validation = null,
            IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        Verify(rows, target, settings, classes);
        if (validation is not null) Verify(validation, target, settings, classes);
        var loss = TreeLoss.Of(target, classes);
        double[] targets = [.. rows.Targets], baseline = loss.Baseline(targets), raw = Spread(baseline, targets.Length);
        var table = new BinnedTable(rows.Features, settings);
        var grower = new TreeGrower(table, settings, loss.ConstantHessian);
        var draw = new Draw(settings, table);
        var watch = validation is null ? null : new Watch(loss, validation, baseline, settings.Patience);
        var gradients = new Gradient[targets.Length];
        var trees = new List<DecisionTree>();
        for (int round = 0; round < settings.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            // All classes' trees of a round begin from the same predictions.
            double[] before = loss.Outputs > 1 ? [.. raw] : raw;
            for (int output = 0; output < loss.Outputs; output++)
            {
                loss.Derive(before, targets, output, gradients);
                var sample = draw.Rows();
                int column = output, outputs = loss.Outputs;
                bool whole = sample.Length == targets.Length;
                var tree = grower.Grow(gradients, sample, draw.Features(), settings.LearningRate, whole ? Place : null);
                if (!whole) AddOutside(tree, rows.Features, raw, column, outputs, settings.Workers);
                trees.Add(tree);
                watch?.Add(tree, column);

                void Place(ReadOnlyMemory<int> members, double value)
                {
                    foreach (int row in members.Span) raw[(row * outputs) + column] += value;
                }
            }

            progress?.Report(new WorkProgress("trees", round + 1, settings.Rounds, watch?.Said ?? ""));
            if (watch?.Ends(round) == true) break;
        }

        if (watch is not null) trees.RemoveRange((watch.Best + 1) * loss.Outputs, trees.Count - ((watch.Best + 1) * loss.Outputs));
        return Ensemble(rows, target, baseline, [.. trees]);
    }

    /// <summary>
    /// A forest: each tree learns the targets themselves on rows drawn with replacement and on a share of the features, and their mean
    /// answers. Of classes,
    /// the leaves hold shares and <see cref="TreeTarget.Number"/> is answered: one forest a class, or the share of class 1.
    /// </summary>
    /// <param name="rows">What is learnt; targets are numbers, or 0 and 1.</param>
    /// <param name="settings">How trees are grown; learning rate and patience do not count.</param>
    /// <param name="progress">Told every tree.</param>
    /// <param name="cancellation">Ends it between two trees.</param>
    public static TreeEnsemble Forest(TreeRows rows, TreeSettings settings, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Verify(rows, TreeTarget.Number, settings, 1);
        double mean = rows.Targets.Average();
        var table = new BinnedTable(rows.Features, settings);
        var grower = new TreeGrower(table, settings, constantHessian: true);
        var draw = new Draw(settings, table);
        Gradient[] gradients = [.. rows.Targets.Select(target => new Gradient((float)(mean - target), 1))];
        var trees = new DecisionTree[settings.Rounds];
        for (int round = 0; round < trees.Length; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            trees[round] = grower.Grow(gradients, draw.Bootstrap(), draw.Features(), 1.0 / settings.Rounds, null);
            progress?.Report(new WorkProgress("trees", round + 1, settings.Rounds, ""));
        }

        return Ensemble(rows, TreeTarget.Number, [mean], trees);
    }

    private static TreeEnsemble Ensemble(TreeRows rows, TreeTarget target, double[] baseline, DecisionTree[] trees) => new(
        target, [.. rows.Features.Columns.Select(column => column.Name)], [.. rows.Features.Columns.Select(column => column.Kinds)],
            baseline, trees);

    private static double[] Spread(double[] baseline, int rows)
    {
        var raw = new double[rows * baseline.Length];
        for (int k = 0; k < raw.Length; k++) raw[k] = baseline[k % baseline.Length];
        return raw;
    }

    private static void AddOutside(DecisionTree tree, FeatureMatrix features, double[] raw, int column, int outputs, int workers) =>
        Parallel.For(0, features.Rows, new ParallelOptions { MaxDegreeOfParallelism = workers }, () => new double[features.Columns.Count],
            (row, _, values) =>
        {
            features.CopyRow(row, values);
            raw[(row * outputs) + column] += tree.ValueOf(values);
            return values;
        }, _ => { });

    private static void Verify(TreeRows rows, TreeTarget target, TreeSettings settings, int classes)
    {
        ArgumentNullException.ThrowIfNull(rows);
        settings.Verify();
        if (rows.Features.Rows == 0 || rows.Features.Columns.Count == 0)
        {
            throw new ArgumentException(
                $"trees: a table of {rows.Features.Rows} rows and {rows.Features.Columns.Count} features has nothing to learn from");
        }
        if (rows.Targets.Count != rows.Features.Rows)
        {
            throw new ArgumentException($"trees: {rows.Targets.Count} targets for {rows.Features.Rows} rows");
        }
        if (target == TreeTarget.TwoClasses && classes != 2) throw new ArgumentException($"trees: {classes} classes are not two");
        if (target == TreeTarget.Classes && classes is < 2 or > 1000) throw new ArgumentException($"trees: {classes} classes; 2 to 1,000");
        for (int row = 0; row < rows.Targets.Count; row++)
        {
            double value = rows.Targets[row];
            bool right = target == TreeTarget.Number ? double.IsFinite(value) : value >= 0 && value < classes && value == Math.Floor(value);
            if (!right)
            {
                throw new ArgumentException(
                    $"trees: the target of row {row} is {value}, which is {(target == TreeTarget.Number ? "no finite number" : $"no " +
                        $"class from 0 to {classes - 1}")}");
            }
        }

        foreach (var column in rows.Features.Columns.Where(column => column.Kinds > FeatureBins.MostKinds))
        {
            throw new ArgumentException(
                $"trees: the column '{column.Name}' has {column.Kinds} kinds; {FeatureBins.MostKinds} are the most: join the rarest");
        }
    }

    /// <summary>Rows and features of each tree.</summary>
    private sealed class Draw(TreeSettings settings, BinnedTable table)
    {
        private readonly Random random = new(settings.Seed);
        private readonly int[] all = [.. Enumerable.Range(0, table.Rows)];

        internal int[] Rows()
        {
            if (settings.RowFraction == 1) return all;
            int count = Math.Max(1, (int)Math.Round(settings.RowFraction * all.Length));
            int[] drawn = [.. all];
            for (int k = 0; k < count; k++)
            {
                int other = random.Next(k, drawn.Length);
                (drawn[k], drawn[other]) = (drawn[other], drawn[k]);
            }

            Array.Sort(drawn, 0, count);
            return drawn[..count];
        }

        internal int[] Bootstrap()
        {
            int[] drawn = [.. all.Select(_ => random.Next(all.Length))];
            Array.Sort(drawn);
            return drawn;
        }

        internal bool[] Features()
        {
            var used = new bool[table.Bins.Length];
            if (settings.FeatureFraction == 1)
            {
                Array.Fill(used, true);
                return used;
            }

            int[] order = [.. Enumerable.Range(0, used.Length)];
            random.Shuffle(order);
            foreach (int feature in order.Take(Math.Max(1, (int)Math.Round(settings.FeatureFraction * used.Length)))) used[feature] = true;
            return used;
        }
    }

    /// <summary>The loss on rows that are not learnt from.</summary>
    private sealed class Watch(TreeLoss loss, TreeRows rows, double[] baseline, int patience)
    {
        private readonly double[] raw = Spread(baseline, rows.Targets.Count), targets = [.. rows.Targets];
        private double least = double.PositiveInfinity;

        internal int Best { get; private set; }

        internal string Said { get; private set; } = "";

        internal void Add(DecisionTree tree, int output) => AddOutside(tree, rows.Features, raw, output, loss.Outputs, 1);

        internal bool Ends(int round)
        {
            double now = loss.Mean(raw, targets);
            Said = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"loss {now:0.0000}");
            if (now < least) (least, Best) = (now, round);
            return patience > 0 && round - Best >= patience;
        }
    }
}
