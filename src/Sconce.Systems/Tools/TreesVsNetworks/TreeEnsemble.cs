using Sconce.Tables;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>How much a feature did in an ensemble.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Gain">Its share of all that splits took off the loss, in [0, 1]; all features' sum is 1 where anything was split.</param>
/// <param name="Splits">How often it decides.</param>
public sealed record FeatureImportance(string Feature, double Gain, int Splits);

/// <summary>
/// Trained trees: a baseline and the sum of trees (boosting), or their mean (a forest). Safe to ask from several threads.
/// </summary>
public sealed class TreeEnsemble
{
    private const int Block = 64;
    private readonly DecisionTree[] trees;

    internal TreeEnsemble(TreeTarget target, IReadOnlyList<string> features, IReadOnlyList<int> kinds, double[] baseline,
        DecisionTree[] trees)
    {
        (Target, Features, Kinds, Baseline, this.trees) = (target, features, kinds, baseline, trees);
    }

    /// <summary>What is answered.</summary>
    public TreeTarget Target { get; }

    /// <summary>The features' names in the order of the columns.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>How many kinds each feature has; 0 for numbers.</summary>
    public IReadOnlyList<int> Kinds { get; }

    /// <summary>What every prediction begins with, one an output.</summary>
    public IReadOnlyList<double> Baseline { get; }

    /// <summary>Numbers a row: 1, or one a class.</summary>
    public int Outputs => Baseline.Count;

    /// <summary>Trees in all; of several outputs, in turn.</summary>
    public int Count => trees.Length;

    internal IReadOnlyList<DecisionTree> Trees => trees;

    /// <summary>Raw predictions row by row: numbers, log odds of the second class, or logits of each class.</summary>
    /// <param name="features">The same columns in the same order as in training.</param>
    /// <param name="rounds">Only the first; all where left out.</param>
    /// <param name="threads">0 for all cores.</param>
    /// <exception cref="ArgumentException">Other columns.</exception>
    public double[] Raw(FeatureMatrix features, int? rounds = null, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (!features.Columns.Select(column => column.Name).SequenceEqual(Features))
        {
            throw new ArgumentException(
                $"the trees know the columns {string.Join(", ", Features.Take(8))}, not {string.Join(", " +
                    "", features.Columns.Take(8).Select(column =>
                        column.Name))}: prepare the table with the preparation that they were trained with");
        }

        int outputs = Outputs, used = Math.Min(trees.Length, (rounds ?? int.MaxValue / outputs) * outputs), width = Features.Count;
        var raw = new double[features.Rows * outputs];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        Parallel.For(0, (features.Rows + Block - 1) / Block, parallel, () => new double[Block * width], (block, _, values) =>
        {
            int start = block * Block, count = Math.Min(Block, features.Rows - start);
            for (int feature = 0; feature < width; feature++)
            {
                var column = features.Columns[feature].Values.AsSpan(start, count);
                for (int row = 0; row < count; row++) values[(row * width) + feature] = column[row];
            }

            for (int row = 0; row < count; row++)
            {
                for (int output = 0; output < outputs; output++) raw[((start + row) * outputs) + output] = Baseline[output];
            }

            for (int tree = 0; tree < used; tree++)
            {
                for (int row = 0; row < count; row++)
                {
                    raw[((start + row) * outputs) + (tree % outputs)] += trees[tree].ValueOf(values.AsSpan(row * width, width));
                }
            }

            return values;
        }, _ => { });
        return raw;
    }

    /// <summary>Probabilities of the classes row by row: two of <see cref="TreeTarget.TwoClasses"/>, else one an output.</summary>
    /// <exception cref="InvalidOperationException">The trees answer numbers.</exception>
    public double[] Probabilities(FeatureMatrix features, int threads = 0)
    {
        if (Target == TreeTarget.Number) throw new InvalidOperationException("these trees answer numbers: they have no probabilities");
        double[] raw = Raw(features, null, threads);
        if (Target == TreeTarget.TwoClasses)
        {
            var both = new double[raw.Length * 2];
            for (int row = 0; row < raw.Length; row++)
            {
                (both[2 * row], both[(2 * row) + 1]) = (1 / (1 + Math.Exp(raw[row])), 1 / (1 + Math.Exp(-raw[row])));
            }
            return both;
        }

        foreach (int start in Enumerable.Range(0, features.Rows).Select(row => row * Outputs))
        {
            var own = raw.AsSpan(start, Outputs);
            double most = double.NegativeInfinity, sum = 0;
            foreach (double value in own) most = Math.Max(most, value);
            foreach (ref double value in own) sum += value = Math.Exp(value - most);
            foreach (ref double value in own) value /= sum;
        }

        return raw;
    }

    /// <summary>What each feature did, the most first.</summary>
    public IReadOnlyList<FeatureImportance> Importance()
    {
        double[] gains = new double[Features.Count];
        int[] splits = new int[Features.Count];
        foreach (var node in trees.SelectMany(tree => tree.Nodes).Where(node => node.Feature >= 0))
        {
            gains[node.Feature] += node.Gain;
            splits[node.Feature]++;
        }

        double all = gains.Sum();
        return [.. Features.Select((name, k) => new FeatureImportance(name, all > 0 ? gains[k] / all : 0, splits[k]))
            .OrderByDescending(entry => entry.Gain)];
    }
}
