using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What a quantiser makes of a map.</summary>
/// <param name="Vectors">Codebook entries in the map's place, <c>(N, C, h, w)</c>; gradients pass straight through to the map.</param>
/// <param name="Loss">What ties map and codebook together, <c>()</c>.</param>
/// <param name="Codes">Which entries, <c>(N, h, w)</c>.</param>
public sealed record Quantization(Tensor Vectors, Tensor Loss, Tensor Codes) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Vectors, Loss, Codes];
}

/// <summary>Replaces each vector of a map by an entry of a codebook. <c>(N, C, h, w) -> Quantization</c>.</summary>
public abstract class Quantizer : Module<Tensor, Quantization>
{
    /// <summary>Entries of the codebook.</summary>
    public abstract int Count { get; }

    /// <summary>The entries, <c>(Count, width)</c>.</summary>
    public abstract Tensor Codebook { get; }

    /// <summary>The entries of codes: <c>(N, h, w) -> (N, C, h, w)</c>.</summary>
    public abstract Tensor Lookup(Tensor codes);

    /// <summary>The likeliest codes of a map, without chance: <c>(N, C, h, w) -> (N, h, w)</c>.</summary>
    public abstract Tensor Codes(Tensor map);

    /// <summary>Puts other entries in the codebook.</summary>
    /// <param name="places">Which, <c>(k)</c>.</param>
    /// <param name="entries"><c>(k, width)</c></param>
    public virtual void Replace(Tensor places, Tensor entries)
    {
        using var noGrad = Gradients.Off();
        Codebook.IndexCopyInPlace(0, places, entries);
    }
}

/// <summary>Which form the loss has; the terms are equal in value and differ in their gradients.</summary>
public enum CodebookLoss
{
    /// <summary>β stands on the codebook's term. The released code and weights.</summary>
    Legacy,

    /// <summary>β stands on the commitment's term. The paper, equation 4.</summary>
    Paper,
}

/// <summary>
/// The nearest entry, the first among equals. 2012.09841 equation 2; CompVis/taming-transformers@3ba01b2 quantize.py VectorQuantizer2.
/// </summary>
public sealed partial class VectorQuantizer : Quantizer
{
    private readonly double beta;
    private readonly CodebookLoss form;

    /// <summary>Entries uniform within ±1/count.</summary>
    /// <param name="count">Entries.</param>
    /// <param name="width">Numbers of an entry.</param>
    /// <param name="beta">The weight of one of the loss's terms.</param>
    /// <param name="form">Of which.</param>
    public VectorQuantizer(int count, int width, double beta = 0.25, CodebookLoss form = CodebookLoss.Legacy)
    {
        (Count, this.beta, this.form) = (count, beta, form);
        Embedding = new Embedding(count, width);
        Init.Uniform(Embedding.Weight, -1.0 / count, 1.0 / count);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>The codebook <c>(count, width)</c>.</summary>
    public Embedding Embedding { get; }

    /// <inheritdoc/>
    public override Tensor Codebook => Embedding.Weight;

    /// <summary>The nearest entries: <c>(…, width) -> (…)</c>.</summary>
    public static Tensor Nearest(Tensor vectors, Tensor codebook)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var flat = vectors.Reshape([-1, codebook.Size(1)]);
        var distances = flat.Square().Sum([1], keepdim: true) + codebook.Square().Sum([1]) - (flat.Matmul(codebook.T()) * 2);
        return scope.Keep(distances.Argmin(1).Reshape(vectors.Shape[..^1]));
    }

    /// <inheritdoc/>
    public override Tensor Lookup(Tensor codes)
    {
        using var scope = new TensorScope();
        return scope.Keep(Embedding.Call(codes).Permute([0, 3, 1, 2]).Contiguous());
    }

    /// <inheritdoc/>
    public override Tensor Codes(Tensor map)
    {
        using var scope = new TensorScope();
        return scope.Keep(Nearest(map.Permute([0, 2, 3, 1]), Embedding.Weight));
    }

    /// <inheritdoc/>
    protected override Quantization Forward(Tensor input)
    {
        var codes = Codes(input);
        var entries = Lookup(codes);
        var commitment = (entries.Detach() - input).Square().Mean();
        var codebook = (entries - input.Detach()).Square().Mean();
        var loss = form == CodebookLoss.Legacy ? commitment + (codebook * beta) : (commitment * beta) + codebook;
        return new Quantization(input + (entries - input).Detach(), loss, codes);
    }
}
