using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Downloads;
using Sconce.Training;

namespace Sconce.Systems.Tools.Wit;

/// <summary>A pair to learn from.</summary>
/// <param name="Image">Its number among the pictures; rows of one picture share it.</param>
/// <param name="Tokens">Of its text.</param>
internal sealed record WitPair(int Image, long[] Tokens);

/// <summary>Pairs in memory, divided by picture: no picture is in both parts.</summary>
/// <param name="Pixels">Planes of bytes, one a picture.</param>
/// <param name="Training">To learn from.</param>
/// <param name="HeldOut">To be found.</param>
internal sealed record WitData(IReadOnlyList<byte[]> Pixels, IReadOnlyList<WitPair> Training, IReadOnlyList<WitPair> HeldOut)
{
    /// <summary>The text of a row; null for none.</summary>
    public static string? TextOf(WitRow row, WitText kind)
    {
        if (WitPairs.Text(row) is not { } caption) return null;
        string[] parts = kind switch
        {
            WitText.Caption => [caption],
            WitText.Title => [caption, row.PageTitle],
            _ => [caption, row.PageTitle, row.PageContext, row.SectionContext],
        };
        return string.Join($" {HashedWords.Separator} ", parts.Where(part => part.Trim().Length > 0));
    }

    /// <summary>Reads table and pictures.</summary>
    /// <exception cref="DataException">The table cannot be read, or fewer than two pictures are there.</exception>
    public static WitData Open(RunConfiguration configuration, TrainingSetup setup)
    {
        var settings = configuration.Of<WitSettings>();
        string table = ProcessorRuns.DataOf(configuration, "a table of WIT (tsv, tsv.gz), or a person's own pictures with captions,");
        if (IsOwn(table)) return OfOwn(table, settings, configuration, setup);
        string folder = settings.Pictures
            ?? throw new SettingsException("pictures", called => $"where are the pictures? Name their folder with {called}");
        var rows = new List<(string Address, string Text)>();
        foreach (var record in WitReader.Read(table))
        {
            setup.Cancellation.ThrowIfCancellationRequested();
            if (record.Row is not { } row || WitPairs.Dropped(row) is not null) continue;
            if (settings.Languages.Count > 0 && !settings.Languages.Contains(row.Language)) continue;
            if (TextOf(row, settings.Text) is { } text) rows.Add((row.ImageUrl, text));
            if (rows.Count == settings.Most) break;
        }

        var pictures = new WitPictures(folder);
        string[] addresses = [.. rows.Select(row => row.Address).Distinct()];
        if (settings.Download)
        {
            using var downloader = new Downloader();
            int lost = pictures.FetchAsync(addresses, downloader, setup.Progress, setup.Cancellation).GetAwaiter().GetResult();
            if (lost > 0) setup.Remark?.Invoke($"{lost:N0} pictures could not be had; not-downloaded.tsv in {folder} says why");
        }

        return Of(rows, address => pictures.Find(address), settings, configuration, setup, table);
    }

    /// <summary>How many held-out texts find their picture among the first, and pictures their text.</summary>
    public static (RetrievalRecall ToPicture, RetrievalRecall ToText) Recall(float[] cosines, IReadOnlyList<WitPair> asked)
    {
        int[] images = [.. asked.Select(pair => pair.Image).Distinct().Order()];
        var columns = images.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        // Rows are pictures, columns texts: a text's owner is its picture, and a picture may have several texts.
        var similarities = new double[images.Length * asked.Count];
        for (int text = 0; text < asked.Count; text++)
        {
            for (int image = 0; image < images.Length; image++)
                similarities[(image * asked.Count) + text] = cosines[(text * images.Length) + image];
        }

        int[] owners = [.. asked.Select(pair => columns[pair.Image])];
        return (RetrievalRecall.OfCandidates(similarities, owners), RetrievalRecall.OfQueries(similarities, owners));
    }

    /// <summary>Whether these are pictures with captions as people keep them, and no table of WIT.</summary>
    private static bool IsOwn(string path)
    {
        if (Directory.Exists(path)) return true;
        string kind = Path.GetExtension(path).ToLowerInvariant();
        if (kind is ".csv" or ".parquet" or ".jsonl" or ".json" or ".ndjson" or ".txt") return true;
        return kind == ".tsv" && File.Exists(path) && !CaptionPairs.IsWit(path);
    }

    private static WitData OfOwn(string path, WitSettings settings, RunConfiguration configuration, TrainingSetup setup)
    {
        if (settings.Languages.Count > 0)
            throw new SettingsException("languages", called => $"{called}: one's own captions do not say theirs, tables of WIT do");
        if (settings.Download)
            throw new SettingsException("download", called => $"{called}: one's own pictures are there already");
        var own = CaptionPairs.Read(path, settings.Pictures, setup.Cancellation);
        foreach (string said in own.Remarks) setup.Remark?.Invoke(said);
        var rows = own.Pairs.Take(settings.Most).Select(pair => (pair.Picture, pair.Caption)).ToList();
        return Of(rows, file => file, settings, configuration, setup, path);
    }

    private static WitData Of(
        List<(string Address, string Text)> rows, Func<string, string?> find, WitSettings settings, RunConfiguration configuration,
        TrainingSetup setup, string table)
    {
        var words = new HashedWords(WitNetworks.Buckets, settings.Length);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var pixels = new List<byte[]>();
        var pairs = new List<WitPair>();
        int missing = 0, broken = 0;
        foreach (var group in rows.GroupBy(row => row.Address))
        {
            setup.Cancellation.ThrowIfCancellationRequested();
            if (find(group.Key) is not { } file)
            {
                missing++;
                continue;
            }

            try
            {
                pixels.Add(WitEncoder.Pixels(Picture.Of(file).Image, settings.Side));
            }
            catch (Imaging.ImageException) when (configuration.Run.SkipBroken)
            {
                broken++;
                continue;
            }

            numbers[group.Key] = pixels.Count - 1;
            pairs.AddRange(group.Select(row => new WitPair(pixels.Count - 1, words.Encode(row.Text))));
            setup.Progress?.Report(new WorkProgress("reading pictures", pixels.Count, 0));
        }

        if (missing > 0) setup.Remark?.Invoke($"{missing:N0} pictures of {table} are not in {settings.Pictures}, and left out");
        if (broken > 0) setup.Remark?.Invoke($"{broken:N0} pictures cannot be read, and are left out");
        if (pixels.Count < 2)
            throw new DataException(
                table, $"{pixels.Count} of its pictures are in {settings.Pictures}: two are needed, to learn and to be found");
        int held = Math.Clamp((int)Math.Round(configuration.Run.Validation * pixels.Count), 1, pixels.Count - 1);
        var heldOut = AugmentationRandom.Permutation(pixels.Count, configuration.Run.Seed, 0)[..held].ToHashSet();
        return new WitData(
            pixels, [.. pairs.Where(pair => !heldOut.Contains(pair.Image))], [.. pairs.Where(pair => heldOut.Contains(pair.Image))]);
    }
}
