using System.Globalization;
using System.Text.Json;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>A line between two points in pixels.</summary>
/// <param name="X1">Of the first point.</param>
/// <param name="Y1">Of the first point.</param>
/// <param name="X2">Of the second.</param>
/// <param name="Y2">Of the second.</param>
/// <param name="Name">What answers call it; empty for its number.</param>
public readonly record struct TrackLine(double X1, double Y1, double X2, double Y2, string Name = "")
{
    /// <summary>Which side a point lies on: above 0 to the right of who looks from the first to the second point, y downwards.</summary>
    public double Side(double x, double y) => ((X2 - X1) * (y - Y1)) - ((Y2 - Y1) * (x - X1));

    /// <summary>Whether a way between two points crosses the line between its ends: 1 to the right, -1 to the left, else 0.</summary>
    public int Crossed(double fromX, double fromY, double toX, double toY)
    {
        double before = Side(fromX, fromY), after = Side(toX, toY);
        if (before > 0 == after > 0) return 0;
        var way = new TrackLine(fromX, fromY, toX, toY);
        return way.Side(X1, Y1) > 0 != way.Side(X2, Y2) > 0 ? (after > 0 ? 1 : -1) : 0;
    }
}

/// <summary>Lines whose crossings are counted.</summary>
/// <param name="Items">One at least.</param>
public sealed record TrackLines(IReadOnlyList<TrackLine> Items) : ISettingValue<TrackLines>
{
    /// <inheritdoc/>
    public static SettingValue<TrackLines> Value { get; } = new NumbersValue<TrackLines>(
        "x1,y1,x2,y2 in pixels, two different points, or NAME=x1,y1,x2,y2; several lines one after the other", "NAME=X1,Y1,X2,Y2", Read,
        lines => string.Join(',', lines.Items.Select(Text)));

    /// <summary>What a line is called: its name, or its number from 1.</summary>
    internal string Called(int line) =>
        Items[line].Name is { Length: > 0 } name ? name : (line + 1).ToString(CultureInfo.InvariantCulture);

    private static string Text(TrackLine line) =>
        (line.Name.Length > 0 ? line.Name + "=" : "") + AreaText.Of(line.X1, line.Y1, line.X2, line.Y2);

    private static TrackLines? Read(string text)
    {
        var read = text.Split(',', StringSplitOptions.TrimEntries).Chunk(4).Select(One).ToList();
        if (!read.TrueForAll(line => line is not null)) return null;
        var lines = new TrackLines([.. read.Select(line => line!.Value)]);
        var names = Enumerable.Range(0, read.Count).Select(lines.Called);
        return names.Distinct(StringComparer.Ordinal).Count() == read.Count ? lines : null;
    }

    private static TrackLine? One(string[] ends)
    {
        int equals = ends[0].IndexOf('=', StringComparison.Ordinal);
        if (equals == 0 || ends.Length != 4) return null;
        string name = equals > 0 ? ends[0][..equals].Trim() : "";
        return AreaText.Numbers([ends[0][(equals + 1)..], .. ends[1..]]) is [var x1, var y1, var x2, var y2] && (x1, y1) != (x2, y2)
            ? new TrackLine(x1, y1, x2, y2, name) : null;
    }
}

/// <summary>An area in pixels.</summary>
/// <param name="Name">What answers call it.</param>
/// <param name="Corners">x and y in turn of a polygon's corners, three at least.</param>
public sealed record TrackZone(string Name, IReadOnlyList<double> Corners)
{
    /// <summary>Whether a point lies within, by the number of edges that a ray from it meets.</summary>
    public bool Holds(double x, double y)
    {
        bool within = false;
        for (int k = 0, last = Corners.Count - 2; k < Corners.Count; last = k, k += 2)
        {
            double left = Corners[k], top = Corners[k + 1], right = Corners[last], bottom = Corners[last + 1];
            if (top > y != bottom > y && x < ((right - left) * (y - top) / (bottom - top)) + left) within = !within;
        }

        return within;
    }
}

/// <summary>Areas in which the time is told.</summary>
/// <param name="Items">One at least.</param>
public sealed record TrackZones(IReadOnlyList<TrackZone> Items) : ISettingValue<TrackZones>
{
    /// <inheritdoc/>
    public static SettingValue<TrackZones> Value { get; } = new NumbersValue<TrackZones>(
        "NAME=x1,y1,x2,y2,… in pixels: two corners of a box, or three and more of a polygon; other names for others",
        "NAME=X,Y,…", Read,
        zones => string.Join(',', zones.Items.Select(zone => $"{zone.Name}={AreaText.Of([.. zone.Corners])}")));

    private static TrackZones? Read(string text)
    {
        var zones = new List<(string Name, List<string> Numbers)>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) zones.Add((part[..equals].Trim(), []));
            else if (zones.Count == 0) zones.Add(("zone", []));
            zones[^1].Numbers.Add(part[(equals + 1)..]);
        }

        var read = zones.Select(zone => Of(zone.Name, AreaText.Numbers(zone.Numbers))).ToList();
        bool isGood = read.TrueForAll(zone => zone is not null) && read.Select(zone => zone!.Name).Distinct().Count() == read.Count;
        return isGood && read.Count > 0 ? new TrackZones([.. read.Select(zone => zone!)]) : null;
    }

    private static TrackZone? Of(string name, double[]? numbers) => numbers switch
    {
        [var left, var top, var right, var bottom] => new TrackZone(name, [left, top, right, top, right, bottom, left, bottom]),
        { Length: >= 6 } when numbers.Length % 2 == 0 => new TrackZone(name, numbers),
        _ => null,
    };
}

/// <summary>Numbers with commas between.</summary>
internal static class AreaText
{
    public static string Of(params IReadOnlyList<double> numbers) =>
        string.Join(',', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>The numbers; null where one is none.</summary>
    public static double[]? Numbers(IReadOnlyList<string> parts)
    {
        var numbers = new double[parts.Count];
        for (int k = 0; k < numbers.Length; k++)
        {
            bool isNumber = double.TryParse(parts[k], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[k]);
            if (!isNumber || !double.IsFinite(numbers[k])) return null;
        }

        return numbers;
    }
}

/// <summary>A setting that is a text of numbers.</summary>
internal sealed class NumbersValue<T>(string range, string placeholder, Func<string, T?> read, Func<T, string> text) : SettingValue<T>
    where T : class
{
    public override string Range => range;

    public override string Placeholder => placeholder;

    public override bool IsList => true;

    public override bool TryRead(string typed, out T value)
    {
        var found = read(typed);
        value = found!;
        return found is not null;
    }

    public override bool TryRead(JsonElement element, out T value)
    {
        value = null!;
        return element.ValueKind == JsonValueKind.String && TryRead(element.GetString()!, out value);
    }

    public override bool Holds(T value) => value is not null && read(text(value)) is not null;

    public override string Text(T value) => text(value);

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteStringValue(text(value));

    public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "string");
}
