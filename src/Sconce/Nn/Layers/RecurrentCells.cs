using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>One step of an LSTM: <c>(N, inputs)</c>, hidden and cell <c>(N, hidden) -> hidden, cell</c>. Names as PyTorch's:
/// <c>weight_ih</c>, <c>weight_hh</c>, <c>bias_ih</c>, <c>bias_hh</c>.</summary>
public sealed partial class LstmCell : Module<Tensor, Tensor, Tensor, (Tensor Hidden, Tensor Cell)>
{
    /// <summary>Uniform numbers within 1/√hidden.</summary>
    public LstmCell(int inputs, int hidden, bool bias = true)
    {
        double bound = 1 / Math.Sqrt(hidden);
        WeightIh = Init.Uniform(Parameter.Empty(4 * hidden, inputs), -bound, bound);
        WeightHh = Init.Uniform(Parameter.Empty(4 * hidden, hidden), -bound, bound);
        BiasIh = bias ? Init.Uniform(Parameter.Empty(4 * hidden), -bound, bound) : null;
        BiasHh = bias ? Init.Uniform(Parameter.Empty(4 * hidden), -bound, bound) : null;
    }

    /// <summary>Of the input <c>(4·hidden, inputs)</c>; gates: input, forget, cell, output.</summary>
    public Parameter WeightIh { get; }

    /// <summary>Of the state <c>(4·hidden, hidden)</c>.</summary>
    public Parameter WeightHh { get; }

    /// <summary><c>(4·hidden)</c></summary>
    public Parameter? BiasIh { get; }

    /// <summary><c>(4·hidden)</c></summary>
    public Parameter? BiasHh { get; }

    /// <inheritdoc/>
    protected override (Tensor Hidden, Tensor Cell) Forward(Tensor first, Tensor second, Tensor third) =>
        Functional.LstmCell(first, [second, third], WeightIh, WeightHh, BiasIh, BiasHh);
}

/// <summary>One step of gated recurrent units: <c>(N, inputs)</c> and hidden <c>(N, hidden) -> (N, hidden)</c>. Names as
/// PyTorch's.</summary>
public sealed partial class GruCell : Module<Tensor, Tensor, Tensor>
{
    /// <summary>Uniform numbers within 1/√hidden.</summary>
    public GruCell(int inputs, int hidden, bool bias = true)
    {
        double bound = 1 / Math.Sqrt(hidden);
        WeightIh = Init.Uniform(Parameter.Empty(3 * hidden, inputs), -bound, bound);
        WeightHh = Init.Uniform(Parameter.Empty(3 * hidden, hidden), -bound, bound);
        BiasIh = bias ? Init.Uniform(Parameter.Empty(3 * hidden), -bound, bound) : null;
        BiasHh = bias ? Init.Uniform(Parameter.Empty(3 * hidden), -bound, bound) : null;
    }

    /// <summary>Of the input <c>(3·hidden, inputs)</c>; gates: reset, update, new.</summary>
    public Parameter WeightIh { get; }

    /// <summary>Of the state <c>(3·hidden, hidden)</c>.</summary>
    public Parameter WeightHh { get; }

    /// <summary><c>(3·hidden)</c></summary>
    public Parameter? BiasIh { get; }

    /// <summary><c>(3·hidden)</c></summary>
    public Parameter? BiasHh { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor first, Tensor second) => Functional.GruCell(first, second, WeightIh, WeightHh, BiasIh, BiasHh);
}
