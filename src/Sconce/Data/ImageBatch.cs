using Sconce.Torch;

namespace Sconce.Data;

/// <summary>Pictures and what is known of them, ready for a step. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Images">(N, 3, H, W) float32, normalised as the network wants.</param>
/// <param name="Labels">(N) int64 class numbers; null where the set has none.</param>
/// <param name="Targets">(N, classes) float32 soft targets, as MixUp and CutMix leave them; null where labels are hard.</param>
/// <param name="Indices">The items' numbers in their set, N of them.</param>
/// <param name="Names">What errors call the items, N of them.</param>
public sealed record ImageBatch(Tensor Images, Tensor? Labels, Tensor? Targets, IReadOnlyList<int> Indices,
    IReadOnlyList<string> Names) : IDisposable
{
    /// <summary>N.</summary>
    public int Count => Indices.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels?.Dispose();
        Targets?.Dispose();
    }
}
