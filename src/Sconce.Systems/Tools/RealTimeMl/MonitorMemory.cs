using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Files;
using Sconce.Tables;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>Whatever can be put down as numbers and taken up again.</summary>
internal interface IRemembers
{
    /// <summary>All that it knows.</summary>
    double[] Numbers { get; set; }
}

/// <summary>What a learner knows.</summary>
/// <param name="Seen">Examples since its steps were last as large as at first.</param>
/// <param name="Weights">A row a class; one of two.</param>
internal sealed record LearnerMemory(long Seen, double[][] Weights);

/// <summary>A kind of a column of texts.</summary>
internal sealed record KindMemory(int Column, string Kind);

/// <summary>What the columns of a stream are like.</summary>
/// <param name="Columns">Their names.</param>
/// <param name="AreNumbers">Whether each is of numbers.</param>
/// <param name="Numbers">Count, mean and squares of each.</param>
/// <param name="Kinds">In the order in which they came.</param>
internal sealed record FeatureMemory(string[] Columns, bool[] AreNumbers, double[][] Numbers, KindMemory[] Kinds)
{
    /// <summary>Columns of texts.</summary>
    [JsonIgnore]
    public IReadOnlySet<string> Texts => Columns.Where((_, k) => !AreNumbers[k]).ToHashSet(StringComparer.Ordinal);

    /// <summary>A table's columns in the order of before, whatever theirs.</summary>
    /// <exception cref="TableException">One is missing, new, or of another kind.</exception>
    public IReadOnlyList<TableColumn> Match(Table table, IReadOnlyList<TableColumn> seen)
    {
        string[] fresh = [.. seen.Select(column => column.Name).Except(Columns)];
        if (fresh.Length > 0)
            throw new TableException(table.Name, $"the column '{fresh[0]}' was not there before: leave it out with without, or begin anew");
        for (int k = 0; k < Columns.Length; k++)
        {
            if (AreNumbers[k] && !table[Columns[k]].IsNumber)
                throw new TableException(table.Name, $"the column '{Columns[k]}' held numbers before, and holds texts now");
        }

        return [.. Columns.Select(name => table[name])];
    }
}

/// <summary>Where watching stopped.</summary>
/// <param name="Detector">What the detector knows.</param>
/// <param name="Error">The errors so far.</param>
/// <param name="Changed">Whether the last row was a change, of which the learner hears at the next.</param>
/// <param name="QuietUntil">The row up to which no change is told.</param>
internal sealed record WatchMemory(double[] Detector, double[] Error, bool Changed, long QuietUntil);

/// <summary>What is known after a stream, as a file: the same answers follow as if it had gone on.</summary>
/// <param name="Target">The column that says what was right.</param>
/// <param name="Classes">Its classes so far.</param>
/// <param name="Kind">Who watches.</param>
/// <param name="Watch">Where it stopped.</param>
/// <param name="Learner">Null where a model's own answers are watched.</param>
/// <param name="Features">Likewise.</param>
internal sealed record MonitorMemory(
    string Target, string[] Classes, DetectorKind Kind, WatchMemory Watch, LearnerMemory? Learner, FeatureMemory? Features)
{
    private const int Current = 1;

    /// <summary>Of the file's form.</summary>
    public int Version { get; init; } = Current;

    /// <summary>What a stream left under the settings' name; null where there is no such file yet.</summary>
    /// <exception cref="TableException">It is damaged, or of another form.</exception>
    /// <exception cref="SettingsException">It was left by a stream with other settings.</exception>
    public static MonitorMemory? Read(MonitorSettings settings)
    {
        if (settings.State is not { } path || !File.Exists(path)) return null;
        MonitorMemory read;
        try
        {
            read = JsonSerializer.Deserialize(RegularFile.ReadAllText(path), MonitorJson.Default.MonitorMemory)
                ?? throw new JsonException("it is empty");
        }
        catch (Exception fault) when (fault is JsonException or ArgumentNullException)
        {
            throw new TableException(path, $"what was learnt cannot be read: {fault.Message}", fault);
        }

        if (read.Version != Current || !read.IsWhole) throw new TableException(path, "it is damaged, or of another Sconce: begin anew");
        if (read.Target != settings.Target)
            throw new SettingsException("target", called => $"{called} {settings.Target}: {path} was learnt for '{read.Target}'");
        if (read.Kind != settings.Detector)
            throw new SettingsException("detector", called => $"{called}: {path} was watched by another");
        if ((read.Learner is null) != (settings.Answers is not null))
        {
            string other = read.Learner is null ? "with" : "without";
            throw new SettingsException("answers", called => $"{called}: {path} is of a stream {other}");
        }

        return read;
    }

    /// <summary>Writes it in place of what was there.</summary>
    public void Write(string path, CancellationToken cancellation) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, MonitorJson.Default.MonitorMemory), cancellation);

    private bool IsWhole
    {
        get
        {
            if (Watch.Error.Length != 4 || Classes.Length < 2 || !IsDetector(Watch.Detector)) return false;
            if (Learner is null || Features is null) return Learner is null && Features is null;
            int count = Features.Columns.Length;
            return Learner.Weights.Length == (Classes.Length == 2 ? 1 : Classes.Length) && Learner.Weights.All(row => row is not null)
                && Features.AreNumbers.Length == count && Features.Numbers.Length == count
                && Features.Numbers.All(row => row is { Length: 3 })
                && Features.Kinds.All(kind => kind is { Kind: not null, Column: >= 0 } && kind.Column < count)
                && Features.Kinds.Distinct().Count() == Features.Kinds.Length;
        }
    }

    /// <summary>Four numbers; ADWIN's buckets behind them, each row's count first.</summary>
    private bool IsDetector(double[] numbers)
    {
        if (Kind != DetectorKind.Adwin || numbers.Length < 4) return numbers.Length == 4;
        double at = 4;
        while (at < numbers.Length && numbers[(int)at] >= 0) at += 1 + (2 * Math.Floor(numbers[(int)at]));
        return at == numbers.Length && numbers.Length > 4;
    }
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MonitorMemory))]
internal sealed partial class MonitorJson : JsonSerializerContext;
