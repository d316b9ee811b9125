using System.Diagnostics;
using System.Globalization;
using Sconce.Abilities;
using Sconce.Bench.Basics;
using Sconce.Systems;

namespace Sconce.Bench.Serving;

/// <summary>
/// The command as a person types it: from Enter to its end. A folder of photographs against the same photographs one after the other;
/// one photograph against a script of torchvision; what needs no libtorch.
/// </summary>
internal sealed class CommandGroup : BenchGroup
{
    private const string Network = "resnet18";
    private const int Photographs = 1000;

    internal override string Name => "command";

    internal override string About => "the command from Enter to its end: list, help, one photograph, a folder of 1,000";

    internal override void Measure(BenchTable table)
    {
        foreach (string line in (string[])["list", "--help"])
        {
            var runs = Enumerable.Range(0, 5).Select(_ => BenchTable.Own(Name, "line", line)).OrderBy(run => run.Seconds).ToList();
            table.Figure($"sconce {line}", BenchTable.Time(runs[2].Seconds));
        }

        if (LoaderGroup.Photographs() is not { } photographs) return;
        BenchTable.Own(Name, "prepare", table.Folder, photographs);
        table.Row($"sconce classify {Network} photo.jpg, cold, against a script of torchvision",
            () => BenchTable.Own(Name, "one", table.Folder), () => BenchTable.Peer("classify.py", Network, table.Folder), agreement: 0.01);
        table.Row($"sconce classify {Network} photos/, {Photographs} photographs, against one after the other, the network loaded once",
            () => BenchTable.Own(Name, "folder", table.Folder), () => BenchTable.Own(Name, "singly", table.Folder), 3);
        table.Row("the same, an item, against a command for each (of 10)",
            () => BenchTable.Own(Name, "folder", table.Folder), () => BenchTable.Own(Name, "commands", table.Folder));
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["line", var line] => new Measured { Seconds = Asked(line.Split(' ')).Seconds, PeakKilobytes = -1 },
        ["prepare", var folder, var photographs] => Prepare(folder, photographs),
        ["one", var folder] => One(folder),
        ["folder", var folder] => Folder(folder),
        ["singly", var folder] => Singly(folder),
        ["commands", var folder] => Commands(folder),
        _ => throw Unknown(task),
    };

    private static Measured Prepare(string folder, string photographs)
    {
        Families.Prepare(Network, 1, folder);
        string[] files = [.. Directory.GetFiles(photographs, "*.jpg").Order(StringComparer.Ordinal)];
        Directory.CreateDirectory(Photos(folder));
        for (int k = 0; k < Photographs; k++)
            File.Copy(files[k % files.Length], Path.Combine(Photos(folder), $"{k:0000}.jpg"), overwrite: true);
        return new Measured { Seconds = 1e-9 };
    }

    private static string Photos(string folder) => Path.Combine(folder, "photos");

    private static string[] Files(string folder) => [.. Directory.GetFiles(Photos(folder)).Order(StringComparer.Ordinal)];

    private static Measured One(string folder)
    {
        var (seconds, rows) = Classified(folder, Files(folder)[0]);
        return new Measured { Seconds = seconds, Losses = [rows[0]], PeakKilobytes = -1 };
    }

    private static Measured Folder(string folder)
    {
        var (seconds, rows) = Classified(folder, Photos(folder));
        return new Measured { Seconds = seconds / Photographs, Losses = [.. rows.Take(10)], PeakKilobytes = -1 };
    }

    /// <summary>One photograph a command.</summary>
    private static Measured Commands(string folder)
    {
        var runs = Files(folder).Take(10).Select(file => Classified(folder, file)).ToList();
        return new Measured
        {
            Seconds = runs.Average(run => run.Seconds),
            Losses = [.. runs.Select(run => run.Best[0])],
            PeakKilobytes = -1,
        };
    }

    /// <summary>As the ability answered before it had batches: decode, ask the network, next; with its loading, without a process's
    /// start.</summary>
    private static Measured Singly(string folder)
    {
        long start = Stopwatch.GetTimestamp();
        using var classifier = Classifier.Open(Network, Weights(folder));
        double[] best = [.. Files(folder).Select(file => classifier.Classify(Picture.Of(file), top: 1).Best.Confidence)];
        return new Measured { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / Photographs, Losses = [.. best.Take(10)] };
    }

    private static string Weights(string folder) => ServingFiles.Weights(Network, folder);

    /// <summary>The time of a command, and the confidences of the likeliest classes, one a picture.</summary>
    private static (double Seconds, double[] Best) Classified(string folder, string what)
    {
        var (seconds, table) = Asked("classify", Network, what, "--weights", Weights(folder), "--top", "1", "--csv", "-");
        // What a person reads comes first, then the table.
        double[] best = [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SkipWhile(row => !row.StartsWith("input,", StringComparison.Ordinal)).Skip(1)
            .Select(row => double.Parse(row.Split(',')[^1], CultureInfo.InvariantCulture))];
        return (seconds, best);
    }

    private static (double Seconds, string Output) Asked(params string[] line)
    {
        var start = new ProcessStartInfo(Program(), line) { RedirectStandardOutput = true, RedirectStandardError = true };
        long began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (process.ExitCode != 0) throw new InvalidOperationException($"sconce {string.Join(' ', line)}: {errors.Result}");
        return (seconds, output);
    }

    /// <summary>The command as <c>./sconce</c> publishes it, else as it was built.</summary>
    private static string Program()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            foreach (string place in (string[])["publish/sconce", "bin/Sconce.Cli/release"])
            {
                string program = Path.Combine(above.FullName, "artifacts", place, "Sconce.Cli");
                if (File.Exists(program)) return program;
            }
        }

        throw new FileNotFoundException("the command is not built: type './sconce list' once");
    }
}
