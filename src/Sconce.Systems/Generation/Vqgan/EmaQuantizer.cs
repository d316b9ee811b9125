using Sconce.Nn;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>A codebook of running means. CompVis/taming-transformers@3ba01b2 quantize.py EmbeddingEMA.</summary>
internal sealed partial class AveragedTable : Module
{
    internal AveragedTable(int count, int width)
    {
        using var scope = new TensorScope();
        Weight = new Buffer(scope.KeepForever(Tensor.Randn([count, width])));
        ClusterSize = new Buffer(scope.KeepForever(Tensor.Zeros([count])));
        EmbedAvg = new Buffer(scope.KeepForever(Weight.Clone()));
    }

    /// <summary>Entries <c>(count, width)</c>.</summary>
    public Buffer Weight { get; }

    /// <summary>Running numbers of vectors <c>(count)</c>.</summary>
    public Buffer ClusterSize { get; }

    /// <summary>Their running sums <c>(count, width)</c>.</summary>
    public Buffer EmbedAvg { get; }
}

/// <summary>
/// The nearest entry of a codebook that learns without gradients; only the map is drawn to the entries. 1711.00937 appendix A.1.
/// </summary>
public sealed partial class EmaQuantizer : Quantizer
{
    private readonly double beta;

    /// <summary>Entries N(0, 1).</summary>
    /// <param name="count">Entries.</param>
    /// <param name="width">Numbers of an entry.</param>
    /// <param name="beta">The weight of the loss.</param>
    public EmaQuantizer(int count, int width, double beta = 0.25)
    {
        (Count, this.beta) = (count, beta);
        Embedding = new AveragedTable(count, width);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override Tensor Codebook => Embedding.Weight;

    private AveragedTable Embedding { get; }

    /// <inheritdoc/>
    public override Tensor Lookup(Tensor codes)
    {
        using var scope = new TensorScope();
        var entries = Embedding.Weight.IndexSelect(0, codes.Reshape([-1])).View([.. codes.Shape, -1]);
        return scope.Keep(entries.Permute([0, 3, 1, 2]).Contiguous());
    }

    /// <inheritdoc/>
    public override Tensor Codes(Tensor map)
    {
        using var scope = new TensorScope();
        return scope.Keep(VectorQuantizer.Nearest(map.Permute([0, 2, 3, 1]), Embedding.Weight));
    }

    /// <summary>Moves the entries towards the vectors of a batch.</summary>
    /// <param name="vectors"><c>(vectors, width)</c></param>
    /// <param name="codes">The entry of each, <c>(vectors)</c>.</param>
    public void Learn(Tensor vectors, Tensor codes)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var average = new CodebookAverage(Embedding.Weight, Embedding.ClusterSize, Embedding.EmbedAvg).Updated(vectors, codes);
        Embedding.Weight.CopyInPlace(average.Codebook);
        Embedding.ClusterSize.CopyInPlace(average.Sizes);
        Embedding.EmbedAvg.CopyInPlace(average.Sums);
    }

    /// <inheritdoc/>
    public override void Replace(Tensor places, Tensor entries)
    {
        base.Replace(places, entries);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Embedding.EmbedAvg.IndexCopyInPlace(0, places, entries);
        Embedding.ClusterSize.IndexCopyInPlace(0, places, Tensor.Ones([places.Size(0)]).To(entries.Device));
    }

    /// <inheritdoc/>
    protected override Quantization Forward(Tensor input)
    {
        var codes = Codes(input);
        var entries = Lookup(codes);
        return new Quantization(input + (entries - input).Detach(), (entries - input).Square().Mean() * beta, codes);
    }
}
