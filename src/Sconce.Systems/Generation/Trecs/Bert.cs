using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// A transformer that reads text both ways, its norms after each sum: <c>pieces (N, L), mask (N, L) -> (N, L, width)</c>. 1810.04805 §3.1.
/// </summary>
public sealed partial class Bert(BertConfig config) : Module<Tensor, Tensor, Tensor>
{
    internal const double Epsilon = 1e-12;

    internal BertEmbeddings Embeddings { get; } = new(config);

    internal BertEncoder Encoder { get; } = new(config);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pieces, Tensor mask)
    {
        if (pieces.Dimensions != 2 || pieces.Size(1) > config.Positions || !mask.Shape.SequenceEqual(pieces.Shape))
        {
            throw new TorchException(
                $"BERT: pieces of shape [{string.Join(", ", pieces.Shape.ToArray())}] "
                + $"under a mask of [{string.Join(", ", mask.Shape.ToArray())}]; "
                + $"both are (N, L), L at most {config.Positions}");
        }

        var seen = mask.To(DType.Bool).Unsqueeze(1).Unsqueeze(1); // (N, 1, 1, L): keys that may be looked at
        var x = Embeddings.Call(pieces);
        foreach (var layer in Encoder.Layer) x = layer.Call(x, seen);
        return x;
    }
}

/// <summary>Word, position and type, summed and normalised; all text is of the first type.</summary>
internal sealed partial class BertEmbeddings(BertConfig config) : Module<Tensor, Tensor>
{
    internal Embedding WordEmbeddings { get; } = new(config.Vocabulary, config.Width);

    internal Embedding PositionEmbeddings { get; } = new(config.Positions, config.Width);

    internal Embedding TokenTypeEmbeddings { get; } = new(config.Types, config.Width);

    [Key("LayerNorm")]
    internal LayerNorm Norm { get; } = new(config.Width, Bert.Epsilon);

    internal Dropout Dropout { get; } = new(config.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pieces)
    {
        var positions = Tensor.Arange(pieces.Size(1), dtype: DType.Int64, device: pieces.Device);
        var sum = WordEmbeddings.Call(pieces) + PositionEmbeddings.Call(positions) + TokenTypeEmbeddings.Call(pieces.ZerosLike());
        return Dropout.Call(Norm.Call(sum));
    }
}

/// <summary>Holds the layers under their official key.</summary>
internal sealed partial class BertEncoder(BertConfig config) : Module
{
    internal ModuleList<BertLayer> Layer { get; } = new(Enumerable.Range(0, config.Layers).Select(_ => new BertLayer(config)));
}

/// <summary>Attention, then a perceptron: <c>(N, L, width), mask -> (N, L, width)</c>.</summary>
internal sealed partial class BertLayer(BertConfig config) : Module<Tensor, Tensor, Tensor>
{
    [Key("attention.self")]
    internal BertAttention Attention { get; } = new(config);

    [Key("attention.output")]
    internal BertSum Attended { get; } = new(config.Width, config);

    [Key("intermediate.dense")]
    internal Linear Intermediate { get; } = new(config.Width, config.Inner);

    internal BertSum Output { get; } = new(config.Inner, config);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor mask)
    {
        var attended = Attended.Call(Attention.Call(x, mask), x);
        return Output.Call(Functional.Gelu(Intermediate.Call(attended), GeluForm.Exact), attended);
    }
}

/// <summary>Heads with a projection each for queries, keys and values; their results side by side.</summary>
internal sealed partial class BertAttention(BertConfig config) : Module<Tensor, Tensor, Tensor>
{
    internal Linear Query { get; } = new(config.Width, config.Width);

    internal Linear Key { get; } = new(config.Width, config.Width);

    internal Linear Value { get; } = new(config.Width, config.Width);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor mask)
    {
        double dropout = Training ? config.Dropout : 0;
        var joined = Functional.ScaledDotProductAttention(Heads(Query), Heads(Key), Heads(Value), mask, dropout: dropout);
        return joined.Transpose(1, 2).Flatten(2);

        Tensor Heads(Linear projection) => projection.Call(x).Unflatten(-1, [config.Heads, -1]).Transpose(1, 2);
    }
}

/// <summary>A projection, added to what came before it, normalised.</summary>
internal sealed partial class BertSum(int inputs, BertConfig config) : Module<Tensor, Tensor, Tensor>
{
    internal Linear Dense { get; } = new(inputs, config.Width);

    [Key("LayerNorm")]
    internal LayerNorm Norm { get; } = new(config.Width, Bert.Epsilon);

    internal Dropout Dropout { get; } = new(config.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor before) => Norm.Call(Dropout.Call(Dense.Call(x)) + before);
}
