using System.Globalization;
using System.Text;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Systems.Science.Aphynity;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Aphynity;

[Collection(LiveTensors.Name)]
public sealed class AphynityRunTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new AphynitySystem()];
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-aphynity-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Watched_pendulums_are_learnt_saved_judged_and_forecast()
    {
        string data = Swings(6), run = Path.Combine(folder, "run");
        var result = Train(data, run, epochs: 3);
        Assert.True(double.IsFinite(result.Best!.Figures["error"]));
        Assert.Equal(result.Best.Figures, Train(data, run, epochs: 3).Best!.Figures);

        var variant = new CatalogueModels(Systems).Get("aphynity_pendulum");
        using var opened = Open(data, epochs: 3);
        var trained = new TrainedNetwork(variant, Path.Combine(run, "best.ckpt"), null, null)
        {
            Configuration = opened.Configuration,
            Run = run,
        };
        var report = Systems[0].Methods[0].Evaluate(trained, null, 64, null, default);
        Assert.Equal(result.Best.Figures["error"], report.Figures["error"], 1e-6);
        Assert.Equal("omega0_square", report.Rows.Single().Name);

        string start = Write("start.csv", "angle,speed\n1,0\n-0.5,0.2\n");
        var asked = new AbilityTarget(run, Systems[0], variant) { Run = trained };
        using var session = new ForecastStates().Open(new CatalogueRequest(asked, variant, null));
        var rows = session.Ask(TableFile.Of(start), new ForecastSettings { Steps = 5 });
        Assert.Equal(["trajectory", "time", "angle", "speed"], rows.Columns);
        Assert.Equal(12, rows.Items.Count);
        Assert.Equal(["2", 0.0, -0.5, 0.2], rows.Items[6].Select(item => item is double number ? Math.Round(number, 6) : item));
        Assert.Equal(2.5, (double)rows.Items[^1][1]!, 1e-9);
    }

    [Fact]
    public void Without_data_simulated_pendulums_are_learnt()
    {
        var result = Train(null, Path.Combine(folder, "run"), epochs: 1);
        Assert.True(double.IsFinite(result.Best!.Figures["error"]));
    }

    [Theory]
    [InlineData("time,angle\n0,1\n", "speed")]
    [InlineData("time,angle,speed\n0,1,0\n0.5,1,0\n0.7,1,0\n", "row 3")]
    [InlineData("time,angle,speed\n0,1,\n0.5,1,0\n", "row 1")]
    [InlineData("trajectory,time,angle,speed\na,0,1,0\nb,0,1,0\n", "one state")]
    [InlineData("time,angle,speed\n0,1,0\n0.5,1,0\n1,1,0\n", "two are needed")]
    public void What_no_table_can_teach_is_told(string text, string said)
    {
        string data = Write("bad.csv", text);
        Assert.Contains(said, Assert.Throws<TableException>(() => Open(data, 1)).Message, StringComparison.Ordinal);
    }

    private static TrainingRun Open(string? data, int epochs)
    {
        var settings = new AphynitySettings();
        settings = settings with { Run = settings.Run with { Data = data, Epochs = epochs } };
        var configuration = new RunConfiguration("aphynity_pendulum", "aphynity", settings);
        return Systems[0].Methods[0].Open(new TrainingSetup(configuration, new CatalogueModels(Systems), new CatalogueMethods(Systems)));
    }

    private static TrainingResult Train(string? data, string path, int epochs)
    {
        using var place = RunFolder.Open(path);
        using var run = Open(data, epochs);
        return run.Train(place);
    }

    private string Swings(int count)
    {
        using var scope = new TensorScope();
        float[] states = PendulumTrajectories.Draw(count, 1).Transpose(1, 2).Contiguous().ToArray<float>();
        var text = new StringBuilder("trajectory,time,angle,speed\n");
        for (int k = 0; k < states.Length / 2; k++)
        {
            double time = k % PendulumTrajectories.Length * PendulumTrajectories.Interval;
            int pendulum = k / PendulumTrajectories.Length;
            text.AppendLine(CultureInfo.InvariantCulture, $"p{pendulum},{time},{states[2 * k]},{states[(2 * k) + 1]}");
        }

        return Write("swings.csv", text.ToString());
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
