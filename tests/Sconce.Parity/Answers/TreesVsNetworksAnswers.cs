using Sconce.Systems.Tools.TreesVsNetworks;
using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Trees: boosting on formula-made tables, and all gains of one node.</summary>
internal sealed class TreesVsNetworksAnswers : ParityAnswers
{
    internal override string System => "trees_vs_networks";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "hist_gradient_boosting_regression" or "hist_gradient_boosting_binary" =>
            ParityAnswer.Of(inputs => Boosting(question.Config, inputs)),
        "histogram_split" => ParityAnswer.Of(inputs => Node(question.Config, inputs)),
        _ => null,
    };

    private static Dictionary<string, Tensor> Boosting(Config config, ParityInputs inputs)
    {
        double[] x = Doubles(inputs["x"]), noise = Doubles(inputs["noise"]);
        int rows = noise.Length, width = x.Length / rows;
        var target = config.String("kind") == "binary" ? TreeTarget.TwoClasses : TreeTarget.Number;
        double[] targets = [.. Enumerable.Range(0, rows).Select(row =>
        {
            double t = Math.Sin(4 * x[row * width]) + (x[(row * width) + 1] > 0.2 ? x[(row * width) + 2] : -0.5) + (0.3 * noise[row]);
            return target == TreeTarget.Number ? t : t > 0 ? 1 : 0;
        })];
        var settings = new TreeSettings
        {
            Rounds = config.Int("iters"),
            Leaves = config.Int("leaves"),
            LearningRate = config.Double("lr"),
            L2 = config.Double("l2"),
            MinSamplesLeaf = config.Int("msl"),
            MaxBins = config.Int("bins"),
        };
        var features = FeatureMatrix.OfRows(x, width);
        var ensemble = TreeTraining.Boost(new TreeRows(features, targets), target, settings);
        var root = ensemble.Trees[0].Nodes[0];
        double[] used = [.. Enumerable.Range(0, width)
            .Select(feature => (double)ensemble.Trees[0].Nodes.Count(node => node.Feature == feature))];
        return new()
        {
            ["raw"] = Tensor.From(ensemble.Raw(features)),
            ["baseline"] = Tensor.From(ensemble.Baseline.ToArray()).Reshape([]),
            ["leaves"] = Tensor.From(ensemble.Trees.Select(tree => (double)tree.Leaves).ToArray()),
            ["first_tree_features"] = Tensor.From(used),
            ["root"] = Tensor.From([root.Feature, root.Threshold, root.Gain / rows]),
            ["stage1"] = Tensor.From(ensemble.Raw(features, rounds: 1)),
        };
    }

    private static Dictionary<string, Tensor> Node(Config config, ParityInputs inputs)
    {
        double[] g = Doubles(inputs["g"]), h = Doubles(inputs["h"]), bins = Doubles(inputs["b"]);
        int rows = g.Length, width = bins.Length / rows;
        var settings = new TreeSettings { L2 = config.Double("lambda"), MinSamplesLeaf = config.Int("min_samples_leaf") };
        var edges = FeatureBins.OfThresholds([.. Enumerable.Range(0, config.Int("bins") - 1).Select(k => (double)k)]);
        var histograms = new Histograms(width, constantHessian: false);
        int[] all = [.. Enumerable.Range(0, rows)];
        Gradient[] gradients = [.. all.Select(row => new Gradient((float)g[row], (float)h[row]))];
        for (int group = 0; group * BinnedTable.Group < width; group++)
        {
            var words = new uint[rows];
            for (int feature = group * BinnedTable.Group; feature < Math.Min(width, (group + 1) * BinnedTable.Group); feature++)
            {
                foreach (int row in all) words[row] |= (uint)bins[(row * width) + feature] << (8 * (feature % BinnedTable.Group));
            }

            histograms.Build(group, words, all, gradients);
        }

        var total = all.Aggregate(default(SideSum), (sum, row) => sum + new SideSum(gradients[row].G, gradients[row].H, 1));
        double[] gains = [.. Enumerable.Range(0, width)
            .SelectMany(feature => SplitFinder.Gains(feature, edges, histograms, total, settings))];
        var best = Enumerable.Range(0, width).Select(feature => SplitFinder.Best(feature, edges, histograms, total, settings))
            .Aggregate((a, b) => b.Gain > a.Gain ? b : a);
        return new()
        {
            ["gain"] = Tensor.From(gains, [width, gains.Length / width]),
            ["best"] = Tensor.From([best.Feature, best.Bin, best.Gain])
        };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).Reshape([-1]).ToArray<double>();
}
