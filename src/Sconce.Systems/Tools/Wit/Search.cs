using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data.Downloads;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Tools.Wit;

/// <summary>Where is searched.</summary>
[Settings]
public sealed partial record SearchSettings
{
    /// <summary>The folder of pictures; its index is brought up to date first.</summary>
    [Required]
    [FilePath]
    public string? Index { get; init; }

    /// <summary>Pictures at most.</summary>
    [Within(1, 1_000_000)]
    public int Count { get; init; } = 10;

    /// <summary>
    /// Tiles of a side that each picture is also looked at in, so that small things are found: 3 looks at the whole and at nine tiles,
    /// which takes ten times as long, once.
    /// </summary>
    [Within(1, 8)]
    public int Tiles { get; init; } = 1;

    /// <summary>The SQLite file of the index; one in the cache's folder where left out.</summary>
    [FilePath]
    public string? Store { get; init; }

    /// <summary>How sentences become tokens, for CLIP.</summary>
    public ClipVocabulary Tokens { get; init; } = new();
}

/// <summary>Finds the pictures of a folder that fit words.</summary>
public sealed class SearchByWords : Ability<Words, Rows, SearchSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Search;

    /// <inheritdoc/>
    public override string Purpose => "words in; out, the pictures of a folder that fit them best";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("\"a red lighthouse\" --index photos/ --weights ViT-B-32.pt",
            "the pictures that fit the words, by CLIP; a run's folder in place of wit by its own"),
        ("\"a red lighthouse\" --index photos/ --tiles 3", "small ones too: in tiles of each picture besides"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => SearchSession.IsKnown(network);

    /// <inheritdoc/>
    public override Session<Words, Rows, SearchSettings> Open(OpenRequest request) => new WordsSearch(request);
}

/// <summary>Finds the pictures of a folder that are like a picture.</summary>
public sealed class SearchByPicture : Ability<Picture, Rows, SearchSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Search;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, the pictures of a folder that are most like it";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--image photo.jpg --index photos/", "what is like a picture")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => SearchSession.IsKnown(network);

    /// <inheritdoc/>
    public override Session<Picture, Rows, SearchSettings> Open(OpenRequest request) => new PictureSearch(request);
}

/// <summary>Words, searched for.</summary>
public sealed class WordsSearch : Session<Words, Rows, SearchSettings>
{
    private readonly SearchSession search;

    /// <summary>Loads the encoder.</summary>
    public WordsSearch(OpenRequest request) => search = new SearchSession(request);

    /// <inheritdoc/>
    public override int BatchSize => 64;

    /// <inheritdoc/>
    protected override IReadOnlyList<Rows> Answer(
        IReadOnlyList<Words> inputs, SearchSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        search.Answer(encoder => encoder.OfTexts([.. inputs.Select(input => input.Text)]), settings, progress, cancellation);

    /// <inheritdoc/>
    protected override void Free() => search.Dispose();
}

/// <summary>Pictures, searched for.</summary>
public sealed class PictureSearch : Session<Picture, Rows, SearchSettings>
{
    private readonly SearchSession search;

    /// <summary>Loads the encoder.</summary>
    public PictureSearch(OpenRequest request) => search = new SearchSession(request);

    /// <inheritdoc/>
    public override int BatchSize => 16;

    /// <inheritdoc/>
    protected override IReadOnlyList<Rows> Answer(
        IReadOnlyList<Picture> inputs, SearchSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        search.Answer(encoder => encoder.OfPictures(inputs), settings, progress, cancellation);

    /// <inheritdoc/>
    protected override void Free() => search.Dispose();
}

/// <summary>What both searches do: an encoder, an index, the nearest.</summary>
internal sealed class SearchSession(OpenRequest request) : IDisposable
{
    private IPairEncoder? encoder;

    /// <summary>Whether a network brings words and pictures into one space.</summary>
    public static bool IsKnown(IReadOnlyList<Capability> network) => network.Has<PairRetrieval>();

    /// <summary>The nearest pictures to each embedding.</summary>
    public IReadOnlyList<Rows> Answer(
        Func<IPairEncoder, Tensor> embed, SearchSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        encoder ??= Encoder(settings.Tokens.Vocabulary);
        string folder = settings.Index!;
        using var index = new PictureIndex(settings.Store ?? StoreOf(folder, settings.Tiles), encoder, settings.Tiles);
        void Say(string stage, string remark) => progress?.Report(new WorkProgress(stage, 0, 0) { Remark = remark });
        var update = index.Update(folder, progress, fault => Say("indexing", fault), cancellation);
        if (update.Pictures == 0) throw new Data.DataException(folder, "it holds no picture that can be read");
        using var scope = new TensorScope();
        var asked = embed(encoder);
        float[] rows = asked.Contiguous().ToArray<float>();
        int width = (int)asked.Size(1);
        var clock = Stopwatch.StartNew();
        List<Rows> answers =
        [
            .. Enumerable.Range(0, (int)asked.Size(0)).Select(k => new Rows(
                ["rank", "picture", "cosine", .. settings.Tiles > 1 ? (string[])["tile"] : []],
                [
                    .. index.Nearest(rows.AsSpan(k * width, width), settings.Count).Select((found, rank) => (object?[])
                    [
                        (long)(rank + 1), found.Path, found.Cosine,
                        .. settings.Tiles > 1 ? (string[])[PictureTiles.NameOf(settings.Tiles, found.Tile)] : [],
                    ]),
                ])),
        ];
        Say("searching", $"{update.Pictures:N0} pictures, {update.Added:N0} new, {update.Removed:N0} gone, {update.Broken:N0} unreadable; "
            + $"searched in {clock.Elapsed.TotalMilliseconds:0.0} ms");
        return answers;
    }

    /// <inheritdoc/>
    public void Dispose() => encoder?.Dispose();

    private IPairEncoder Encoder(string? vocabulary)
    {
        var weights = new FileInfo(request.Weights);
        string mark = FormattableString.Invariant($"{Path.GetFullPath(request.Weights)} {weights.Length} {weights.LastWriteTimeUtc.Ticks}");
        if ((request as CatalogueRequest)?.Run?.Configuration?.Settings is WitSettings settings)
        {
            var network = WitNetworks.Create(settings.Side, settings.Length);
            ModelWeights.Load(network, request.Weights);
            network.Eval();
            return new WitEncoder(network, settings.Side, settings.Length, mark);
        }

        // Weights without a run are CLIP's: what they are can be read from their shapes.
        return new ClipEncoder(new LoadedClip(request), mark, vocabulary);
    }

    /// <summary>A file a folder and number of tiles, so that one does not drive out the other.</summary>
    private static string StoreOf(string folder, int tiles)
    {
        string whole = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + (tiles > 1 ? $"\n{tiles}" : "");
        string mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..16];
        string place = CacheFolder.Of("search");
        Directory.CreateDirectory(place);
        return Path.Combine(place, $"{mark}.sqlite");
    }
}
