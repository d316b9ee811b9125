using System.Text.Json;
using Sconce.Systems.Tools.Wit;
using Sconce.Tests.Common;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>WIT: the reader, its filter and texts, recall of retrieval.</summary>
internal sealed class WitAnswers : ParityAnswers
{
    internal override string System => "wit";

    internal override bool HasOwnFormat(ParityCase question) => question.Model == "tsv_reader";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "recall_at_k" => ParityAnswer.Of(inputs => Recall(question.Config, inputs)),
        _ => null,
    };

    internal override string? AnswerOwnFormat(ParityCase question)
    {
        string file = question.Root.GetProperty("file").GetString()!;
        string path = SharedFiles.Find(file) ?? throw new ParitySkipException($"needs ../shared/{file} (or SCONCE_SHARED)");
        WitRecord[] records = [.. WitReader.Read(path)];
        JsonElement[] rows = [.. question.Items("rows")];
        if (records.Length != rows.Length) return $"{records.Length} rows, official {rows.Length}";
        var faults = rows.Zip(records, (row, record) => Difference(row, record) is { } fault ? $"row {record.Number}: {fault}" : null);
        WitRecord[] kept = [.. records.Where(record => record.Row is { } row && WitPairs.Dropped(row) is null)];
        string?[] all = [.. faults, Groups(question.Root, kept), Languages(question.Root, kept)];
        return all.Any(fault => fault is not null) ? string.Join("; ", all.Where(fault => fault is not null).Take(6)) : null;
    }

    private static string? Difference(JsonElement expected, WitRecord record)
    {
        string? error = Text(expected, "error");
        if (record.Row is not { } row || error is not null) return error == record.Error ? null : $"error {record.Error}, official {error}";
        var fields = expected.GetProperty("fields");
        foreach (var (column, value) in WitRow.Columns.Zip(Values(row)))
        {
            if (JsonSerializer.Serialize(value) != JsonSerializer.Serialize(fields.GetProperty(column))) return $"{column} is {value}";
        }

        string? dropped = WitPairs.Dropped(row), text = dropped is null ? WitPairs.Text(row) : null;
        if (dropped != Text(expected, "dropped")) return $"dropped {dropped}, official {Text(expected, "dropped")}";
        return text == Text(expected, "text") ? null : $"text '{text}', official '{Text(expected, "text")}'";
    }

    private static object?[] Values(WitRow row) =>
    [
        row.Language, row.PageUrl, row.ImageUrl, row.PageTitle, row.SectionTitle, row.SectionPath, row.ReferenceCaption,
        row.AttributionCaption, row.AltText, row.MimeType, row.Height, row.Width, row.IsMainImage, row.AttributionIsInLanguage,
        row.PageChangedRecently, row.PageContext, row.SectionContext,
    ];

    private static string? Groups(JsonElement root, WitRecord[] kept)
    {
        if (root.TryGetProperty("kept", out var count) && count.GetInt32() != kept.Length) return $"{kept.Length} kept, official {count}";
        var groups = WitPairs.ByImage(kept);
        var expected = root.GetProperty("images").EnumerateObject().ToDictionary(
            image => image.Name, image => image.Value.EnumerateArray().Select(row => row.GetInt64()).ToArray());
        bool agrees = groups.Count == expected.Count
            && expected.All(image =>
                groups.TryGetValue(image.Key, out var rows) && rows.Select(row => row.Number).SequenceEqual(image.Value));
        return agrees ? null : "pictures are grouped otherwise";
    }

    private static string? Languages(JsonElement root, WitRecord[] kept)
    {
        var languages = WitPairs.ByLanguage(kept);
        var expected = root.GetProperty("languages").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        bool agrees = languages.Count == expected.Count && expected.All(entry => languages.GetValueOrDefault(entry.Key) == entry.Value);
        return agrees ? null : "languages are counted otherwise";
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Dictionary<string, Tensor> Recall(Config config, ParityInputs inputs)
    {
        double[] similarities = inputs["sim"].To(DType.Float64).Reshape([-1]).ToArray<double>();
        int[] owners = [.. inputs["target"].ToArray<long>().Select(owner => (int)owner)];
        RetrievalRecall queries = RetrievalRecall.OfQueries(similarities, owners),
            candidates = RetrievalRecall.OfCandidates(similarities, owners);
        var answers = new Dictionary<string, Tensor>
        {
            ["rank"] = Ranks(queries),
            ["rank_second"] = Ranks(candidates),
            ["median_rank"] = Number(queries.MedianRank),
            ["mrr"] = Number(queries.MeanReciprocalRank),
        };
        foreach (int k in config.Ints("ks"))
        {
            answers[$"text_to_image_R{k}"] = Number(queries.At(k));
            answers[$"second_to_first_R{k}"] = Number(candidates.At(k));
        }

        return answers;
    }

    private static Tensor Ranks(RetrievalRecall recall) => Tensor.From([.. recall.Ranks.Select(rank => (double)rank)]);

    private static Tensor Number(double value) => Tensor.Full([], value, DType.Float64);
}
