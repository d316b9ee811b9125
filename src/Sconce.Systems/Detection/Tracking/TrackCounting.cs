using Sconce.Abilities;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>An object's centre crossed a line.</summary>
/// <param name="Line">The line's number, from 0.</param>
/// <param name="At">The first box beyond it.</param>
/// <param name="IsIn">Whether it went to the right hand of who looks along the line.</param>
internal sealed record Crossing(int Line, TrackedBox At, bool IsIn);

/// <summary>Who crosses lines, box by box in the order of frames.</summary>
internal sealed class LineWatch(TrackLines lines)
{
    private readonly Dictionary<int, (double X, double Y)> last = [];
    private readonly int[] ins = new int[lines.Items.Count], outs = new int[lines.Items.Count];

    /// <summary>The crossings that a box makes.</summary>
    public List<Crossing> Take(TrackedBox item)
    {
        var (x, y) = TrackCounting.Centre(item.Box);
        var found = new List<Crossing>();
        if (last.TryGetValue(item.Id, out var before))
        {
            for (int k = 0; k < lines.Items.Count; k++)
            {
                if (lines.Items[k].Crossed(before.X, before.Y, x, y) is not 0 and var way) found.Add(new Crossing(k, item, way > 0));
            }
        }

        last[item.Id] = (x, y);
        foreach (var one in found) (one.IsIn ? ins : outs)[one.Line]++;
        return found;
    }

    /// <summary>How many crossed a line so far.</summary>
    public (int In, int Out) Of(int line) => (ins[line], outs[line]);
}

/// <summary>A time that an object spent in a zone.</summary>
/// <param name="Zone">The zone's number, from 0.</param>
/// <param name="First">The first box within.</param>
/// <param name="Last">The last.</param>
internal sealed record Stay(int Zone, TrackedBox First, TrackedBox Last)
{
    /// <summary>How long.</summary>
    public double Seconds => Last.Seconds - First.Seconds;
}

/// <summary>
/// Who is in zones, box by box in the order of frames. A stay ends when the object is seen outside, or for the last time; while it is
/// hidden it stays.
/// </summary>
internal sealed class ZoneWatch(TrackZones zones)
{
    private readonly Dictionary<(int Zone, int Id), Stay> open = [];

    /// <summary>Stays that have not ended.</summary>
    public IEnumerable<Stay> Open => open.Values;

    /// <summary>The stays that a box ends.</summary>
    public List<Stay> Take(TrackedBox item)
    {
        var (x, y) = TrackCounting.Centre(item.Box);
        var ended = new List<Stay>();
        for (int k = 0; k < zones.Items.Count; k++)
        {
            var key = (k, item.Id);
            var stay = open.GetValueOrDefault(key);
            if (zones.Items[k].Holds(x, y)) open[key] = new Stay(k, stay?.First ?? item, item);
            else if (stay is not null && open.Remove(key)) ended.Add(stay);
        }

        return ended;
    }

    /// <summary>The stays of an object that is in zones now.</summary>
    public IEnumerable<Stay> Of(int id) => open.Values.Where(stay => stay.Last.Id == id).OrderBy(stay => stay.Zone);
}

/// <summary>Counts by the centres of tracked boxes: who crossed a line, and how long who stayed in a zone.</summary>
internal static class TrackCounting
{
    /// <summary>Crossings in the order of frames.</summary>
    public static List<Crossing> Crossings(IEnumerable<TrackedBox> followed, TrackLines lines)
    {
        var watch = new LineWatch(lines);
        return [.. followed.SelectMany(watch.Take)];
    }

    /// <summary>A row a crossing.</summary>
    public static Rows Rows(IEnumerable<Crossing> crossings, TrackLines lines) => new(
        ["line", "frame", "seconds", "id", "label", "direction"],
        [
            .. crossings.Select(one => (object?[])
                [lines.Called(one.Line), one.At.Frame, one.At.Seconds, (long)one.At.Id, one.At.Box.Name, one.IsIn ? "in" : "out"]),
        ]);

    /// <summary>A row a line.</summary>
    public static Rows Counts(IReadOnlyList<Crossing> crossings, TrackLines lines) => new(
        ["line", "in", "out"],
        [
            .. Enumerable.Range(0, lines.Items.Count).Select(line => (object?[])
            [
                lines.Called(line),
                crossings.LongCount(one => one.Line == line && one.IsIn),
                crossings.LongCount(one => one.Line == line && !one.IsIn),
            ]),
        ]);

    /// <summary>A row a stay.</summary>
    public static Rows Stays(IEnumerable<TrackedBox> followed, TrackZones zones)
    {
        var watch = new ZoneWatch(zones);
        List<Stay> stays = [.. followed.SelectMany(watch.Take)];
        stays.AddRange(watch.Open);
        return new Rows(
            ["zone", "id", "label", "from", "to", "seconds"],
            [
                .. stays.OrderBy(stay => stay.Zone).ThenBy(stay => stay.First.Frame).ThenBy(stay => stay.First.Id)
                    .Select(stay => (object?[])
                    [
                        zones.Items[stay.Zone].Name, (long)stay.First.Id, stay.First.Box.Name, stay.First.Seconds, stay.Last.Seconds,
                        stay.Seconds,
                    ]),
            ]);
    }

    /// <summary>The point of a box that is counted by.</summary>
    public static (double X, double Y) Centre(Box box) => ((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2);
}
