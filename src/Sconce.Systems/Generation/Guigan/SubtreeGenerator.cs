using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// Writes a screen as a sequence of sub-trees, top to bottom: tokens <c>(N, L)</c> to log-probabilities of the token after each,
/// <c>(N·L, vocabulary)</c>, screen by screen. 2101.09978 §III-C, 1609.05473 §3.2; GUIGAN code/generator.py.
/// </summary>
public sealed partial class SubtreeGenerator : Module<Tensor, Tensor>
{
    /// <summary>The token before the first.</summary>
    public const long Start = 0;

    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="vocabulary">Sub-trees, blank strips and padding together.</param>
    /// <param name="width">Of a token's vector.</param>
    /// <param name="hidden">Of the state.</param>
    public SubtreeGenerator(int vocabulary, int width = 32, int hidden = 32)
    {
        Vocabulary = vocabulary;
        Emb = new Embedding(vocabulary, width);
        Lstm = new Lstm(width, hidden, batchFirst: true);
        Lin = new Linear(hidden, vocabulary);
        GuiganLayers.DrawInitialWeights(this);
    }

    /// <summary>How many tokens there are.</summary>
    public int Vocabulary { get; }

    /// <summary>Vectors of the tokens.</summary>
    public Embedding Emb { get; }

    /// <summary>What has been written so far.</summary>
    public Lstm Lstm { get; }

    /// <summary>What comes next.</summary>
    public Linear Lin { get; }

    /// <summary>Writes screens of a length.</summary>
    /// <param name="count">How many.</param>
    /// <param name="length">Tokens of each.</param>
    /// <param name="draw">From probabilities <c>(N, vocabulary)</c> to tokens <c>(N)</c>; libtorch's generator draws where left
    /// out.</param>
    /// <returns>Tokens <c>(count, length)</c>.</returns>
    public Tensor Sample(int count, int length, Func<Tensor, Tensor>? draw = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var start = Tensor.Full([count, 1], Start, DType.Int64, device: Emb.Weight.Device);
        return scope.Keep(Continue(start, length, draw));
    }

    /// <summary>Writes the rest of screens that have begun.</summary>
    /// <param name="beginning">Tokens <c>(N, l)</c>, one at least.</param>
    /// <param name="length">Tokens of the whole, at least l.</param>
    /// <param name="draw">See <see cref="Sample"/>; it is called once for each token written.</param>
    /// <returns>Tokens <c>(N, length)</c>, the beginning among them.</returns>
    /// <exception cref="ArgumentException">There is no beginning, or it is longer than the whole.</exception>
    public Tensor Complete(Tensor beginning, int length, Func<Tensor, Tensor>? draw = null)
    {
        if (beginning.Dimensions != 2 || beginning.Size(1) < 1 || beginning.Size(1) > length)
        {
            throw new ArgumentException(
                $"GUIGAN: a beginning of shape [{string.Join(", ", beginning.Shape.ToArray())}] for screens of {length} tokens",
                    nameof(beginning));
        }

        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return scope.Keep(Tensor.Cat([beginning, Continue(beginning, length - (int)beginning.Size(1), draw)], 1));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor tokens)
    {
        var (states, _, _) = Lstm.Call(Emb.Call(tokens));
        return Lin.Call(states.Reshape([-1, states.Size(2)])).LogSoftmax(-1);
    }

    /// <summary>The tokens that follow those given: <c>(N, l) -> (N, count)</c>.</summary>
    private Tensor Continue(Tensor before, int count, Func<Tensor, Tensor>? draw)
    {
        draw ??= probabilities => probabilities.Multinomial(1).Squeeze(1);
        var written = new List<Tensor>();
        if (count == 0) return before[.., ..0];
        var (states, hidden, cell) = Lstm.Call(Emb.Call(before));
        while (true)
        {
            var next = draw(Lin.Call(states[.., ^1]).Softmax(-1));
            written.Add(next);
            if (written.Count == count) return Tensor.Stack([.. written], 1);
            (states, hidden, cell) = Lstm.Call(Emb.Call(next.Unsqueeze(1)), hidden, cell);
        }
    }
}
