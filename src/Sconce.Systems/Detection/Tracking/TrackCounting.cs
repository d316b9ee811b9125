using Sconce.Abilities;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>An object's centre crossed a line.</summary>
/// <param name="Line">The line's number, from 0.</param>
/// <param name="At">The first box beyond it.</param>
/// <param name="IsIn">Whether it went to the right hand of who looks along the line.</param>
internal sealed record Crossing(int Line, TrackedBox At, bool IsIn);

/// <summary>Counts by the centres of tracked boxes: who crossed a line, and how long who stayed in a zone.</summary>
internal static class TrackCounting
{
    /// <summary>Crossings in the order of frames.</summary>
    public static List<Crossing> Crossings(IEnumerable<TrackedBox> followed, IReadOnlyList<TrackLine> lines)
    {
        var last = new Dictionary<int, (double X, double Y)>();
        var found = new List<Crossing>();
        foreach (var item in followed)
        {
            var (x, y) = Centre(item.Box);
            if (last.TryGetValue(item.Id, out var before))
            {
                for (int k = 0; k < lines.Count; k++)
                {
                    if (lines[k].Crossed(before.X, before.Y, x, y) is not 0 and var way) found.Add(new Crossing(k, item, way > 0));
                }
            }

            last[item.Id] = (x, y);
        }

        return found;
    }

    /// <summary>A row a crossing.</summary>
    public static Rows Rows(IEnumerable<Crossing> crossings) => new(
        ["line", "frame", "seconds", "id", "label", "direction"],
        [
            .. crossings.Select(one => (object?[])
                [one.Line + 1L, one.At.Frame, one.At.Seconds, (long)one.At.Id, one.At.Box.Name, one.IsIn ? "in" : "out"]),
        ]);

    /// <summary>A row a line.</summary>
    public static Rows Counts(IReadOnlyList<Crossing> crossings, int lines) => new(
        ["line", "in", "out"],
        [
            .. Enumerable.Range(0, lines).Select(line => (object?[])
            [
                line + 1L,
                crossings.LongCount(one => one.Line == line && one.IsIn),
                crossings.LongCount(one => one.Line == line && !one.IsIn),
            ]),
        ]);

    /// <summary>A row a stay. It ends when the object is seen outside, or for the last time; while it is hidden it stays.</summary>
    public static Rows Stays(IEnumerable<TrackedBox> followed, IReadOnlyList<TrackZone> zones)
    {
        var open = new Dictionary<(int Zone, int Id), (TrackedBox First, TrackedBox Last)>();
        var done = new List<(int Zone, TrackedBox First, TrackedBox Last)>();
        foreach (var item in followed)
        {
            var (x, y) = Centre(item.Box);
            for (int k = 0; k < zones.Count; k++)
            {
                var key = (k, item.Id);
                bool isOpen = open.TryGetValue(key, out var stay);
                if (zones[k].Holds(x, y)) open[key] = (isOpen ? stay.First : item, item);
                else if (isOpen && open.Remove(key)) done.Add((k, stay.First, stay.Last));
            }
        }

        done.AddRange(open.Select(pair => (pair.Key.Zone, pair.Value.First, pair.Value.Last)));
        return new Rows(
            ["zone", "id", "label", "from", "to", "seconds"],
            [
                .. done.OrderBy(stay => stay.Zone).ThenBy(stay => stay.First.Frame).ThenBy(stay => stay.First.Id).Select(stay => (object?[])
                [
                    zones[stay.Zone].Name, (long)stay.First.Id, stay.First.Box.Name,
                    stay.First.Seconds, stay.Last.Seconds, stay.Last.Seconds - stay.First.Seconds,
                ]),
            ]);
    }

    private static (double X, double Y) Centre(Box box) => ((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2);
}
