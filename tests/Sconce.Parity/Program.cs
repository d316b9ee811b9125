using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sconce.Parity;
using Sconce.Torch;

// ./test parity [--all] [--device cuda] [FILE|DIR …]: a line a case, then the figures; 0 only if none failed and none was unknown.
bool all = args.Contains("--all");
string[] named = [.. args.Where(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
string home = Environment.GetEnvironmentVariable("SCONCE_PARITY_CASES") ?? FindCases();
var slow = File.Exists(Path.Combine(home, "slow.txt"))
    ? File.ReadLines(Path.Combine(home, "slow.txt")).Where(line => line.Length > 0 && line[0] != '#').ToHashSet() : [];
var answers = typeof(ParityAnswers).Assembly.GetTypes()
    .Where(type => type.IsSubclassOf(typeof(ParityAnswers)) && !type.IsAbstract)
    .Select(type => (ParityAnswers)Activator.CreateInstance(type)!)
    .ToDictionary(answer => answer.System);

var files = new List<string>();
foreach (string path in named.Length > 0 ? named : [home])
{
    if (Directory.Exists(path)) files.AddRange(Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal));
    else if (File.Exists(path)) files.Add(path);
    else
    {
        Console.Error.WriteLine($"parity: there is no file or folder '{path}'");
        return 2;
    }
}

int passed = 0, failed = 0, skipped = 0, unknown = 0;
foreach (string file in files)
{
    string name = Path.GetFileName(file);
    if (named.Length == 0 && !all && slow.Contains(name))
    {
        skipped++;
        continue;
    }

    var watch = Stopwatch.StartNew();
    ParityResult result;
    try
    {
        var question = ParityCase.Read(file);
        result = ParityCheck.Run(question, answers.GetValueOrDefault(question.System));
    }
    catch (Exception error) when (error is JsonException or IOException or KeyNotFoundException or InvalidOperationException)
    {
        result = new("FAIL", double.NaN, double.NaN, $"the case cannot be read: {error.Message}");
    }

    if (result.Passed) passed++;
    else if (result.Verdict == "unknown") unknown++;
    else if (result.Verdict == "skipped") skipped++;
    else failed++;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Verdict,-8}{name,-52} out {result.OutputError,8:0.0E+0}  grad "
        + $"{result.GradientError,8:0.0E+0}  {watch.Elapsed.TotalSeconds,6:0.0} s  {result.Fault}").TrimEnd());
    TorchRuntime.ReleaseFreedMemory();
}

if (unknown > 0) Console.WriteLine($"{unknown} unknown (counted as failed)");
Console.WriteLine($"{passed} passed, {failed + unknown} failed, {skipped} skipped");
return failed + unknown == 0 ? 0 : 1;

static string FindCases()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        string cases = Path.Combine(folder.FullName, "tests", "Sconce.Parity", "Cases");
        if (Directory.Exists(cases)) return cases;
    }

    return "Cases";
}
