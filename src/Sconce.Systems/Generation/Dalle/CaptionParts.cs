using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Tools.Wit;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Captions in a part to learn from and one to be asked about; all of a picture's are in one part.</summary>
/// <param name="Learned">To learn from.</param>
/// <param name="HeldOut">To be asked about.</param>
/// <param name="Remarks">What a person should know, a sentence each.</param>
internal sealed record CaptionParts(IReadOnlyList<CaptionPair> Learned, IReadOnlyList<CaptionPair> HeldOut, IReadOnlyList<string> Remarks)
{
    private bool IsKept { get; init; }

    /// <summary>Divides pairs by their pictures.</summary>
    /// <param name="pairs">All.</param>
    /// <param name="validation">The share of pictures that is held out.</param>
    /// <param name="seed">Which those are.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <exception cref="DataException">Pictures of the run are gone.</exception>
    internal static CaptionParts Of(CaptionPairs pairs, double validation, ulong seed, KeptParts? kept)
    {
        var byPicture = pairs.Pairs.GroupBy(pair => pair.Picture, StringComparer.Ordinal).ToList();
        var found = kept?.Find(pairs.Folder, [.. byPicture.Select(group => group.Key)], k => Said(byPicture[k]));
        int[] order = AugmentationRandom.Permutation(byPicture.Count, seed, 0);
        int held = Math.Clamp((int)Math.Round(byPicture.Count * validation), 1, byPicture.Count - 1);
        IEnumerable<int> learned = found is not null ? found.Learned : order[held..].Order();
        IEnumerable<int> asked = found is not null ? found.HeldOut : order[..held].Order();
        return new CaptionParts(
            [.. learned.SelectMany(k => byPicture[k])], [.. asked.SelectMany(k => byPicture[k])], [.. found?.Remarks(pairs.Folder) ?? []])
        {
            IsKept = found is not null,
        };
    }

    /// <summary>Keeps the parts in a run's folder, where they are not kept yet.</summary>
    internal void Keep(string? folder, string data) =>
        KeptParts.Keep(IsKept ? null : folder, data, [.. Items(Learned, RunPart.Learned), .. Items(HeldOut, RunPart.HeldOut)]);

    private static IEnumerable<RunItem> Items(IReadOnlyList<CaptionPair> pairs, RunPart part) => pairs
        .GroupBy(pair => pair.Picture, StringComparer.Ordinal).Select(group => new RunItem(part, group.Key, Said(group)));

    private static string Said(IEnumerable<CaptionPair> pairs) => string.Join('\n', pairs.Select(pair => pair.Caption));
}

/// <summary>Takes captions through the vocabulary and pictures through the first stage, once, before a transformer learns them.</summary>
/// <param name="model">The whole.</param>
/// <param name="words">Its vocabulary.</param>
/// <param name="device">Where it is.</param>
/// <param name="isStrict">Whether a caption that is too long is a fault, instead of being cut.</param>
internal sealed class CaptionReading(DalleModel model, CaptionVocabulary words, Device device, bool isStrict)
{
    /// <summary>The rows of pairs, and how many captions were cut.</summary>
    /// <exception cref="DataException">A caption is too long, and that is a fault.</exception>
    internal (CodeRows Rows, int Cut) Read(
        IReadOnlyList<CaptionPair> pairs, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        List<Tensor> codes = [], texts = [];
        int cut = 0;
        string? seen = null;
        for (int k = 0; k < pairs.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("reading codes", k, pairs.Count));
            long[] tokens = words.Tokens(pairs[k].Caption);
            int length = model.Transformer.Config.TextLength;
            if (tokens.Length > length && isStrict)
                throw new DataException(pairs[k].Picture, $"its caption has {tokens.Length} tokens, and the transformer reads {length}");
            if (tokens.Length > length) cut++;
            texts.Add(Row(tokens, length));
            codes.Add(pairs[k].Picture == seen ? codes[^1] : CodesOf(pairs[k].Picture));
            seen = pairs[k].Picture;
        }

        return (new CodeRows(scope.KeepForever(Tensor.Cat([.. codes], 0)), scope.KeepForever(Tensor.Cat([.. texts], 0))), cut);
    }

    /// <summary>A caption's tokens, cut or padded with 0: <c>(1, length)</c>.</summary>
    internal static Tensor Row(long[] tokens, int length)
    {
        long[] row = new long[length];
        tokens.AsSpan(0, Math.Min(length, tokens.Length)).CopyTo(row);
        return Tensor.From(row, [1, length]);
    }

    private Tensor CodesOf(string file)
    {
        using var scope = new TensorScope();
        return scope.Keep(model.Encode(DallePictures.Square(Image.Load(file), model.Side).To(device)).Cpu());
    }
}
