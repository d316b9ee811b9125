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

    [Theory]
    [InlineData(DetectorKind.Adwin)]
    [InlineData(DetectorKind.PageHinkley)]
    [InlineData(DetectorKind.Ddm)]
    public void A_stream_in_two_tables_is_answered_as_one_where_a_state_goes_from_one_to_the_other(DetectorKind detector)
    {
        string[] lines = File.ReadAllLines(Kinds(900));
        string all = Write("all.csv", string.Join('\n', lines));
        string first = Write("first.csv", string.Join('\n', lines[..401]));
        string second = Write("second.csv", string.Join('\n', [lines[0], .. lines[401..]]));
        var settings = new MonitorSettings { Target = "y", Detector = detector, CoolDown = 40 };
        var whole = Watch(all, settings);
        var withState = settings with { State = Path.Combine(folder, $"{detector}.json") };
        var before = Watch(first, withState);
        var after = Watch(second, withState);
        Assert.Equal(whole.Trace.Items.Select(Told), before.Trace.Items.Concat(after.Trace.Items).Select(Told));
        Assert.Equal(whole.Changes.Items.Select(Told), before.Changes.Items.Concat(after.Changes.Items).Select(Told));
        Assert.Equal(900, after.Figures.Items[0][1]);
        static string Told(IReadOnlyList<object?> row) => string.Join(' ', row);
    }

    [Fact]
    public void A_state_learns_a_class_that_came_later_and_is_refused_by_another_stream()
    {
        string state = Path.Combine(folder, "state.json");
        var settings = new MonitorSettings { Target = "y", State = state };
        Watch(Write("two.csv", "x,y\n" + string.Concat(Enumerable.Repeat("0,a\n1,b\n", 50))), settings);
        var three = Watch(Write("three.csv", "x,y\n" + string.Concat(Enumerable.Repeat("0,a\n1,b\n5,c\n", 100))), settings);
        Assert.Equal(["a", "b", "c"], three.Trace.Items.TakeLast(3).Select(row => row[1]));
        string other = Write("other.csv", "x,z,y\n0,1,a\n1,0,b\n");
        Assert.Contains("'z'", Assert.Throws<TableException>(() => Watch(other, settings)).Message);
        Assert.Equal("detector", Assert.Throws<SettingsException>(
            () => Watch(other, settings with { Detector = DetectorKind.Ddm })).Setting);
        Assert.Equal("target", Assert.Throws<SettingsException>(() => Watch(other, settings with { Target = "z" })).Setting);
        File.WriteAllText(state, File.ReadAllText(state)[..^30]);
        Assert.Throws<TableException>(() => Watch(other, settings with { Without = ["z"] }));
    }

    [Fact]
    public void After_a_change_none_is_told_while_it_cools_down()
    {
        var text = new StringBuilder("y,p\n");
        for (int k = 0; k < 2000; k++) text.AppendLine(k / 250 % 2 == 0 || k % 4 == 0 ? "yes,yes" : "yes,no");
        text.AppendLine("no,no");
        var settings = new MonitorSettings { Target = "y", Answers = "p" };
        string data = Write("waves.csv", text.ToString());
        int[] all = Changes(Watch(data, settings)), few = Changes(Watch(data, settings with { CoolDown = 600 }));
        Assert.True(all.Zip(all.Skip(1), (one, next) => next - one).Min() <= 600, string.Join(' ', all));
        Assert.True(few.Length > 1 && few.Zip(few.Skip(1), (one, next) => next - one).Min() > 600, string.Join(' ', few));
        Assert.Equal(all[0], few[0]);
        static int[] Changes(MonitorAnswer answer) => [.. answer.Changes.Items.Select(change => (int)change[0]!)];
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

    /// <summary>Numbers, blanks and texts, of which a new one comes late; what they mean turns round at a third.</summary>
    private string Kinds(int rows)
    {
        var random = new Random(4);
        var text = new StringBuilder("a,colour,y\n");
        for (int k = 0; k < rows; k++)
        {
            double a = random.NextDouble();
            int colour = random.Next(k > rows / 2 ? 4 : 3);
            bool isUp = (a + (colour / 4.0) > 0.8) == (k < rows / 3);
            // The first table's colours hold a word, so that they are texts; the second's are digits alone.
            string named = colour == 1 && k < 400 ? "one" : $"{colour}";
            text.AppendLine(CultureInfo.InvariantCulture, $"{(k % 9 == 0 ? "" : $"{a}")},{named},{(isUp ? "up" : "down")}");
        }

        return Write("kinds-all.csv", text.ToString());
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
