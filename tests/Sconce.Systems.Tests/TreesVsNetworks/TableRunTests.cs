using System.Globalization;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Systems.Tools.TreesVsNetworks;
using Sconce.Tables;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.TreesVsNetworks;

[Collection(LiveTensors.Name)]
public sealed class TableRunTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new TreesVsNetworksSystem()];
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-table").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("trees", "price", 0.9)]
    [InlineData("mlp", "price", 0.9)]
    [InlineData("trees", "kind", 0.9)]
    [InlineData("mlp", "kind", 0.9)]
    public void A_table_is_learnt_saved_answered_and_judged(string method, string target, double least)
    {
        string data = Houses(600), run = Path.Combine(folder, "run");
        var result = Train(method, data, target, run);
        string figure = target == "price" ? "R2" : "accuracy";
        Assert.True(result.Best!.Figures[figure] > least, $"{result.Best.Figures[figure]}");
        var again = Train(method, data, target, run);
        Assert.Equal(result.Best.Figures, again.Best!.Figures);

        var trained = Trained(method, data, target, run);
        var report = Method(method).Evaluate(trained, null, 64, null, default);
        Assert.Equal(120, report.Count);
        Assert.Equal(result.Best.Figures[figure], report.Figures[figure], 1e-6);
        if (method == "trees") Assert.Equal(1, report.Rows.Sum(row => row.Values[0]), 1e-9);

        var system = Systems[0];
        var asked = new AbilityTarget(run, system, trained.Variant) { Run = trained };
        using var session = new TablePredict().Open(new CatalogueRequest(asked, trained.Variant, null));
        var rows = session.Ask(TableFile.Of(data), new TablePredictSettings { Key = "number" });
        Assert.Equal(target == "price" ? ["number", "price"] : ["number", "kind", "p(flat)", "p(villa)"], rows.Columns);
        Assert.Equal(600, rows.Items.Count);
        Assert.Equal("17", rows.Items[17][0]);
    }

    [Fact]
    public void What_no_table_can_teach_is_told()
    {
        string data = Houses(60), same = Write("same.csv", "a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 30)));
        Assert.Equal("data", Assert.Throws<SettingsException>(() => Open("trees", "", "price")).Setting);
        Assert.Contains("area, age", Assert.Throws<SettingsException>(() => Open("trees", data, null)).Message, StringComparison.Ordinal);
        Assert.Contains("price", Assert.Throws<TableException>(() => Open("trees", data, "prise")).Message, StringComparison.Ordinal);
        Assert.Contains("every row", Assert.Throws<TableException>(() => Open("mlp", same, "b")).Message, StringComparison.Ordinal);
        string few = Houses(4);
        Assert.Contains("too few", Assert.Throws<TableException>(() => Open("trees", few, "price")).Message, StringComparison.Ordinal);
    }

    private static TrainingMethod Method(string name) => Systems[0].Methods.First(method => method.Name == name);

    private static RunConfiguration Configuration(string method, string data, string? target)
    {
        var table = new TableSettings { Target = target, Without = target is null ? [] : ["number"] };
        if (data.Length > 0 && !data.Contains("houses", StringComparison.Ordinal)) table = table with { Without = [] };
        var (trees, network) = (new TreesSettings { Table = table, Rounds = 100 }, new MlpSettings { Table = table });
        ITrainingSettings settings = method == "trees"
            ? trees with { Run = trees.Run with { Data = data } }
            : network with { Run = network.Run with { Data = data, Epochs = 30 } };
        return new RunConfiguration(method, method, settings);
    }

    private static TrainingRun Open(string method, string data, string? target) => Method(method).Open(
        new TrainingSetup(Configuration(method, data, target), new CatalogueModels(Systems), new CatalogueMethods(Systems)));

    private static TrainingResult Train(string method, string data, string target, string path)
    {
        using var place = RunFolder.Open(path);
        using var run = Open(method, data, target);
        return run.Train(place);
    }

    private static TrainedNetwork Trained(string method, string data, string target, string run)
    {
        using var opened = Open(method, data, target);
        var variant = Systems[0].Variants.First(known => known.Name == method);
        return new TrainedNetwork(variant, Path.Combine(run, "best.ckpt"), null, opened.Configuration.Classes)
        {
            Configuration = opened.Configuration,
            Run = run,
        };
    }

    /// <summary>A price by area, age and kind; some areas are blank. A kind is told by its price.</summary>
    private string Houses(int rows)
    {
        var random = new Random(5);
        return Write($"houses{rows}.csv", "number,area,age,kind,price\n" + string.Concat(Enumerable.Range(0, rows).Select(row =>
        {
            double area = 20 + (180 * random.NextDouble()), age = random.Next(90);
            string kind = random.Next(2) == 0 ? "flat" : "villa";
            string told = random.Next(20) == 0 ? "" : area.ToString("R", CultureInfo.InvariantCulture);
            double price = (3 * area) + (kind == "villa" ? 700 : 0) - age;
            return string.Create(CultureInfo.InvariantCulture, $"{row},{told},{age},{kind},{price:R}\n");
        })));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
