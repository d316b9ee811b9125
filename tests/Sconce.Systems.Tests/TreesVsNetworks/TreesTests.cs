using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Systems.Tools.TreesVsNetworks;
using Sconce.Tables;
using Xunit;

namespace Sconce.Systems.Tests.TreesVsNetworks;

public sealed class TreesTests : IDisposable
{
    private static readonly TreeSettings Small = new() { Rounds = 30, Leaves = 8, MinSamplesLeaf = 5 };
    private readonly string path = Path.Combine(Path.GetTempPath(), $"sconce-trees-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(path);

    /// <summary>y from a number with blanks and a category: +2 where the number is blank, the kind's place else.</summary>
    private static Table Sales(int rows, int seed, bool classes = false)
    {
        var random = new Random(seed);
        double[] numbers = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < 0.2 ? double.NaN : random.NextDouble())];
        string?[] kinds = [.. Enumerable.Range(0, rows).Select(_ => ((string[])["apple", "pear", "plum", "fig"])[random.Next(4)])];
        double Value(int row) => (double.IsNaN(numbers[row]) ? 2 : numbers[row] > 0.5 ? 1 : 0) + (kinds[row] is "apple" or "fig" ? 3 : 0);
        var target = classes
            ? new TableColumn("y", [.. Enumerable.Range(0, rows)
                .Select(row => (string?)$"class {Value(row) switch { < 1.5 => 0, < 3.5 => 1, _ => 2 }}")])
            : new TableColumn("y", [.. Enumerable.Range(0, rows).Select(Value)]);
        return new Table("sales.csv", [new TableColumn("n", numbers), new TableColumn("kind", kinds), target]);
    }

    [Fact]
    public void Blanks_and_categories_are_learnt_and_the_answer_does_not_depend_on_threads_or_the_order_of_columns()
    {
        var (training, test) = (Sales(2000, 1), Sales(500, 2));
        var target = TableTarget.Learn(training, "y");
        var model = TreeModel.Train(training, target, Small with { Threads = 1 });
        double[] answers = model.Answer(test, out var notes);
        Assert.Empty(notes);
        Assert.True(TabularMetrics.R2(target.Values(test), answers) > 0.99);
        Assert.Equal(answers, TreeModel.Train(training, target, Small with { Threads = 4 }).Answer(test, out _));
        Assert.Equal(answers, model.Answer(new Table("turned", [.. test.Columns.Reverse()]), out _));
        Assert.Equal(["kind", "n"], model.Ensemble.Importance().Select(entry => entry.Feature));
        Assert.Equal(1, model.Ensemble.Importance().Sum(entry => entry.Gain), 1e-12);
    }

    [Fact]
    public void A_kind_never_seen_and_a_blank_never_seen_go_with_the_larger_side_and_are_counted()
    {
        double[] numbers = [.. Enumerable.Range(0, 300).Select(row => row < 100 ? 0.0 : 1)];
        var training = new Table("t", [new TableColumn("n", numbers), new TableColumn("y", [.. numbers.Select(n => n * 10)])]);
        var model = TreeModel.Train(training, TableTarget.Learn(training, "y"), Small);
        double[] answers = model.Answer(new Table("t", [new TableColumn("n", [0, 1, double.NaN])]), out var notes);
        Assert.Equal(answers[1], answers[2]);
        Assert.Equal([new PreparationNote("n", 0, 1)], notes);
        string?[] kinds = [.. numbers.Select(n => n == 0 ? "a" : "b")];
        training = new Table("t", [new TableColumn("k", kinds), new TableColumn("y", [.. numbers.Select(n => n * 10)])]);
        model = TreeModel.Train(training, TableTarget.Learn(training, "y"), Small);
        answers = model.Answer(new Table("t", [new TableColumn("k", ["a", "b", "c"])]), out notes);
        Assert.Equal(answers[1], answers[2]);
        Assert.Equal([new PreparationNote("k", 1, 0)], notes);
    }

    [Fact]
    public void Classes_are_learnt_two_and_several_and_their_probabilities_add_up_to_1()
    {
        var (training, test) = (Sales(2000, 1, classes: true), Sales(500, 2, classes: true));
        var target = TableTarget.Learn(training, "y");
        double[] answers = TreeModel.Train(training, target, Small).Answer(test, out _);
        Assert.True(TabularMetrics.Accuracy([.. target.Values(test).Select(value => (int)value)], answers, 3) > 0.98);
        Assert.All(answers.Chunk(3), row => Assert.Equal(1, row.Sum(), 1e-9));
        var two = new TreeRows(FeatureMatrix.OfRows([.. Enumerable.Range(0, 200).Select(k => (double)k)], 1),
            [.. Enumerable.Range(0, 200).Select(k => k < 90 ? 0.0 : 1)]);
        var both = TreeTraining.Boost(two, TreeTarget.TwoClasses, Small).Probabilities(two.Features);
        Assert.True(both[0] > 0.9 && both[^1] > 0.9);
        Assert.Equal(1, both[0] + both[1], 1e-12);
    }

    [Fact]
    public void Monotone_changes_of_a_feature_change_nothing()
    {
        var random = new Random(5);
        double[] x = [.. Enumerable.Range(0, 1200).Select(_ => (double)random.Next(40))],
            y = [.. x.Chunk(3).Select(row => row[0] > 20 ? row[1] : -row[2])];
        double[] Answers(Func<double, double> change)
        {
            var features = FeatureMatrix.OfRows([.. x.Select(change)], 3);
            return TreeTraining.Boost(new TreeRows(features, y), TreeTarget.Number, Small).Raw(features);
        }

        Assert.Equal(Answers(value => value), Answers(value => Math.Exp(value / 10)));
    }

    [Fact]
    public void Training_ends_at_the_round_that_is_best_on_rows_it_does_not_learn_from()
    {
        var random = new Random(3);
        TreeRows Noise(int rows) => new(FeatureMatrix.OfRows([.. Enumerable.Range(0, rows * 4).Select(_ => random.NextDouble())], 4),
            [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())]);
        var ensemble = TreeTraining.Boost(Noise(300), TreeTarget.Number, Small with { Rounds = 200, Patience = 5 }, validation: Noise(300));
        Assert.InRange(ensemble.Count, 1, 20);
    }

    [Fact]
    public void A_forest_and_boosting_on_parts_of_rows_and_features_learn_too_and_a_seed_repeats_them()
    {
        var (training, test) = (Sales(2000, 1), Sales(500, 2));
        var target = TableTarget.Learn(training, "y");
        var preparation = TablePreparation.Learn(training, ["n", "kind"]);
        var rows = new TreeRows(preparation.Features(training, out _), target.Values(training));
        var features = preparation.Features(test, out _);
        foreach (var learn in (Func<TreeEnsemble>[])[() => TreeTraining.Forest(rows, Small), () =>
            TreeTraining.Boost(rows, TreeTarget.Number, Small with { RowFraction = 0.5, Rounds = 60 })])
        {
            double[] answers = learn().Raw(features);
            Assert.True(TabularMetrics.R2(target.Values(test), answers) > 0.95);
            Assert.Equal(answers, learn().Raw(features));
        }
    }

    [Fact]
    public void A_model_comes_back_from_its_file_and_a_damaged_file_is_refused()
    {
        var (training, test) = (Sales(800, 1, classes: true), Sales(100, 2, classes: true));
        var model = TreeModel.Train(training, TableTarget.Learn(training, "y"), Small);
        model.Save(path);
        Assert.Equal(model.Answer(test, out _), TreeModel.Load(path).Answer(test, out _));
        string text = File.ReadAllText(path);
        foreach (var (old, other) in ((string, string)[])[("sconce.trees", "sconce.forest"), ("\"version\":1", "\"version\":2"),
            ("\"left\":[1", "\"left\":[0"), ("\"feature\":[", "\"feature\":[9,"), ("\"baseline\":[", "\"baseline\":[1,")])
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            File.WriteAllText(path, text.Replace(old, other, StringComparison.Ordinal));
            Assert.Contains(path, Assert.Throws<TableException>(() => TreeModel.Load(path)).Message, StringComparison.Ordinal);
        }

        File.WriteAllText(path, text[..(text.Length / 2)]);
        Assert.Throws<TableException>(() => TreeModel.Load(path));
        Assert.Throws<TableException>(() => TreeModel.Load(path + ".none"));
    }

    [Fact]
    public void Settings_and_rows_out_of_range_are_refused_by_name()
    {
        var rows = new TreeRows(FeatureMatrix.OfRows([1, 2, 3], 1), [1, 2, double.NaN]);
        Assert.Contains("row 2", Assert.Throws<ArgumentException>(() => TreeTraining.Boost(rows, TreeTarget.Number, Small)).Message,
            StringComparison.Ordinal);
        Assert.Contains("LearningRate",
            Assert.Throws<ArgumentException>(() => TreeTraining.Boost(rows, TreeTarget.Number, Small with { LearningRate = 0 })).Message,
                StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TreeTraining.Boost(new TreeRows(rows.Features, [0, 1, 2]), TreeTarget.TwoClasses, Small));
        Assert.Throws<ArgumentException>(() => TreeTraining.Boost(new TreeRows(rows.Features, [0]), TreeTarget.Number, Small));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        static (Verdict, string) Judged(double network) => TreesVsNetworksClaim.Judge(((string, double)[])
            [
                ("trees, rough, 0 useless", 0.96), ("trees, rough, 20 useless", 0.96), ("trees, rough, 60 useless", 0.95),
                    ("trees, smooth, 0 useless", 0.97), ("trees, smooth, 20 useless", 0.94),
                ("trees, smooth, 60 useless", 0.90), ("network, rough, 0 useless", 0.65), ("network, rough, 20 useless", 0.3),
                    ("network, rough, 60 useless", network),
                ("network, smooth, 0 useless", 0.99), ("network, smooth, 20 useless", 0.92), ("network, smooth, 60 useless", 0.79),
            ] switch
        { var rows => rows.ToDictionary(row => row.Item1, row => new List<double> { row.Item2, row.Item2 }) });
        Assert.Equal(Verdict.Holds, Judged(0.2).Item1);
        Assert.Equal(Verdict.DoesNotHold, Judged(0.9).Item1);
    }

    [Fact]
    public void A_quick_run_of_the_claim_has_every_condition() =>
        Assert.Equal(12, new TreesVsNetworksClaim().Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken)
            .Rows.Count);
}
