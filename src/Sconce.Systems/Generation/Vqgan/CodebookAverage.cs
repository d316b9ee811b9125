using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// A codebook that learns without gradients: each entry is the running mean of the vectors to which it was nearest. 1711.00937 appendix
/// A.1; CompVis/taming-transformers@3ba01b2 quantize.py EmbeddingEMA.
/// </summary>
/// <param name="Codebook">Entries <c>(count, width)</c>.</param>
/// <param name="Sizes">Running numbers of vectors for each entry <c>(count)</c>.</param>
/// <param name="Sums">Their running sums <c>(count, width)</c>.</param>
public sealed record CodebookAverage(Tensor Codebook, Tensor Sizes, Tensor Sums) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Codebook, Sizes, Sums];

    /// <summary>After another batch.</summary>
    /// <param name="vectors"><c>(vectors, width)</c></param>
    /// <param name="codes">The entry of each, <c>(vectors)</c>.</param>
    /// <param name="decay">How much of the past stays.</param>
    /// <param name="epsilon">Keeps entries that nothing is near to finite.</param>
    public CodebookAverage Updated(Tensor vectors, Tensor codes, double decay = 0.99, double epsilon = 1e-5)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        long count = Codebook.Size(0);
        var choice = codes.OneHot(count).To(vectors.DType); // (vectors, count)
        var sizes = (Sizes * decay) + (choice.Sum([0]) * (1 - decay));
        var sums = (Sums * decay) + (choice.T().Matmul(vectors) * (1 - decay));
        var total = sizes.Sum();
        var smoothed = (sizes + epsilon) / (total + (count * epsilon)) * total;
        return scope.Keep(new CodebookAverage(sums / smoothed.Unsqueeze(1), sizes, sums));
    }
}
