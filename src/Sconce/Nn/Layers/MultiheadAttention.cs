using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// Multi-head attention with PyTorch's packed weights: <c>in_proj_weight</c> holds the rows of queries, keys and values.
/// <c>(N, tokens, width) -> (N, tokens, width)</c>; 1706.03762 §3.2.
/// </summary>
public sealed partial class MultiheadAttention : Module<Tensor, Tensor>
{
    private readonly int heads;
    private readonly double dropout;

    /// <summary>Glorot-uniform projections, zero biases, as PyTorch's layer begins.</summary>
    /// <exception cref="ArgumentException">The width does not divide by the heads.</exception>
    public MultiheadAttention(int width, int heads, bool bias = true, double dropout = 0)
    {
        if (width % heads != 0) throw new ArgumentException($"attention: a width of {width} does not divide by {heads} heads");
        this.heads = heads;
        this.dropout = dropout;
        InProjWeight = Init.XavierUniform(Parameter.Empty(3 * width, width));
        InProjBias = bias ? Parameter.Zeros(3 * width) : null;
        OutProj = new Linear(width, width, bias);
        if (OutProj.Bias is { } offsets) Init.Constant(offsets, 0);
    }

    /// <summary>Rows of queries, keys, values <c>(3·width, width)</c>.</summary>
    public Parameter InProjWeight { get; }

    /// <summary><c>(3·width)</c></summary>
    public Parameter? InProjBias { get; }

    /// <summary>The projection of the joined heads.</summary>
    public Linear OutProj { get; }

    /// <summary>Attention of a sequence to itself under a mask.</summary>
    /// <param name="x"><c>(N, tokens, width)</c></param>
    /// <param name="mask"><c>(tokens, tokens)</c>, added to the scores, or truth values: false where a token may not look.</param>
    public Tensor Call(Tensor x, Tensor? mask)
    {
        using var scope = new TensorScope();
        var packed = Functional.Linear(x, InProjWeight, InProjBias); // (N, tokens, 3·width)
        var parts = Split(packed, 3);
        return scope.Keep(Attend(parts[0], parts[1], parts[2], mask));
    }

    /// <summary>Attention of queries to keys and values of another sequence.</summary>
    /// <param name="query"><c>(N, queries, width)</c></param>
    /// <param name="key"><c>(N, keys, width)</c></param>
    /// <param name="value"><c>(N, keys, width)</c></param>
    /// <param name="mask">Broadcast to <c>(N, heads, queries, keys)</c>: added, or truth values, false where a query may not look.</param>
    public Tensor Call(Tensor query, Tensor key, Tensor value, Tensor? mask = null)
    {
        using var scope = new TensorScope();
        var weights = InProjWeight.Chunk(3);
        var biases = InProjBias?.Chunk(3);
        return scope.Keep(Attend(
            Split(Functional.Linear(query, weights[0], biases?[0]), 1)[0],
            Split(Functional.Linear(key, weights[1], biases?[1]), 1)[0],
            Split(Functional.Linear(value, weights[2], biases?[2]), 1)[0],
            mask));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Call(input, null);

    private Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor? mask)
    {
        // (N, heads, queries, d)
        var joined = Functional.ScaledDotProductAttention(query, key, value, mask, dropout: Training ? dropout : 0);
        return OutProj.Call(joined.Transpose(1, 2).Flatten(2));
    }

    /// <summary><c>(N, tokens, parts·width) -> parts x (N, heads, tokens, d)</c></summary>
    private Tensor[] Split(Tensor packed, int parts) =>
        packed.Reshape([packed.Size(0), packed.Size(1), parts, heads, packed.Size(2) / parts / heads]).Permute([2, 0, 3, 1, 4]).Unbind(0);
}
