using Sconce.Torch;

namespace Sconce.Sampling;

/// <summary>How a token is drawn from its logits: temperature first, then the likeliest <see cref="TopK"/>, then the nucleus.</summary>
public sealed record TokenSampler
{
    /// <summary>Always the likeliest.</summary>
    public static TokenSampler Greedy { get; } = new() { TopK = 1, IsGreedy = true };

    /// <summary>What logits are divided by: below 1 for likelier tokens, above for rarer ones.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>How many of the likeliest tokens may be drawn; null for all.</summary>
    public int? TopK { get; init; }

    /// <summary>The probability that the tokens which may be drawn have together; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Whether the likeliest is taken without drawing.</summary>
    public bool IsGreedy { get; private init; }

    /// <summary>Probabilities of what may be drawn: <c>(N, tokens) -> (N, tokens)</c>.</summary>
    public Tensor Probabilities(Tensor logits)
    {
        using var scope = new TensorScope();
        var x = logits / Temperature;
        if (TopK is { } count) x = LogitFilter.TopK(x, count);
        if (TopP < 1) x = LogitFilter.Nucleus(x, TopP);
        return scope.Keep(x.Softmax(-1));
    }

    /// <summary>One token a row: <c>(N, tokens) -> (N, 1)</c>.</summary>
    /// <param name="logits"><c>(N, tokens)</c></param>
    /// <param name="chance">
    /// A source for each row, so that rows do not depend on each other; one for all; or none, and libtorch's own is taken.
    /// </param>
    /// <exception cref="ArgumentException">There are neither none, nor one, nor as many as rows.</exception>
    public Tensor Draw(Tensor logits, params IReadOnlyList<Generator> chance)
    {
        if (chance.Count > 1 && chance.Count != logits.Size(0))
        {
            throw new ArgumentException($"{chance.Count} sources of chance for {logits.Size(0)} rows: give one for each, or one for all");
        }

        using var scope = new TensorScope();
        if (IsGreedy) return scope.Keep(logits.Argmax(-1, keepdim: true));
        var probabilities = Probabilities(logits).Cpu();
        var drawn = chance.Count < 2
            ? probabilities.Multinomial(1, generator: chance.Count == 0 ? null : chance[0])
            : Tensor.Cat([.. chance.Select((source, row) => probabilities.Narrow(0, row, 1).Multinomial(1, generator: source))], 0);
        return scope.Keep(drawn.To(logits.Device));
    }
}
