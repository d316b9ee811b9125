using Sconce.Abilities;
using Sconce.Data;
using Sconce.Tables;

namespace Sconce.Systems.Tools.Wit;

/// <summary>A table of WIT, packed or not, that is read row by row.</summary>
public sealed class WitTable : IInput<WitTable>
{
    private WitTable(string path) => Path = path;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Table;

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <inheritdoc/>
    public static WitTable Of(string given) => new(given);

    /// <inheritdoc/>
    public void Prepare()
    {
        if (!File.Exists(Path)) throw new DataException(Path, "there is no such file");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Which rows count, and what is written.</summary>
[Settings]
public sealed partial record WitDataSettings
{
    /// <summary>Languages that count, by Wikipedia's codes; all where left out.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Whether pairs for training are written too: address, language, caption and context, a row each.</summary>
    public bool Pairs { get; init; }

    /// <summary>Pairs at most.</summary>
    [Within(1, 100_000_000)]
    public int Most { get; init; } = 1_000_000;
}

/// <summary>What a table holds.</summary>
/// <param name="Figures">Rows, what stays, what is broken or left out, which texts there are.</param>
/// <param name="Languages">A row a language.</param>
/// <param name="Pairs">For training; null where they were not asked for.</param>
public sealed record WitDataAnswer(Rows Figures, Rows Languages, MadeTable? Pairs) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
        Pairs is null
            ? [("figures", Figures), ("languages", Languages)]
            : [("pairs", Pairs), ("figures", Figures), ("languages", Languages)];
}

/// <summary>Says what a table of WIT holds, and writes pairs for training.</summary>
public sealed class WitDescribe : Ability<WitTable, WitDataAnswer, WitDataSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Describe;

    /// <inheritdoc/>
    public override string Purpose =>
        "tables of WIT in (tsv, tsv.gz); out, languages, captions, what is missing or broken, and pairs for training";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PairRetrieval>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("wit.tsv.gz", "what a table holds"),
        ("wit.tsv.gz --languages en,de --pairs --out pairs.csv", "pairs for training of two languages"),
    ];

    /// <inheritdoc/>
    public override Session<WitTable, WitDataAnswer, WitDataSettings> Open(OpenRequest request) => new WitDescribeSession();
}

/// <summary>Counts rows.</summary>
public sealed class WitDescribeSession : Session<WitTable, WitDataAnswer, WitDataSettings>
{
    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<WitDataAnswer> Answer(
        IReadOnlyList<WitTable> inputs, WitDataSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Of(input.Path, settings, progress, cancellation))];

    private static WitDataAnswer Of(
        string path, WitDataSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var counts = new OrderedDictionary<string, long> { ["rows"] = 0, ["kept"] = 0, ["with a text for its picture"] = 0 };
        var languages = new SortedDictionary<string, (long Rows, long Kept, long Texts)>(StringComparer.Ordinal);
        var pictures = new HashSet<int>(); // of addresses by a hash: millions of addresses would not fit
        var pairs = new List<WitRow>();
        foreach (var record in WitReader.Read(path))
        {
            if ((record.Number & 1023) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("reading rows", record.Number, 0));
            }

            if (record.Row is not { } row)
            {
                Count("rows");
                Count($"broken: {record.Error}");
                continue;
            }

            if (settings.Languages.Count > 0 && !settings.Languages.Contains(row.Language)) continue;
            Count("rows");
            string? dropped = WitPairs.Dropped(row), text = dropped is null ? WitPairs.Text(row) : null;
            Count(dropped is null ? "kept" : $"left out: {dropped}");
            if (row.ReferenceCaption.Length > 0) Count("reference captions");
            if (row.AttributionCaption.Length > 0) Count("attribution captions");
            if (row.AltText.Length > 0) Count("alternative texts");
            if (row.PageContext.Length + row.SectionContext.Length > 0) Count("contexts");
            pictures.Add(row.ImageUrl.GetHashCode(StringComparison.Ordinal));
            var (all, kept, texts) = languages.GetValueOrDefault(row.Language);
            languages[row.Language] = (all + 1, kept + (dropped is null ? 1 : 0), texts + (text is null ? 0 : 1));
            if (text is null) continue;
            Count("with a text for its picture");
            if (settings.Pairs && pairs.Count < settings.Most) pairs.Add(row);
        }

        counts["different pictures"] = pictures.Count;
        return new WitDataAnswer(
            new Rows(["what", "rows"], [.. counts.Select(count => (object?[])[count.Key, count.Value])]),
            new Rows(["language", "rows", "kept", "with text"],
                [.. languages.Select(one => (object?[])[one.Key, one.Value.Rows, one.Value.Kept, one.Value.Texts])]),
            settings.Pairs ? new MadeTable(Table(pairs, path)) : null);

        void Count(string what) => counts[what] = counts.GetValueOrDefault(what) + 1;
    }

    private static Table Table(List<WitRow> pairs, string path)
    {
        if (pairs.Count == 0) throw new DataException(path, "no row has a text that goes with its picture: there are no pairs");
        TableColumn Column(string name, Func<WitRow, string?> of) =>
            new(name, (string?[])[.. pairs.Select(row => of(row) is { Length: > 0 } text ? text : null)]);
        return new Table(path,
        [
            Column("image_url", row => row.ImageUrl), Column("language", row => row.Language), Column("caption", WitPairs.Text),
            Column("page_title", row => row.PageTitle), Column("page_context", row => row.PageContext),
            Column("section_context", row => row.SectionContext), Column("page_url", row => row.PageUrl),
        ]);
    }
}
