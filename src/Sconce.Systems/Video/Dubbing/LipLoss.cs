using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// The painter's loss: near the truth, and in sync with the speech. 2008.10010 eq. 2-4; Rudrabha/Wav2Lip@5c90fa9 wav2lip_train.py,
/// hq_wav2lip_train.py.
/// </summary>
public sealed class LipLoss
{
    /// <summary>The share of sync; 0 until the expert's loss on validation falls under 0.75.</summary>
    public double SyncWeight { get; init; } = 0.03;

    /// <summary>The share of the judgement of quality; 0 without one.</summary>
    public double QualityWeight { get; init; }

    /// <summary>How well speech and mouth agree: <c>(N)</c> in [0, 1], since no number is negative.</summary>
    public static Tensor Agreement(SyncVectors vectors)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.CosineSimilarity(vectors.Speech, vectors.Face));
    }

    /// <summary>Binary cross-entropy of the agreement itself, <c>()</c>.</summary>
    /// <param name="vectors">Of the expert.</param>
    /// <param name="isInSync">1 where they belong together, <c>(N, 1)</c>.</param>
    public static Tensor Sync(SyncVectors vectors, Tensor isInSync)
    {
        using var scope = new TensorScope();
        return scope.Keep(Agreement(vectors).Clamp(0, 1).Unsqueeze(1).BinaryCrossEntropy(isInSync)); // rounding may end above 1
    }

    /// <summary>The loss in all, <c>()</c>.</summary>
    /// <param name="sync">Of the expert's vectors of painted frames, which ought to be in sync.</param>
    /// <param name="difference">The mean absolute difference from the truth.</param>
    /// <param name="quality">Cross-entropy of painted frames being taken as real; null without a judge.</param>
    public Tensor Total(Tensor sync, Tensor difference, Tensor? quality = null)
    {
        using var scope = new TensorScope();
        var total = (sync * SyncWeight) + (difference * (1 - SyncWeight - QualityWeight));
        return scope.Keep(quality is null ? total : total + (quality * QualityWeight));
    }
}
