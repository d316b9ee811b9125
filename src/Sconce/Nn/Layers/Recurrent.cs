using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>What recurrent networks share: layers and directions, with PyTorch's parameter names (<c>weight_ih_l0</c>,
/// <c>bias_hh_l1_reverse</c> …).</summary>
/// <typeparam name="TOut">The sequence of the last layer and the last states.</typeparam>
public abstract class Recurrent<TOut> : Module<Tensor, TOut>
{
    private readonly List<(string Key, Parameter Parameter)> weights = [];

    private protected Recurrent(int inputs, int hidden, int layers, int gates, bool bias, bool batchFirst, double dropout,
        bool bidirectional)
    {
        if (inputs < 1 || hidden < 1 || layers < 1)
            throw new ArgumentException($"recurrent: {inputs} inputs, {hidden} hidden units and {layers} layers: each must be 1 at least");
        Hidden = hidden;
        Layers = layers;
        HasBias = bias;
        BatchFirst = batchFirst;
        Dropout = dropout;
        Bidirectional = bidirectional;
        double bound = 1 / Math.Sqrt(hidden);
        for (int layer = 0; layer < layers; layer++)
        {
            foreach (string end in bidirectional ? (string[])["", "_reverse"] : [""])
            {
                int width = layer == 0 ? inputs : hidden * Directions;
                Add($"weight_ih_l{layer}{end}", gates * hidden, width);
                Add($"weight_hh_l{layer}{end}", gates * hidden, hidden);
                if (!bias) continue;
                Add($"bias_ih_l{layer}{end}", gates * hidden);
                Add($"bias_hh_l{layer}{end}", gates * hidden);
            }
        }

        void Add(string key, params ReadOnlySpan<long> shape) => weights.Add((key, Init.Uniform(Parameter.Empty(shape), -bound, bound)));
    }

    /// <summary>The width of a state.</summary>
    public int Hidden { get; }

    /// <summary>How many are stacked.</summary>
    public int Layers { get; }

    /// <summary>Whether there are offsets.</summary>
    public bool HasBias { get; }

    /// <summary>Whether inputs are <c>(N, L, inputs)</c> instead of <c>(L, N, inputs)</c>.</summary>
    public bool BatchFirst { get; }

    /// <summary>The share of each layer's output, but the last's, that is dropped while training.</summary>
    public double Dropout { get; }

    /// <summary>Whether a second set of weights reads the sequence backwards.</summary>
    public bool Bidirectional { get; }

    private protected int Directions => Bidirectional ? 2 : 1;

    private protected Tensor[] Weights => [.. weights.Select(entry => entry.Parameter)];

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var (key, parameter) in weights) visitor.Parameter(key, parameter);
    }

    /// <summary>States of zeros <c>(layers · directions, N, hidden)</c>.</summary>
    private protected Tensor Start(Tensor input)
    {
        if (input.Dimensions != 3)
            throw new TorchException($"{GetType().Name}: an input of shape [{string.Join(", ", input.Shape.ToArray())}] has not the three "
                + $"dimensions {(BatchFirst ? "(N, L, inputs)" : "(L, N, inputs)")}");
        return Tensor.Zeros([Layers * Directions, input.Size(BatchFirst ? 0 : 1), Hidden], input.DType, device: input.Device);
    }
}

/// <summary>
/// Long short-term memory. <c>(L, N, inputs) -> (L, N, hidden · directions)</c> with the last hidden and cell states, both
/// <c>(layers · directions, N, hidden)</c>; gates in PyTorch's order: input, forget, cell, output.
/// </summary>
public sealed class Lstm(int inputs, int hidden, int layers = 1, bool bias = true, bool batchFirst = false, double dropout = 0,
    bool bidirectional = false)
    : Recurrent<(Tensor Output, Tensor Hidden, Tensor Cell)>(inputs, hidden, layers, 4, bias, batchFirst, dropout, bidirectional)
{
    /// <summary>From given states on.</summary>
    /// <param name="input"><c>(L, N, inputs)</c>, or <c>(N, L, inputs)</c>.</param>
    /// <param name="hidden"><c>(layers · directions, N, hidden)</c></param>
    /// <param name="cell"><c>(layers · directions, N, hidden)</c></param>
    public (Tensor Output, Tensor Hidden, Tensor Cell) Call(Tensor input, Tensor hidden, Tensor cell)
    {
        using var scope = new TensorScope();
        return scope.Keep(Run(input, hidden, cell));
    }

    /// <inheritdoc/>
    protected override (Tensor Output, Tensor Hidden, Tensor Cell) Forward(Tensor input)
    {
        var zeros = Start(input);
        return Run(input, zeros, zeros);
    }

    private (Tensor Output, Tensor Hidden, Tensor Cell) Run(Tensor input, Tensor hidden, Tensor cell) =>
        Functional.Lstm(input, [hidden, cell], Weights, HasBias, Layers, Dropout, Training, Bidirectional, BatchFirst);
}

/// <summary>
/// Gated recurrent units. <c>(L, N, inputs) -> (L, N, hidden · directions)</c> with the last states
/// <c>(layers · directions, N, hidden)</c>; gates in PyTorch's order: reset, update, new.
/// </summary>
public sealed class Gru(int inputs, int hidden, int layers = 1, bool bias = true, bool batchFirst = false, double dropout = 0,
    bool bidirectional = false)
    : Recurrent<(Tensor Output, Tensor Hidden)>(inputs, hidden, layers, 3, bias, batchFirst, dropout, bidirectional)
{
    /// <summary>From given states on.</summary>
    /// <param name="input"><c>(L, N, inputs)</c>, or <c>(N, L, inputs)</c>.</param>
    /// <param name="hidden"><c>(layers · directions, N, hidden)</c></param>
    public (Tensor Output, Tensor Hidden) Call(Tensor input, Tensor hidden)
    {
        using var scope = new TensorScope();
        return scope.Keep(Run(input, hidden));
    }

    /// <inheritdoc/>
    protected override (Tensor Output, Tensor Hidden) Forward(Tensor input) => Run(input, Start(input));

    private (Tensor Output, Tensor Hidden) Run(Tensor input, Tensor hidden) =>
        Functional.Gru(input, hidden, Weights, HasBias, Layers, Dropout, Training, Bidirectional, BatchFirst);
}
