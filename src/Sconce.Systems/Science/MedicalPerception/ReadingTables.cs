using Sconce.Tables;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>Reads what people said of pictures, and which subgroup each picture belongs to.</summary>
internal static class ReadingTables
{
    private static readonly TableOptions Texts = new() { TextColumns = ["reader", "picture", "class", "group"] };

    /// <summary>Each picture's subgroup.</summary>
    /// <param name="path">A table with the columns <c>picture</c> and <c>group</c>.</param>
    /// <param name="pictures">Paths; a table may name them by their ends.</param>
    /// <exception cref="TableException">A picture has none.</exception>
    public static string[] Groups(string path, IReadOnlyList<string> pictures)
    {
        var table = Table.Read(path, Texts);
        var places = new PicturePlaces(pictures);
        var groups = new string?[pictures.Count];
        for (int row = 0; row < table.Rows; row++)
        {
            foreach (int place in places.Of(Text(table, "picture", row))) groups[place] = Text(table, "group", row);
        }

        int missing = Array.IndexOf(groups, null);
        return missing < 0 ? [.. groups.OfType<string>()] : throw new TableException(path, $"it names no group of {pictures[missing]}");
    }

    /// <summary>
    /// What people said; who gave a class without a confidence was sure, and the other classes share what a reader left.
    /// </summary>
    /// <param name="path">
    /// A table with the columns <c>reader</c>, <c>picture</c>, <c>severity</c>, <c>class</c> and perhaps <c>confidence</c>.
    /// </param>
    /// <param name="pictures">Paths.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="severities">How many there are.</param>
    /// <exception cref="TableException">A row means nothing; the message names it.</exception>
    public static IReadOnlyList<SeverityReadings> Readers(
        string path, IReadOnlyList<string> pictures, IReadOnlyList<string> classes, int severities)
    {
        var table = Table.Read(path, Texts);
        var places = new PicturePlaces(pictures);
        var readers = new Dictionary<string, Dictionary<(int Severity, int Picture), double[]>>(StringComparer.Ordinal);
        for (int row = 0; row < table.Rows; row++)
        {
            string said = Text(table, "class", row);
            int index = classes.ToList().IndexOf(said);
            if (index < 0) throw Fault(row, $"'{said}' is no class. {NearestNames.Suggest(said, classes)}".TrimEnd());
            double severity = table["severity"].Numbers[row];
            if (!(severity >= 0) || severity >= severities || severity != Math.Floor(severity))
                throw Fault(row, $"severities are whole numbers from 0 to {severities - 1}, not {severity}");
            double confidence = table.Has("confidence") && !table["confidence"].IsBlank(row) ? table["confidence"].Numbers[row] : 1;
            if (!(confidence >= 0 && confidence <= 1)) throw Fault(row, $"a confidence is in 0 to 1, not {confidence}");
            string reader = Text(table, "reader", row);
            if (!readers.TryGetValue(reader, out var scores)) readers[reader] = scores = [];
            double[] chances = [.. Enumerable.Range(0, classes.Count)
                .Select(k => k == index ? confidence : (1 - confidence) / Math.Max(1, classes.Count - 1))];
            foreach (int place in places.Of(Text(table, "picture", row))) scores[((int)severity, place)] = chances;
        }

        return [.. readers.Select(reader => new SeverityReadings(reader.Key, severities, reader.Value))];

        TableException Fault(int row, string what) => new(path, $"row {row + 1}: {what}");
    }

    private static string Text(Table table, string column, int row) =>
        table[column].Text(row) ?? throw new TableException(table.Name, $"row {row + 1}: '{column}' is blank");

    /// <summary>Finds pictures by their path or its end: <c>scan7.png</c>, <c>benign/scan7.png</c>.</summary>
    private sealed class PicturePlaces
    {
        private readonly ILookup<string, int> byEnd;

        public PicturePlaces(IReadOnlyList<string> pictures) => byEnd = pictures
            .SelectMany((path, place) => Ends(path.Replace('\\', '/')).Select(end => (end, place)))
            .ToLookup(pair => pair.end, pair => pair.place, StringComparer.Ordinal);

        /// <summary>None for a picture that is not asked about.</summary>
        public IEnumerable<int> Of(string name) => byEnd[name.Replace('\\', '/')];

        private static IEnumerable<string> Ends(string path)
        {
            yield return path;
            for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
                yield return path[(slash + 1)..];
        }
    }
}
