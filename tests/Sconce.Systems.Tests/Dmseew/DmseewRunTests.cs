using System.Globalization;
using System.Text;
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Systems.Science.Dmseew;
using Sconce.Tables;
using Xunit;

namespace Sconce.Systems.Tests.Dmseew;

[Collection(LiveTensors.Name)]
public sealed class DmseewRunTests : IDisposable
{
    private static readonly DmseewSettings Settings = new()
    {
        Run = new() { Epochs = 1, Validation = 0.3, Threads = 1 },
        Made = 12,
        Features = SensorFeatures.Amplitudes,
    };

    private readonly RunFixture runs = new(new DmseewSystem());

    public void Dispose() => runs.Dispose();

    [Fact]
    public void Made_events_are_learnt_judged_and_warned_of()
    {
        var result = runs.Train("run", "dmseew", Settings);
        Assert.InRange(result.Best!.Figures["macro F1"], 0.6, 1);
        Assert.Equal(result.Best.Figures, runs.Train("again", "dmseew", Settings).Best!.Figures);
        Assert.Equal(runs.Best("run"), runs.Best("again"));
        var report = runs.MethodOf("dmseew").Evaluate(runs.Trained("run", "dmseew", Settings), null, 1, null, default);
        Assert.Equal(result.Best.Figures["macro F1"], report.Figures["macro F1"], 1e-9);
        Assert.Contains("half of them lost", report.Rows.Select(row => row.Name));

        var loud = SimulatedEvents.Draw(1, new Random(3), 3, new EventWaves())[2];
        string recording = runs.Write("recordings/loud.csv", Csv(loud));
        using var session = (WarnSession)new Warn().Open(runs.Request("run", "dmseew", Settings));
        var asked = new WarnSettings { Stations = Path.GetDirectoryName(recording) };
        using var alarm = JsonDocument.Parse(session.Ask(Nothing.Instance, asked).Items.Single());
        Assert.Equal("raised", alarm.RootElement.GetProperty("alarm").GetString());
        Assert.NotEqual("normal", alarm.RootElement.GetProperty("class").GetString());
        Assert.Equal(20, alarm.RootElement.GetProperty("stations").GetInt32());
        Assert.Equal("loud.csv", alarm.RootElement.GetProperty("recording").GetString());

        // The same as a stream, with a station that drops out, one that repeats itself and one whose clock is an hour off.
        var lines = Csv(loud).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var stream = lines.Skip(1).Where(line => !line.Contains(",s1,", StringComparison.Ordinal) || Time(line) < 2)
            .Select(line => line.Contains(",s2,", StringComparison.Ordinal) ? Later(line, 3600) : line)
            .OrderBy(line => Time(line) % 3600)
            .SelectMany(line => line.Contains(",s3,", StringComparison.Ordinal) ? [line, line] : new[] { line });
        // One line of s4 is garbage and one station measures rain: neither silences the others.
        string[] garbage = ["1.0,s4,seismometer,###,0,0", "1.0,wet,rain,1,2,3", "1.1,wet,rain,1,2,3", "1.1,s4"];
        static bool IsEarly(string line) => Time(line) % 3600 < 1;
        string[] all = [lines[0], .. stream.TakeWhile(IsEarly), .. garbage, .. stream.SkipWhile(IsEarly)];
        var said = new List<string>();
        var told = session.Watch(new StringReader(string.Join('\n', all)), asked, said.Add).Items.ToList();
        using var streamed = JsonDocument.Parse(Assert.Single(told));
        Assert.Equal(19, streamed.RootElement.GetProperty("stations").GetInt32());
        Assert.Equal(1, streamed.RootElement.GetProperty("silent").GetInt32());
        Assert.Contains(said, line => line.Contains("'s2' is 3600 s off", StringComparison.Ordinal));
        Assert.Single(said, line => line.Contains("'###' is no number", StringComparison.Ordinal));
        string wet = Assert.Single(said, line => line.Contains("'rain' is no kind", StringComparison.Ordinal));
        Assert.Contains("'wet'", wet, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_of_shapes_are_learnt_from_a_folder_and_kept()
    {
        foreach (var (k, one) in SimulatedEvents.Draw(4, new Random(1), 3, new EventWaves()).Index())
            runs.Write($"events/{EventRecording.Classes[one.Label]}/{k}.csv", Csv(one));
        var settings = Settings with
        {
            Features = SensorFeatures.Both,
            Run = Settings.Run with { Data = Path.Combine(runs.Folder, "events") },
        };
        var result = runs.Train("run", "dmseew", settings);
        var model = EarlyWarning.Read(Path.Combine(runs.Folder, "run", "best.ckpt"));
        var data = DmseewData.Open(runs.Trained("run", "dmseew", settings).Configuration!, null, default);
        Assert.Equal(result.Best!.Figures["macro F1"], model.Judge(data.HeldOut, (_, bag) => model.Classify(bag)).MacroF1, 1e-9);
    }

    [Theory]
    [InlineData("time,station,kind,e\n1,a,gps,x\n", "'x' is no number")]
    [InlineData("time,station,kind,e\nnoon,a,gps,1\n", "is no time")]
    [InlineData("time,station,kind,e\n1,a,rain,1\n", "is no kind of station")]
    [InlineData("time,station,kind\n1,a,gps\n", "there is no component")]
    [InlineData("time,kind,e\n1,gps,1\n", "no column 'station'")]
    [InlineData("", "it is empty")]
    [InlineData("time,station,kind,e\n1,a,gps,1\n2,a,HHZ,1\n", "is of two kinds")]
    public void What_no_recording_can_be_is_told(string text, string said)
    {
        string file = runs.Write("bad.csv", text);
        var fault = Assert.Throws<TableException>(() => EventRecording.Read(file, 0, 8, 120, null));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clocks_that_disagree_and_stations_that_repeat_are_told()
    {
        var text = new StringBuilder("timestamp;sta;type;EW;NS;UD\n");
        for (int k = 0; k < 120; k++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{k / 8.0};a;HNE;{k};0;0");
            text.AppendLine(CultureInfo.InvariantCulture, $"{k / 8.0};a;HNE;{k};0;0");
            text.AppendLine(CultureInfo.InvariantCulture, $"{k / 8.0};b;gnss;{k};;0");
            text.AppendLine(CultureInfo.InvariantCulture, $"{900 + (k / 8.0)};c;gps;{k};0;0");
        }

        var said = new List<string>();
        var read = EventRecording.Read(runs.Write("odd.csv", text.ToString()), 0, 8, 120, said.Add);
        Assert.Equal(3, read.Sensors.Count);
        Assert.Contains(said, line => line.Contains("120 readings of 'a' are repeated", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("the clock of 'c' is 900 s off", StringComparison.Ordinal));
        Assert.Empty(read.Sensors[1].Components[1]);
        Assert.Equal(119, read.Sensors[2].Components[0][^1], 1e-6);
    }

    [Fact]
    public void False_alarms_are_shares_of_what_is_normal_and_missed_ones_of_all_else()
    {
        var confusion = new Metrics.ConfusionMatrix(3);
        confusion.Add([0, 0, 0, 1, 0, 1, 2, 2], [0, 0, 0, 0, 1, 1, 2, 1]);
        Assert.Equal((0.25, 0.25), (DmseewMethod.FalseShare(confusion), DmseewMethod.MissedShare(confusion)));
        confusion.Add([2], [0]);
        Assert.Equal(0.4, DmseewMethod.FalseShare(confusion), 1e-12);
    }

    [Fact]
    public void A_class_without_events_is_told() => Assert.Contains(
        "three of each class", Assert.Throws<DataException>(() => EventRecording.ReadFolder(runs.Folder, 8, 120, null, default)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Sparse_counts_have_the_statistic_of_dense_ones()
    {
        double[][] dense = [[1, 0, 2], [0, 3, 1], [2, 0, 0]];
        Dictionary<long, int>[] sparse = [.. dense.Select(row => row.Index().Where(one => one.Item > 0)
            .ToDictionary(one => (long)one.Index, one => (int)one.Item))];
        double[] wanted = ChiSquared.Of(dense, [0, 1, 1], 2);
        var found = ChiSquared.OfSparse(sparse, [0, 1, 1], 2);
        for (int k = 0; k < 3; k++) Assert.Equal(wanted[k], found[k], 1e-9);
    }

    [Fact]
    public void Sliding_coefficients_are_those_of_the_approximation()
    {
        double[] window = [.. Enumerable.Range(0, 16).Select(k => Math.Sin(k) + (k % 3))];
        double[] wanted = SymbolicFourier.Coefficients(window, 4), found = new FourierWindow(16, 4).Coefficients(window);
        for (int k = 0; k < 4; k++) Assert.Equal(wanted[k], found[k], 1e-9);
    }

    private static double Time(string line) =>
        double.Parse(line[..line.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    private static string Later(string line, double seconds) =>
        (Time(line) + seconds).ToString(CultureInfo.InvariantCulture) + line[line.IndexOf(',', StringComparison.Ordinal)..];

    private static string Csv(EventRecording one)
    {
        var text = new StringBuilder("time,station,kind,e,n,u\n");
        for (int k = 0; k < one.Sensors[0].Components[0].Length; k++)
        {
            foreach (var (place, sensor) in one.Sensors.Index())
            {
                string values = string.Join(',', sensor.Components.Select(values => values[k].ToString("R", CultureInfo.InvariantCulture)));
                string kind = sensor.Kind == SensorKind.Gps ? "gps" : "seismometer";
                text.Append(CultureInfo.InvariantCulture, $"{k / 8.0},s{place},{kind},{values}\n");
            }
        }

        return text.ToString();
    }
}
