using System.Globalization;
using Sconce.Data;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>A keypoint as files have it, in pixels.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From the top.</param>
internal readonly record struct PosePoint(double X, double Y);

/// <summary>The keypoints of one picture.</summary>
/// <param name="Name">The picture's file, or what a pose is called.</param>
/// <param name="Points">By label.</param>
internal sealed record NamedPose(string Name, IReadOnlyDictionary<string, PosePoint> Points);

/// <summary>
/// The three tables of a character, without a line of names: keypoints (label, x, y, file), skeleton (label, neighbours …), layers (label,
/// layer). tohinz/CharacterGAN@8154aba3 datasets/.
/// </summary>
internal static class PoseFile
{
    private const string Label = "label";
    private const int LargestCoordinate = 100_000;

    /// <summary>The poses of a table of keypoints, in the order of their first lines.</summary>
    /// <exception cref="DataException">A line is no keypoint, or a keypoint stands twice in a pose.</exception>
    public static IReadOnlyList<NamedPose> Poses(string path)
    {
        var poses = new OrderedDictionary<string, Dictionary<string, PosePoint>>();
        foreach (var (fields, place) in Records(path))
        {
            if (fields.Length != 4) throw new DataException(place, $"{fields.Length} fields; a keypoint has four: label, x, y, file");
            var points = poses.TryGetValue(fields[3], out var known) ? known : poses[fields[3]] = [];
            if (!points.TryAdd(fields[0], new PosePoint(Coordinate(fields[1], place), Coordinate(fields[2], place))))
                throw new DataException(place, $"'{fields[0]}' stands twice in {fields[3]}");
        }

        if (poses.Count == 0) throw new DataException(path, "it has no keypoint: lines of label, x, y, file are expected");
        return [.. poses.Select(pose => new NamedPose(pose.Key, pose.Value))];
    }

    /// <summary>The layer of each label; all in the middle one where there is no such file.</summary>
    /// <param name="path">The table.</param>
    /// <param name="labels">All there are.</param>
    /// <param name="count">How many layers a network has.</param>
    public static int[] Layers(string path, IReadOnlyList<string> labels, int count)
    {
        int[] layers = [.. labels.Select(_ => count / 2)];
        if (!File.Exists(path)) return layers;
        var missing = labels.ToHashSet();
        foreach (var (fields, place) in Records(path))
        {
            if (fields.Length != 2 || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out int layer) || layer < 0 || layer >= count)
                throw new DataException(place, $"a label and its layer, 0 to {count - 1}, are expected");
            layers[IndexOf(fields[0], labels, place)] = layer;
            missing.Remove(fields[0]);
        }

        if (missing.Count > 0) throw new DataException(path, $"it says no layer of {string.Join(", ", missing.Order().Take(4))}");
        return layers;
    }

    /// <summary>The lines of a skeleton, each once; none where there is no such file.</summary>
    public static IReadOnlyList<CharacterEdge> Skeleton(string path, IReadOnlyList<string> labels)
    {
        if (!File.Exists(path)) return [];
        var edges = new HashSet<CharacterEdge>();
        foreach (var (fields, place) in Records(path))
        {
            int from = IndexOf(fields[0], labels, place);
            foreach (string neighbour in fields.Skip(1).Where(field => field.Length > 0))
            {
                int to = IndexOf(neighbour, labels, place);
                if (from == to) throw new DataException(place, $"'{neighbour}' is joined to itself");
                edges.Add(new CharacterEdge(Math.Min(from, to), Math.Max(from, to)));
            }
        }

        return [.. edges.OrderBy(edge => edge.From).ThenBy(edge => edge.To)];
    }

    /// <summary>A pose's keypoints in the order of labels, all of them and none else.</summary>
    /// <param name="pose">The pose.</param>
    /// <param name="labels">What the character has.</param>
    /// <param name="path">The table, for errors.</param>
    public static IReadOnlyList<PosePoint> Complete(NamedPose pose, IReadOnlyList<string> labels, string path)
    {
        foreach (string label in pose.Points.Keys.Order(StringComparer.Ordinal)) IndexOf(label, labels, $"{path}, {pose.Name}");
        var missing = labels.Where(label => !pose.Points.ContainsKey(label)).ToList();
        if (missing.Count == 0) return [.. labels.Select(label => pose.Points[label])];
        throw new DataException(
            path, $"{pose.Name} lacks {string.Join(", ", missing.Take(4))}: every pose has all {labels.Count} keypoints of the character");
    }

    private static int IndexOf(string label, IReadOnlyList<string> labels, string place)
    {
        for (int k = 0; k < labels.Count; k++)
        {
            if (labels[k] == label) return k;
        }

        throw new DataException(
            place, $"the character has no keypoint '{label}'. {NearestNames.Suggest(label, labels)} It has {string.Join(", ", labels)}");
    }

    private static double Coordinate(string text, string place)
    {
        bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        if (isNumber && Math.Abs(value) <= LargestCoordinate) return value;
        throw new DataException(place, $"'{text}' is no coordinate in pixels");
    }

    /// <summary>Lines without blanks; one of names is passed over.</summary>
    private static IEnumerable<(string[] Fields, string Place)> Records(string path) => CsvTable.ReadRecords(path)
        .Select(record => (Fields: record.Fields.Select(field => field.Trim()).ToArray(), record.Place))
        .Where(record => record.Fields[0].Length > 0 && !record.Fields[0].Equals(Label, StringComparison.OrdinalIgnoreCase));
}
