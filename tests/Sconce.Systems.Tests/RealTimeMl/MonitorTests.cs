using System.Globalization;
using System.Text;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Tables;
using Xunit;

namespace Sconce.Systems.Tests.RealTimeMl;

public sealed class MonitorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-monitor-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_that_learns_on_the_way_is_good_until_the_world_changes_and_good_again_after()
    {
        var answer = Watch(Stream(4000, 2000), new MonitorSettings { Target = "y" });
        Assert.True(Error(answer, 1500, 2000) < 0.1, $"{Error(answer, 1500, 2000)}");
        Assert.True(Error(answer, 2000, 2100) > 0.2, $"{Error(answer, 2000, 2100)}");
        Assert.True(Error(answer, 3000, 4000) < 0.1, $"{Error(answer, 3000, 4000)}");
        Assert.Contains(answer.Changes.Items, change => (int)change[0]! is > 2000 and < 2200);
        Assert.Equal(["rows", "error", "recent error", "changes"], answer.Figures.Items.Select(row => row[0]));
    }

    [Theory]
    [InlineData(DetectorKind.Adwin)]
    [InlineData(DetectorKind.PageHinkley)]
    [InlineData(DetectorKind.Ddm)]
    public void The_errors_of_a_models_own_answers_are_watched(DetectorKind detector)
    {
        var text = new StringBuilder("y,p\n");
        for (int k = 0; k < 1000; k++) text.AppendLine(k % 20 == 0 || (k >= 500 && k % 4 > 0) ? "yes,no" : "yes,yes");
        text.AppendLine("no,no");
        var settings = new MonitorSettings { Target = "y", Answers = "p", Detector = detector };
        var answer = Watch(Write("answers.csv", text.ToString()), settings);
        int first = (int)answer.Changes.Items.First(change => (string)change[1]! == "change")[0]!;
        Assert.InRange(first, 500, 700);
    }

    [Fact]
    public void Blanks_and_kinds_not_seen_before_are_answered_too()
    {
        var text = new StringBuilder("colour,size,y\n");
        for (int k = 0; k < 300; k++)
        {
            string colour = k == 299 ? "violet" : k % 2 == 0 ? "red" : "blue";
            text.AppendLine(CultureInfo.InvariantCulture, $"{colour},{(k % 7 == 0 ? "" : $"{k % 5}")},{(k % 2 == 0 ? "a" : "b")}");
        }

        var answer = Watch(Write("kinds.csv", text.ToString()), new MonitorSettings { Target = "y" });
        Assert.True(Error(answer, 50, 299) < 0.02);
        Assert.Contains((string)answer.Trace.Items[299][1]!, (string[])["a", "b"]);
    }

    [Fact]
    public void Asking_a_learner_teaches_it_nothing()
    {
        var learner = new OnlineLogistic(3);
        learner.Learn([1, 2], 0);
        double[] before = learner.Predict([1, 2]);
        for (int k = 0; k < 10; k++) learner.Predict([5, -3]);
        Assert.Equal(before, learner.Predict([1, 2]));
        Assert.Equal(1, learner.Predict([1, 2, 9]).Sum(), 1e-12); // a feature that is new
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.Learn([1], 3));
    }

    [Fact]
    public void What_cannot_be_watched_is_told()
    {
        string data = Stream(20, 10);
        Assert.Equal("target", Assert.Throws<SettingsException>(() => Watch(data, new MonitorSettings())).Setting);
        Assert.Throws<TableException>(() => Watch(data, new MonitorSettings { Target = "z" }));
        Assert.Throws<TableException>(() => Watch(data, new MonitorSettings { Target = "y", Answers = "z" }));
        Assert.Throws<TableException>(() => Watch(Write("same.csv", "x,y\n1,a\n2,a\n"), new MonitorSettings { Target = "y" }));
        Assert.Throws<TableException>(() => Watch(Write("blank.csv", "x,y\n1,a\n2,\n"), new MonitorSettings { Target = "y" }));
        Assert.Throws<TableException>(() => Watch(Write("alone.csv", "y\na\nb\n"), new MonitorSettings { Target = "y" }));
    }

    [Fact]
    public void The_claim_holds_and_could_fail()
    {
        Assert.Equal(Verdict.Holds, new RealTimeMlClaim().Run(new ClaimOptions(), null, default).Verdict);
        static Dictionary<string, List<double>> Of(double once, double online, double told) => new()
        {
            ["trained once"] = [once, once, once],
            ["online"] = [online, online, online],
            ["online, told of changes"] = [told, told, told],
        };
        Assert.Equal(Verdict.Holds, RealTimeMlClaim.Judge(Of(0.7, 0.85, 0.9), Of(0.7, 0.85, 0.85)).Verdict);
        Assert.Equal(Verdict.DoesNotHold, RealTimeMlClaim.Judge(Of(0.7, 0.85, 0.86), Of(0.7, 0.85, 0.85)).Verdict);
        Assert.Equal(Verdict.DoesNotHold, RealTimeMlClaim.Judge(Of(0.7, 0.85, 0.9), Of(0.8, 0.85, 0.85)).Verdict);
    }

    private static double Error(MonitorAnswer answer, int from, int to) => answer.Trace.Items.Take(from..to).Average(row => (int)row[2]!);

    private static MonitorAnswer Watch(string path, MonitorSettings settings)
    {
        using var session = new MonitorSession();
        return session.Ask(TableFile.Of(path), settings);
    }

    /// <summary>The side of a line, which turns round at a row.</summary>
    private string Stream(int rows, int turn)
    {
        var random = new Random(3);
        var text = new StringBuilder("a,b,y\n");
        for (int k = 0; k < rows; k++)
        {
            double a = random.NextDouble(), b = random.NextDouble();
            text.AppendLine(CultureInfo.InvariantCulture, $"{a},{b},{((a > b) == (k < turn) ? "up" : "down")}");
        }

        return Write($"stream{rows}.csv", text.ToString());
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
