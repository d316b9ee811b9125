using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Claims;
using Sconce.Files;

namespace Sconce.Reports;

/// <summary>One arm's figures in <c>result.json</c>.</summary>
/// <param name="Arm">The baseline or the method, under one condition.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="IsMethod">Whether it is the paper's method.</param>
/// <param name="Mean">Over seeds; NaN, written as null, where a run diverged.</param>
/// <param name="Spread">The sample standard deviation over seeds.</param>
/// <param name="Values">One a seed.</param>
public sealed record RowRecord(string Arm, string Metric, bool IsMethod, double Mean, double Spread, IReadOnlyList<double> Values)
{
    internal static RowRecord Of(ClaimRow row) => new(row.Arm, row.Metric, row.IsMethod, row.Mean, row.Spread, row.Values);

    /// <summary>As the claim gave it.</summary>
    public ClaimRow ToRow() => new(Arm, Metric, Values) { IsMethod = IsMethod };
}

/// <summary>One curve in <c>result.json</c>.</summary>
/// <param name="Chart">The chart that it belongs to.</param>
/// <param name="Name">Arm and seed.</param>
/// <param name="X">Steps.</param>
/// <param name="Y">Values; NaN is written as null.</param>
public sealed record CurveRecord(string Chart, string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>A name with its value.</summary>
/// <param name="Name">Such as <c>batch</c>.</param>
/// <param name="Value">Such as <c>64</c>.</param>
public sealed record NamedValue(string Name, string Value);

/// <summary>What <c>result.json</c> holds: one claim, run once.</summary>
/// <param name="System">The system's name.</param>
/// <param name="Title">The system's name in its paper.</param>
/// <param name="Newsletter">The newsletter's week.</param>
/// <param name="Statement">What is claimed.</param>
/// <param name="Rule">When it holds.</param>
/// <param name="Verdict"><c>holds</c>, <c>doesNotHold</c> or <c>undecided</c>; null where the experiment could not be run.</param>
/// <param name="Reason">The figures behind the verdict, or the error.</param>
/// <param name="Date">When it ended.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Quick">Whether only the plumbing was tried.</param>
/// <param name="Seeds">Repetitions.</param>
/// <param name="FirstSeed">The first seed.</param>
/// <param name="Data">The folder of real data; null for the procedural set.</param>
/// <param name="Rows">Every arm's figures.</param>
/// <param name="Curves">Every curve.</param>
/// <param name="Configuration">The experiment's settings.</param>
/// <param name="Versions">What it ran on.</param>
public sealed record ClaimRecord(
    string System, string Title, [property: JsonPropertyName("week")] string Newsletter, string Statement, string Rule,
    Verdict? Verdict, string Reason, DateTimeOffset Date, double Seconds, bool Quick,
    int Seeds, int FirstSeed, string? Data, IReadOnlyList<RowRecord> Rows, IReadOnlyList<CurveRecord> Curves,
    IReadOnlyList<NamedValue> Configuration, IReadOnlyList<NamedValue> Versions)
{
    /// <summary>What the rule asked for besides the rows.</summary>
    public IReadOnlyList<RowRecord> Checks { get => field ?? []; init; } // older files have none

    /// <summary>Reads a <c>result.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is no such file; the message names it and the fault.</exception>
    public static ClaimRecord Read(string path)
    {
        try
        {
            using var file = RegularFile.Open(path);
            var record = JsonSerializer.Deserialize(file, ReportJson.Readable.ClaimRecord);
            if (record is { System: not null, Title: not null, Statement: not null, Rule: not null, Reason: not null, Rows: not null })
                return record;
            throw new InvalidDataException($"{path}: is no result of a claim: fields are missing. Delete it, or run the claim again");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path}: is no result of a claim (line {error.LineNumber + 1}). Delete it, or run the claim again", error);
        }
    }

    /// <summary>The record as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Readable.ClaimRecord);
}

/// <summary>The JSON of reports.</summary>
[JsonSerializable(typeof(ClaimRecord))]
[JsonSerializable(typeof(ChartData[]))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>For files that people read too.</summary>
    internal static ReportJson Readable { get; } = new(Settings(JavaScriptEncoder.UnsafeRelaxedJsonEscaping, indented: true));

    /// <summary>For a script element inside a page: <c>&lt;</c> is escaped.</summary>
    internal static ReportJson Embedded { get; } = new(Settings(JavaScriptEncoder.Default, indented: false));

    private static JsonSerializerOptions Settings(JavaScriptEncoder encoder, bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = indented,
        Encoder = encoder,
        Converters = { new FiniteNumber(), new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase) },
    };
}

/// <summary>JSON has no NaN: null stands for it; infinities are written as texts.</summary>
internal sealed class FiniteNumber : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => double.NaN,
        JsonTokenType.String => reader.GetString() switch
        {
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var other => throw new JsonException($"'{other}' is no number"),
        },
        _ => reader.GetDouble(),
    };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsNaN(value)) writer.WriteNullValue();
        else if (double.IsInfinity(value)) writer.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
        else writer.WriteNumberValue(value);
    }
}
