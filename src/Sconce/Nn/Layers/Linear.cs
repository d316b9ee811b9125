using Sconce.Torch;

namespace Sconce.Nn;

/// <summary><c>(…, inputs) -> (…, outputs)</c>: <c>x Wᵀ + b</c>.</summary>
public sealed partial class Linear : Module<Tensor, Tensor>, IWeightedLayer
{
    /// <summary>PyTorch's default initial numbers: uniform within 1/√inputs.</summary>
    public Linear(long inputs, long outputs, bool bias = true)
    {
        Weight = Init.KaimingUniform(Parameter.Empty(outputs, inputs), Math.Sqrt(5));
        double bound = inputs > 0 ? 1 / Math.Sqrt(inputs) : 0;
        Bias = bias ? Init.Uniform(Parameter.Empty(outputs), -bound, bound) : null;
    }

    /// <summary><c>(outputs, inputs)</c></summary>
    public Parameter Weight { get; }

    /// <summary><c>(outputs)</c></summary>
    public Parameter? Bias { get; }

    /// <summary>What answers in place of the layer, such as a compressed form of it; null for the layer itself.</summary>
    public Func<Tensor, Tensor>? Substitute { get; set; }

    /// <inheritdoc/>
    public Tensor CallWith(Tensor weight, Tensor input) => Functional.Linear(input, weight, Bias);

    /// <inheritdoc/>
    int IWeightedLayer.OutputDimension => 0;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Substitute is { } other ? other(input) : CallWith(Weight, input);
}

/// <summary>Gives back what it is given.</summary>
public sealed class Identity : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input;
}

/// <summary>Joins dimensions: <c>(N, C, H, W) -> (N, C·H·W)</c>.</summary>
/// <param name="start">The first dimension joined.</param>
/// <param name="end">The last one.</param>
public sealed class Flatten(int start = 1, int end = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Flatten(start, end);
}

/// <summary><c>integers (…) -> (…, width)</c>: rows of a table.</summary>
public sealed partial class Embedding : Module<Tensor, Tensor>
{
    private readonly int? padding;

    /// <summary>Normal numbers of variance 1; the padding row, if there is one, is zero and gets no gradient.</summary>
    public Embedding(long count, long width, int? padding = null)
    {
        this.padding = padding;
        Weight = Init.Normal(Parameter.Empty(count, width));
        if (padding is not { } row) return;
        using var noGrad = Gradients.Off();
        Weight.FillInPlace(0, row);
    }

    /// <summary><c>(count, width)</c></summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Functional.Embedding(Weight, input, padding ?? -1);
}
