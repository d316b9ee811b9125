using System.Globalization;
using Sconce.Abilities;
using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Tables;

namespace Sconce.Bench.Science;

/// <summary>Rows a second of <c>sconce monitor</c> on one core: a model learns on SEA's concepts, ADWIN watches its errors.</summary>
internal sealed class MonitorGroup : BenchGroup
{
    private const int Rows = 400_000, Concept = 100_000;

    internal override string Name => "monitor";

    internal override string About => "rows a second of 'sconce monitor' on one core, ADWIN on";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        foreach (var (what, title) in ((string, string)[])[("learning", "a model learning on three columns"),
            ("given", "a model's own answers"), ("whole", "learning, the file's reading included")])
        {
            var runs = Enumerable.Range(0, 3).Select(_ => BenchTable.Own(Name, what, table.Folder)).OrderBy(run => run.Seconds).ToList();
            table.Figure($"monitor, ADWIN, one core, {title}", string.Create(CultureInfo.InvariantCulture,
                $"{Rows / runs[1].Seconds:N0} rows/s"), what == "whole" ? "" : "200,000", runs[1]);
        }
    }

    internal override Measured Work(string[] task)
    {
        string path = Path.Combine(task[1], "stream.csv");
        if (task[0] == "prepare")
        {
            Write(path);
            return new Measured { Seconds = 1e-9 };
        }

        var settings = new MonitorSettings { Target = "y", Without = ["p"], Answers = task[0] == "given" ? "p" : null };
        var table = Table.Read(path);
        MonitorSession.Watched(table, settings, default); // compiled
        using var session = new MonitorSession();
        double seconds = Worker.Timed(
            task[0] == "whole" ? () => session.Ask(TableFile.Of(path), settings) : () => MonitorSession.Watched(table, settings, default),
            1, 3);
        return new Measured { Seconds = seconds };
    }

    private static void Write(string path)
    {
        var random = new Random(1);
        using var file = new StreamWriter(path);
        file.WriteLine("a,b,c,p,y");
        for (int row = 0; row < Rows; row++)
        {
            double[] features = [10 * random.NextDouble(), 10 * random.NextDouble(), 10 * random.NextDouble()];
            int label = SeaStream.Label(features, SeaStream.Thresholds[row / Concept]), guess = SeaStream.Label(features, 8);
            file.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{features[0]:0.0000},{features[1]:0.0000},{features[2]:0.0000},{guess},{label}"));
        }
    }
}
