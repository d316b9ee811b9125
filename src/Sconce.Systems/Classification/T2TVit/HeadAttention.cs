using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>Softmax attention of given queries, keys and values.</summary>
internal static class HeadAttention
{
    /// <summary><c>softmax(q kᵀ · scale) v</c>, head by head: <c>3 x (N, tokens, width) -> (N, tokens, width)</c>.</summary>
    internal static Tensor Join(Tensor query, Tensor key, Tensor value, int heads, double scale, Dropout dropout)
    {
        using var scope = new TensorScope();
        long batch = query.Size(0), tokens = query.Size(1);
        var scores = (Heads(query) * scale).Matmul(Heads(key).Transpose(-2, -1)); // (N, heads, tokens, tokens)
        var weights = dropout.Call(scores.Softmax(-1));
        return scope.Keep(weights.Matmul(Heads(value)).Transpose(1, 2).Reshape([batch, tokens, -1]));

        Tensor Heads(Tensor x) => x.Reshape([batch, tokens, heads, -1]).Transpose(1, 2);
    }
}

/// <summary>Errors about sequences of tokens.</summary>
internal static class TokenShapes
{
    internal static void Check(Tensor x, string operation)
    {
        if (x.Dimensions != 3)
            throw new TorchException($"{operation}: an input of shape [{string.Join(", ", x.Shape.ToArray())}], but (N, tokens, channels) "
                + $"is expected");
    }
}
