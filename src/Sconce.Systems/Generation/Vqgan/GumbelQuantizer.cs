using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// Draws an entry from logits: a softmax with Gumbel noise (1611.01144, 1611.00712), made hard with gradients that pass straight through.
/// Outside training it is always hard, and noisy all the same. CompVis/taming-transformers@3ba01b2 quantize.py GumbelQuantize.
/// </summary>
public sealed partial class GumbelQuantizer : Quantizer
{
    private const double Smallest = 1e-10;
    private readonly double klWeight;
    private readonly bool straightThrough;

    /// <summary>Builds it.</summary>
    /// <param name="inputs">Channels of the map.</param>
    /// <param name="width">Numbers of an entry.</param>
    /// <param name="count">Entries.</param>
    /// <param name="klWeight">How strongly equal use of all entries is asked for.</param>
    /// <param name="straightThrough">Whether one entry is taken in training too, instead of a mixture.</param>
    public GumbelQuantizer(int inputs, int width, int count, double klWeight = 5e-4, bool straightThrough = true)
    {
        (Count, this.klWeight, this.straightThrough) = (count, klWeight, straightThrough);
        Proj = new Conv2d(inputs, count, 1);
        Embed = new Embedding(count, width);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>How soft a mixture is; training lowers it.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>The map's logits.</summary>
    public Conv2d Proj { get; }

    /// <summary>The codebook <c>(count, width)</c>.</summary>
    public Embedding Embed { get; }

    /// <inheritdoc/>
    public override Tensor Codebook => Embed.Weight;

    /// <inheritdoc/>
    public override Tensor Codes(Tensor map)
    {
        using var scope = new TensorScope();
        return scope.Keep(Proj.Call(map).Argmax(1));
    }

    /// <inheritdoc/>
    public override Tensor Lookup(Tensor codes)
    {
        using var scope = new TensorScope();
        return scope.Keep(Embed.Call(codes).Permute([0, 3, 1, 2]).Contiguous());
    }

    /// <summary>With noise that is given: <c>(N, inputs, h, w)</c> and Gumbel noise <c>(N, count, h, w)</c>.</summary>
    public Quantization Quantize(Tensor input, Tensor noise)
    {
        using var scope = new TensorScope();
        var logits = Proj.Call(input); // (N, count, h, w)
        var soft = ((logits + noise) / Temperature).Softmax(1);
        var codes = soft.Argmax(1); // (N, h, w)
        var choice = straightThrough || !Training
            ? soft.ZerosLike().Scatter(1, codes.Unsqueeze(1), 1) - soft.Detach() + soft
            : soft;
        var vectors = choice.Permute([0, 2, 3, 1]).Matmul(Embed.Weight).Permute([0, 3, 1, 2]).Contiguous();
        var share = logits.Softmax(1);
        var divergence = (share * ((share * Count) + Smallest).Log()).Sum([1]).Mean();
        return scope.Keep(new Quantization(vectors, divergence * klWeight, codes));
    }

    /// <inheritdoc/>
    protected override Quantization Forward(Tensor input)
    {
        var like = Tensor.Empty([input.Size(0), Count, input.Size(2), input.Size(3)], input.DType, device: input.Device);
        return Quantize(input, -like.ExponentialInPlace().Log());
    }
}
