using Sconce.Data;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// Captions with merges left out by chance, anew in each step (BPE dropout, 1910.13267; 2102.12092 appendix B has a tenth). What is left
/// out follows from the seed, the step and the caption alone, so a run that goes on spells as it would have.
/// </summary>
/// <param name="words">The vocabulary.</param>
/// <param name="captions">All that are learned from, in the order of their rows.</param>
/// <param name="length">Tokens of a row.</param>
/// <param name="share">The chance of each merge to be left out.</param>
/// <param name="seed">The run's.</param>
internal sealed class CaptionSpelling(CaptionVocabulary words, IReadOnlyList<string> captions, int length, double share, ulong seed)
{
    // Numbers of their own: the order of batches and the pictures' augmentation take other streams.
    private const int Stream = 17;

    /// <summary>The tokens of some captions, cut or padded with 0: <c>(N, length)</c>.</summary>
    /// <param name="rows">Which.</param>
    /// <param name="step">Steps done before.</param>
    internal Tensor Rows(long[] rows, long step)
    {
        var all = new long[rows.Length * length];
        for (int k = 0; k < rows.Length; k++)
        {
            var random = new AugmentationRandom(seed, (int)step, (int)rows[k], Stream);
            long[] tokens = words.DroppedTokens(captions[(int)rows[k]], share, ref random);
            tokens.AsSpan(0, Math.Min(length, tokens.Length)).CopyTo(all.AsSpan(k * length));
        }

        return Tensor.From(all, [rows.Length, length]);
    }
}
