using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Draws pictures' codes from captions, and ranks them. 2102.12092 §2.6.</summary>
public static class DalleSampling
{
    /// <summary>The codes of a picture for each caption: <c>(N, TextLength) -> (N, Grid²)</c>.</summary>
    /// <param name="model">The transformer.</param>
    /// <param name="text">Captions.</param>
    /// <param name="sampler">How a code is drawn.</param>
    /// <param name="chance">As <see cref="TokenSampler.Draw"/> takes it.</param>
    /// <param name="given">The first codes, <c>(N, n)</c>: the picture's upper part; none where left out.</param>
    /// <param name="drawn">Told how many codes there are.</param>
    public static Tensor Draw(
        DalleTransformer model, Tensor text, TokenSampler sampler, IReadOnlyList<Generator>? chance = null, Tensor? given = null,
        Action<int>? drawn = null)
    {
        using var scope = new TensorScope();
        long known = given?.Size(1) ?? 0, open = model.Config.PictureLength - known;
        var rest = Tensor.Full([text.Size(0), open], -1, DType.Int64).To(text.Device);
        return scope.Keep(Fill(model, text, given is null ? rest : Tensor.Cat([given, rest], 1), sampler, chance, drawn));
    }

    /// <summary>Codes with those drawn that are open: <c>(N, Grid²) -> (N, Grid²)</c>; keys and values of what was read are kept.</summary>
    /// <param name="model">The transformer.</param>
    /// <param name="text">Captions <c>(N, TextLength)</c>.</param>
    /// <param name="codes">-1 where a code is open, in the same places of each row.</param>
    /// <param name="sampler">How a code is drawn.</param>
    /// <param name="chance">As <see cref="TokenSampler.Draw"/> takes it.</param>
    /// <param name="drawn">Told how many codes there are.</param>
    public static Tensor Fill(
        DalleTransformer model, Tensor text, Tensor codes, TokenSampler sampler, IReadOnlyList<Generator>? chance = null,
        Action<int>? drawn = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var cache = model.Cache();
        var config = model.Config;
        bool[] isOpen = codes.Select(0, 0).Lt(0).Cpu().ToArray<bool>();
        var all = new Tensor[isOpen.Length];
        var unread = new List<Tensor>();
        Tensor? read = null;
        for (int k = 0; k < all.Length; k++)
        {
            using var step = new TensorScope();
            if (isOpen[k])
            {
                var logits = read is null ? model.ReadText(text, cache) : null;
                read ??= text;
                if (unread.Count > 0) logits = model.ReadCodes(Tensor.Cat([.. unread], 1), cache);
                unread.Clear();
                var ofCodes = logits!.Select(1, -1).Narrow(1, config.TextVocabulary, config.Codes);
                all[k] = step.Keep(sampler.Draw(ofCodes, chance ?? [])); // (N, 1)
            }
            else
            {
                all[k] = step.Keep(codes.Narrow(1, k, 1));
            }

            unread.Add(all[k]);
            drawn?.Invoke(k + 1);
        }

        return scope.Keep(Tensor.Cat(all, 1));
    }

    /// <summary>Cosines of pictures' features with a caption's: <c>(N, width), (width) -> (N)</c>.</summary>
    public static Tensor Scores(Tensor pictures, Tensor caption)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.Normalize(pictures, 1).Mv(Functional.Normalize(caption, 0)));
    }

    /// <summary>The pictures that fit best, best first: scores and numbers, <c>(count)</c> each.</summary>
    public static (Tensor Scores, Tensor Numbers) Best(Tensor scores, int count)
    {
        using var scope = new TensorScope();
        return scope.Keep(scores.Topk(count));
    }
}
