using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>What a network says of a batch of crops, in row crop·B + sample.</summary>
/// <param name="Embedding">Of length 1: <c>(crops·B, D)</c>.</param>
/// <param name="Scores">With each set of prototypes: <c>(crops·B, K)</c>.</param>
public sealed record SwavOutput(Tensor Embedding, IReadOnlyList<Tensor> Scores) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Embedding, .. Scores];
}

/// <summary>A trunk, a projection and prototypes; 2006.09882 Figure 1. As a module <c>(N, 3, H, W) -> (N, D)</c> embeddings.</summary>
public abstract class SwavNetwork : Module<Tensor, Tensor>
{
    /// <summary>The sets of prototypes, each without bias: weight <c>(K, D)</c>.</summary>
    public abstract IReadOnlyList<Linear> Prototypes { get; }

    /// <summary>Numbers of an embedding.</summary>
    public abstract int EmbeddingWidth { get; }

    /// <summary>The trunk, which is kept after training. Called, it gives <see cref="Features"/>.</summary>
    public abstract Module<Tensor, Tensor> Encoder { get; }

    /// <summary>The trunk's features, which are what is used afterwards. <c>(N, 3, H, W) -> (N, width)</c></summary>
    public abstract Tensor Features(Tensor pictures);

    /// <summary>Projection, normalisation, scores. <c>(N, width) -> (N, D), sets x (N, K)</c></summary>
    public abstract SwavOutput Head(Tensor features);

    /// <summary>
    /// All crops of a batch: neighbours of one width pass the trunk together, so that its batch norms see each resolution apart; the head
    /// sees all crops at once (facebookresearch/swav@06b1b7c src/resnet50.py <c>forward</c>).
    /// </summary>
    /// <param name="crops">Each <c>(B, 3, H, W)</c>; sizes may differ from crop to crop.</param>
    /// <exception cref="ArgumentException">No crops, or not pictures, or of different batches.</exception>
    public SwavOutput Crops(IReadOnlyList<Tensor> crops)
    {
        if (crops.Count == 0 || crops.Any(crop => crop.Dimensions != 4 || crop.Size(0) != crops[0].Size(0)))
        {
            throw new ArgumentException($"SwAV's crops are (B, 3, H, W) of one batch, not "
                + $"{string.Join(" and ", crops.Select(crop => $"[{string.Join(", ", crop.Shape.ToArray())}]"))}", nameof(crops));
        }

        using var scope = new TensorScope();
        var features = new List<Tensor>();
        for (int start = 0; start < crops.Count;)
        {
            int end = start + 1;
            while (end < crops.Count && crops[end].Size(3) == crops[start].Size(3)) end++;
            using var together = end - start == 1 ? null : Tensor.Cat([.. crops.Skip(start).Take(end - start)], 0);
            features.Add(Features(together ?? crops[start]));
            start = end;
        }

        return scope.Keep(Head(features.Count == 1 ? features[0] : Tensor.Cat([.. features], 0)));
    }

    /// <summary>Brings every prototype to length 1, off the tape: done before each step.</summary>
    public void NormalizePrototypes()
    {
        foreach (var prototypes in Prototypes) Normalize(prototypes.Weight);
    }

    /// <summary>Brings the rows of a matrix to length 1, in place and off the tape.</summary>
    public static void Normalize(Tensor rows)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        rows.CopyInPlace(Functional.Normalize(rows.Detach()));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Head(Features(pictures)).Embedding;
}
