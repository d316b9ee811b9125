using System.Globalization;
using Sconce.Tables;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>What a station has.</summary>
internal enum SensorKind
{
    /// <summary>It shows small motion well, and saturates.</summary>
    Seismometer,

    /// <summary>High-rate positions: noisy, but they show large motion whole.</summary>
    Gps,
}

/// <summary>What a station showed at a moment.</summary>
/// <param name="Time">In seconds, by the station's clock.</param>
/// <param name="Station">Its name.</param>
/// <param name="Kind">What it has.</param>
/// <param name="Components">East, north, up; NaN for one that is missing.</param>
internal readonly record struct SensorReading(double Time, string Station, SensorKind Kind, double[] Components);

/// <summary>
/// Reads recordings as they come: CSV with time, station, kind and one to three components, under any of their usual
/// names.
/// </summary>
internal static class SensorReadings
{
    public const int Components = 3;

    private static readonly string[][] Names =
    [
        ["time", "t", "seconds", "timestamp"], ["station", "sta", "id", "sensor"], ["kind", "type", "instrument", "channel"],
        ["e", "ew", "east", "x", "component_e"], ["n", "ns", "north", "y", "component_n"], ["u", "ud", "up", "z", "component_u"],
    ];

    private static readonly string[] SeismicWords =
        ["seismometer", "seismic", "accelerometer", "acceleration", "strong motion", "velocity"];
    private static readonly string[] GpsWords = ["gps", "gnss", "displacement", "position"];

    /// <summary>The readings of a file.</summary>
    /// <exception cref="TableException">It is no such table; the message names the line.</exception>
    public static IReadOnlyList<SensorReading> ReadFile(string path)
    {
        try
        {
            using var text = new StreamReader(path);
            return [.. Read(text, path)];
        }
        catch (IOException fault)
        {
            throw new TableException(path, $"it cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>The readings of a text, each as soon as its line is there.</summary>
    /// <param name="text">CSV with commas, semicolons or tabs.</param>
    /// <param name="name">For errors.</param>
    /// <param name="leftOut">
    /// Told of a line that cannot be read, by its station ("" where it names none), and the reading goes on: one broken station must not
    /// silence all. Null for an error.
    /// </param>
    public static IEnumerable<SensorReading> Read(TextReader text, string name, Action<string, TableException>? leftOut = null)
    {
        TableException Fault(int line, string fault) => new($"{name}, line {line}", fault);
        string first = text.ReadLine() ?? throw new TableException(name, "it is empty: a first line of column names is expected");
        char separator = first.Contains(';') ? ';' : first.Contains('\t') ? '\t' : ',';
        int[] columns = Columns(first.Split(separator), name);
        foreach (var row in new DelimitedRows(text, separator, (line, fault) => Fault(line + 1, fault)).All())
        {
            if (row.IsBlank) continue;
            var (reading, fault) = Reading(row.Fields, columns);
            if (fault is null) yield return reading;
            else if (leftOut is null) throw Fault(row.Line + 1, fault);
            else leftOut(columns[1] < row.Fields.Length ? row.Fields[columns[1]].Trim() : "", Fault(row.Line + 1, fault));
        }
    }

    /// <summary>What a line says, or why it cannot be read.</summary>
    private static (SensorReading Reading, string? Fault) Reading(string[] fields, int[] columns)
    {
        if (fields.Length <= columns.Max()) return (default, $"it has {fields.Length} fields, and the names ask for more");
        var components = new double[Components];
        for (int k = 0; k < Components; k++)
        {
            string field = columns[k + 3] < 0 ? "" : fields[columns[k + 3]].Trim();
            if (field.Length == 0 || field.Equals("nan", StringComparison.OrdinalIgnoreCase)) components[k] = double.NaN;
            else if (Number(field) is { } number) components[k] = number;
            else return (default, $"'{field}' is no number");
        }

        string station = fields[columns[1]].Trim(), time = fields[columns[0]].Trim(), kind = fields[columns[2]].Trim();
        if (station.Length == 0) return (default, "the station has no name");
        if (Time(time) is not { } at) return (default, $"'{time}' is no time: seconds, or a date and time by ISO 8601");
        return Kind(kind) is { } known
            ? (new SensorReading(at, station, known, components), null)
            : (default, $"'{kind}' is no kind of station: seismometer or gps");
    }

    private static int[] Columns(string[] header, string name)
    {
        string[] found = [.. header.Select(column => column.Trim().Trim('"', '\uFEFF').ToLowerInvariant())];
        int[] columns = [.. Names.Select(known => Array.FindIndex(found, known.Contains))];
        string[] needed = ["time", "station", "kind"];
        for (int k = 0; k < needed.Length; k++)
        {
            if (columns[k] < 0)
                throw new TableException(name, $"there is no column '{needed[k]}' among {string.Join(", ", found)}");
        }

        return columns[3..].Any(column => column >= 0) ? columns
            : throw new TableException(name, $"there is no component (e, n, u; ew, ns, ud) among {string.Join(", ", found)}");
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    private static double? Time(string text) => Number(text)
        ?? (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? (moment - DateTimeOffset.UnixEpoch).TotalSeconds
            : null);

    /// <summary>By its word, or by SEED's codes of instruments: HH, BH, HN are seismometers, LY and LX positions.</summary>
    private static SensorKind? Kind(string text)
    {
        string word = text.ToLowerInvariant();
        if (GpsWords.Contains(word) || word.StartsWith("ly", StringComparison.Ordinal) || word.StartsWith("lx", StringComparison.Ordinal))
            return SensorKind.Gps;
        bool isCode = word.Length is 2 or 3 && word[0] is 'h' or 'b' or 's' or 'e' && word[1] is 'h' or 'n' or 'l';
        return isCode || SeismicWords.Contains(word) ? SensorKind.Seismometer : null;
    }
}
